import { createConnection, createServer } from 'node:net';

/** libvirt's RPC: each message begins with its length, then program, version, procedure, type, serial, status. */
const HEADER_BYTES = 28;
const TYPE_REPLY = 1;
/** `REMOTE_PROC_DOMAIN_GET_XML_DESC` of libvirt's remote_protocol.x. */
const DOMAIN_GET_XML_DESC = 14;

/**
 * Forwards a libvirt connection, but loses the reply to one request for a domain's XML: a domain that is stuck
 * while the daemon and all others are well.
 * @param which - the number of the lost reply among those for XML, from 0
 */
export async function startLossyProxy(
  target: string,
  path: string,
  which: number,
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
        const isXml =
          message.readUInt32BE(12) === DOMAIN_GET_XML_DESC && message.readUInt32BE(16) === TYPE_REPLY;
        if (!isXml || replies++ !== which) client.write(message);
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
