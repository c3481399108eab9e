import { createConnection, createServer, type Socket } from 'node:net';

/** libvirt's RPC: each message begins with its length, then program, version, procedure, type, serial, status. */
const HEADER_BYTES = 28;
/** `REMOTE_PROGRAM` of libvirt's remote_protocol.x; keep-alive messages belong to another one. */
const REMOTE_PROGRAM = 0x20008086;
const TYPE_CALL = 0;
const TYPE_REPLY = 1;

/** `REMOTE_PROC_DOMAIN_LOOKUP_BY_UUID` */
export const DOMAIN_LOOKUP_BY_UUID = 24;
/** `REMOTE_PROC_DOMAIN_DEFINE_XML_FLAGS` */
export const DOMAIN_DEFINE_XML_FLAGS = 350;

/** One message between a client and the daemon. */
export interface RpcMessage {
  readonly kind: 'call' | 'reply';
  readonly procedure: number;
  /** Its last four bytes. */
  readonly lastWord: number;
}

/**
 * Forwards libvirt connections and shows each message before it goes on; one that `onMessage` returns false for is
 * lost, and so is everything after it on that connection.
 */
export async function startRpcWatch(
  target: string,
  path: string,
  onMessage: (message: RpcMessage) => boolean | Promise<boolean>,
): Promise<{ close(): void }> {
  const server = createServer((client) => {
    const upstream = createConnection(target);
    forward(client, upstream, onMessage);
    forward(upstream, client, onMessage);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return { close: () => void server.close() };
}

function forward(
  from: Socket,
  to: Socket,
  onMessage: (message: RpcMessage) => boolean | Promise<boolean>,
): void {
  let buffered = Buffer.alloc(0);
  let lost = false;
  let last = Promise.resolve();
  from.on('data', (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    for (;;) {
      const length = buffered.length < HEADER_BYTES ? Number.POSITIVE_INFINITY : buffered.readUInt32BE(0);
      if (buffered.length < length) return;
      const message = buffered.subarray(0, length);
      buffered = buffered.subarray(length);
      last = last.then(async () => {
        lost ||= !(await onMessage(describe(message)));
        if (!lost && !to.destroyed) to.write(message);
      });
    }
  });
}

function describe(message: Buffer): RpcMessage {
  const type = message.readUInt32BE(16);
  const isRemote = message.readUInt32BE(4) === REMOTE_PROGRAM;
  if (isRemote && type !== TYPE_CALL && type !== TYPE_REPLY) throw new Error(`message of type ${type}`);
  return {
    kind: type === TYPE_CALL ? 'call' : 'reply',
    procedure: isRemote ? message.readUInt32BE(12) : -1,
    lastWord: message.readUInt32BE(message.length - 4),
  };
}
