import { freeUdpPort } from './freePort.js';
import { type PrivateChronyd, startPrivateChronyd } from './privateChronyd.js';
import { waitUntil } from './waitUntil.js';

/** A chronyd that follows another one, which serves its own clock at stratum 1. */
export interface SynchronisedPair {
  readonly server: PrivateChronyd;
  readonly client: PrivateChronyd;
  /** Stops the server and resolves when the client has missed eight answers (about eight seconds): holdover. */
  loseServer(): Promise<void>;
  stop(): Promise<void>;
}

const rows = async (chronyd: PrivateChronyd, report: string) =>
  (await chronyd.chronyc('-c', report))
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(','));

async function isSynchronised(chronyd: PrivateChronyd): Promise<boolean> {
  const selected = (await rows(chronyd, 'sources')).some(([, state]) => state === '*');
  const [tracking = []] = await rows(chronyd, 'tracking');
  const skewPpm = Number(tracking[9]);
  // For about a second after the first update the skew may be 1000000 ppm, and the root dispersion grows by it.
  return selected && tracking[13] === 'Normal' && skewPpm < 1000;
}

async function hasLostAll(chronyd: PrivateChronyd): Promise<boolean> {
  return (await rows(chronyd, 'sources')).every(([, , , , , reach]) => reach === '0');
}

/** Starts a server and a client and resolves when the client has selected it and is synchronised. */
export async function startSynchronised(): Promise<SynchronisedPair> {
  const port = await freeUdpPort();
  const server = await startPrivateChronyd({
    config: ['local stratum 1', `port ${port}`, 'bindaddress 127.0.0.1', 'allow 127.0.0.1'],
  });
  const client = await startClient({ address: '127.0.0.1', port }).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  const stop = async () => void (await Promise.all([client.stop(), server.stop()]));
  try {
    await untilSynchronised(client);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    server,
    client,
    async loseServer() {
      await server.stop();
      await waitUntil('the loss of all sources', () => hasLostAll(client), { timeoutMs: 30_000 });
    },
    stop,
  };
}

/** Starts a chronyd whose only server never answers. */
export async function startUnsynchronised(): Promise<PrivateChronyd> {
  return startClient({ address: '127.0.0.1', port: await freeUdpPort() });
}

/** Starts a chronyd without any source that calls its own clock right (`local stratum 8`). */
export function startLocalStratumOnly(): Promise<PrivateChronyd> {
  return startPrivateChronyd({ config: ['local stratum 8', 'port 0'] });
}

/** Starts a chronyd that asks these servers once a second. */
export function startClient(...servers: { address: string; port: number }[]): Promise<PrivateChronyd> {
  const sources = servers.map(
    ({ address, port }) => `server ${address} port ${port} iburst minpoll 0 maxpoll 0`,
  );
  return startPrivateChronyd({ config: [...sources, 'port 0'] });
}

/** Resolves when the chronyd follows a source and its estimates have settled (one to three seconds). */
export async function untilSynchronised(chronyd: PrivateChronyd): Promise<void> {
  await waitUntil('synchronisation', () => isSynchronised(chronyd), { timeoutMs: 30_000 });
}

/** Resolves when each of these sources has the state that chronyc writes so; `usable` stands for `*`, `+` and `-`. */
export function untilState(chronyd: PrivateChronyd, state: string, ...addresses: string[]): Promise<void> {
  const wanted = state === 'usable' ? ['*', '+', '-'] : [state];
  return untilEach(chronyd, `the state ${state}`, addresses, ([, found = '']) => wanted.includes(found));
}

/** Resolves when none of these sources has answered one of the last eight polls (about eight seconds). */
export function untilUnreachable(chronyd: PrivateChronyd, ...addresses: string[]): Promise<void> {
  return untilEach(chronyd, 'eight lost answers', addresses, ([, , , , , reach]) => reach === '0');
}

/** Resolves when each of these sources has answered as many polls in a row. */
export function untilReachable(
  chronyd: PrivateChronyd,
  polls: number,
  ...addresses: string[]
): Promise<void> {
  const wanted = 2 ** polls - 1;
  return untilEach(
    chronyd,
    `${polls} answers`,
    addresses,
    ([, , , , , reach = '0']) => (Number.parseInt(reach, 8) & wanted) === wanted,
  );
}

async function untilEach(
  chronyd: PrivateChronyd,
  what: string,
  addresses: readonly string[],
  holds: (source: string[]) => boolean,
): Promise<void> {
  const all = async () => {
    const found = (await rows(chronyd, 'sources')).filter(([, , name = '']) => addresses.includes(name));
    return found.length === addresses.length && found.every(holds);
  };
  await waitUntil(`${what} of ${addresses.join(', ')}`, all, { timeoutMs: 40_000, intervalMs: 200 });
}
