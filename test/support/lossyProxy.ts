import { createConnection, createServer } from 'node:net';

/** libvirt's RPC: each message begins with its length, then program, version, procedure, type, serial, status. */
const HEADER_BYTES = 28;
const TYPE_REPLY = 1;
/** `REMOTE_PROC_DOMAIN_GET_XML_DESC` of libvirt's remote_protocol.x. */
const DOMAIN_GET_XML_DESC = 14;
/** `REMOTE_PROC_DOMAIN_GET_MESSAGES` */
export const DOMAIN_GET_MESSAGES = 426;
/** `REMOTE_PROC_DOMAIN_MANAGED_SAVE_GET_XML_DESC` */
export const DOMAIN_MANAGED_SAVE_GET_XML_DESC = 388;

/**
 * Forwards a libvirt connection, but loses the reply to one request of a kind: a domain that is stuck while the daemon
 * and all others are well.
 * @param which - the number of the lost reply among those to such requests, from 0
 * @param procedure - what is requested, by default a domain's XML
 */
export async function startLossyProxy(
  target: string,
  path: string,
  which: number,
  procedure = DOMAIN_GET_XML_DESC,
): Promise<{ close(): void }> {
  let replies = 0;
  const server = createServer((client) => {
    const upstream = createConnection(target);
    client.on('data', (chunk) => upstream.write(chunk));
    let buffered = Buffer.alloc(0);
    upstream.on('data', (chunk: Buffer) => {
      buffered = Buffer.concat([buffered, chunk]);
      for (;;) {
        const length = buffered.length < HEADER_BYTES ? Number.POSITIVE_INFINITY : buffered.readUInt32BE(0);
        if (buffered.length < length) return;
        const message = buffered.subarray(0, length);
        buffered = buffered.subarray(length);
        const isSuch = message.readUInt32BE(12) === procedure && message.readUInt32BE(16) === TYPE_REPLY;
        if (!isSuch || replies++ !== which) client.write(message);
      }
    });
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return { close: () => void server.close() };
}
