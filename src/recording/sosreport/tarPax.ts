/**
 * The records of an extended header: each is its own length, a blank, a keyword, `=` and a value, with a line feed at
 * the end. Reading ends at the first one that is not of this form.
 * @see pax(1p), "pax Extended Header"
 */
export function paxRecords(content: Buffer): Record<string, string> {
  const records: [string, string][] = [];
  for (let at = 0; at < content.length; ) {
    const blank = content.indexOf(0x20, at);
    const length = blank < 0 ? Number.NaN : Number(content.toString('latin1', at, blank));
    if (!Number.isInteger(length) || length <= blank - at + 1 || at + length > content.length) break;
    const record = content.toString('utf8', blank + 1, at + length - 1);
    const equals = record.indexOf('=');
    if (equals > 0) records.push([record.slice(0, equals), record.slice(equals + 1)]);
    at += length;
  }
  return Object.fromEntries(records.filter(([name]) => ['path', 'linkpath', 'size', 'mtime'].includes(name)));
}
