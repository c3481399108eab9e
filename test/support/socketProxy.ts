import { rm } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';

export interface ProxyLimit {
  /** How many bytes from the server reach the client, over all connections. */
  after: number;
  /** What happens then: silence on an open connection, or its end. */
  outcome: 'stall' | 'close';
}

export interface SocketProxy {
  readonly path: string;
  /** Bytes from the server that reached the client so far. */
  readonly bytesForwarded: number;
  close(): Promise<void>;
}

/**
 * Listens at a unix socket and forwards to another one until the limit is reached, so that a daemon can fail at the
 * same point of a conversation every time. The client has to be another process or leave the event loop running.
 */
export async function startSocketProxy(
  target: string,
  path: string,
  limit: ProxyLimit,
): Promise<SocketProxy> {
  const open = new Set<Socket>();
  let forwarded = 0;

  function fail(): void {
    for (const socket of open) {
      if (limit.outcome === 'close') socket.destroy();
      else socket.removeAllListeners('data').pause();
    }
  }

  const server = createServer({ allowHalfOpen: false }, (client) => {
    const upstream = createConnection(target);
    for (const [socket, other] of [[client, upstream] as const, [upstream, client] as const]) {
      open.add(socket);
      socket.unref();
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
    }
    if (forwarded >= limit.after) return fail();
    client.on('data', (chunk) => upstream.write(chunk));
    upstream.on('data', (chunk: Buffer) => {
      const part = chunk.subarray(0, limit.after - forwarded);
      forwarded += part.length;
      if (forwarded < limit.after) client.write(part);
      else client.write(part, fail);
    });
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  server.unref();
  return {
    path,
    get bytesForwarded() {
      return forwarded;
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await rm(path, { force: true });
    },
  };
}
