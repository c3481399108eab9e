import { createSocket } from 'node:dgram';

export interface NtpServerOptions {
  /** The address to listen at; chrony wants one address for each source, such as 127.0.0.2. */
  address?: string;
  /** A free one by default. */
  port?: number;
  /** How far the server's clock is ahead of this machine's. */
  offsetSeconds?: number;
  /** How fast that grows: positive for a clock that runs fast. */
  driftPpm?: number;
  /** The leap indicator: 0 none, 1 insert, 2 delete, 3 not synchronised. */
  leap?: number;
  stratum?: number;
  rootDelaySeconds?: number;
  rootDispersionSeconds?: number;
}

export interface NtpServer {
  readonly address: string;
  readonly port: number;
  /** May be called again. */
  close(): Promise<void>;
}

const secondsFrom1900To1970 = 2_208_988_800;
const precisionLog2Seconds = -20;
const serverMode = 4;

/** Starts an NTP server at a free port that answers every request with the values asked for. */
export async function startNtpServer(options: NtpServerOptions = {}): Promise<NtpServer> {
  const { address = '127.0.0.1', offsetSeconds = 0, driftPpm = 0, leap = 0, stratum = 1 } = options;
  const { rootDelaySeconds = 0, rootDispersionSeconds = 0 } = options;
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  const startedAt = performance.now();
  const ahead = () => offsetSeconds + (driftPpm / 1e6) * ((performance.now() - startedAt) / 1000);

  socket.on('message', (request, peer) => {
    if (request.length < 48) return;
    const received = exactSeconds() + ahead();
    const answer = Buffer.alloc(48);
    answer.writeUInt8((leap << 6) | (request.readUInt8(0) & 0b0011_1000) | serverMode, 0);
    answer.writeUInt8(stratum, 1);
    answer.writeInt8(request.readInt8(2), 2);
    answer.writeInt8(precisionLog2Seconds, 3);
    answer.writeUInt32BE(Math.round(rootDelaySeconds * 0x1_0000), 4);
    answer.writeUInt32BE(Math.round(rootDispersionSeconds * 0x1_0000), 8);
    // Above stratum 1 the reference is an address, here one that is nobody's: the client's own would be a loop.
    if (stratum === 1) answer.write('TEST', 12, 'latin1');
    else answer.set([192, 0, 2, 1], 12);
    writeTimestamp(answer, received - 1, 16);
    request.copy(answer, 24, 40, 48);
    writeTimestamp(answer, received, 32);
    writeTimestamp(answer, exactSeconds() + ahead(), 40);
    socket.send(answer, peer.port, peer.address);
  });

  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(options.port ?? 0, address, resolve);
  });
  // A forgotten server must not keep mocha from ending.
  socket.unref();
  let closed: Promise<void> | undefined;
  return {
    address,
    port: socket.address().port,
    close: () => {
      closed ??= new Promise((resolve) => socket.close(() => resolve()));
      return closed;
    },
  };
}

/**
 * The system time in seconds. Date.now() counts whole milliseconds and the performance clock does not follow the
 * system clock: waiting for the next millisecond is exact to some microseconds.
 */
function exactSeconds(): number {
  const asked = performance.now();
  const before = Date.now();
  let now = before;
  while (now === before) now = Date.now();
  return now / 1000 - (performance.now() - asked) / 1000;
}

function writeTimestamp(packet: Buffer, unixSeconds: number, at: number): void {
  const whole = Math.floor(unixSeconds);
  packet.writeUInt32BE((whole + secondsFrom1900To1970) % 2 ** 32, at);
  packet.writeUInt32BE(Math.floor((unixSeconds - whole) * 2 ** 32), at + 4);
}
