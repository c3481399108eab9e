import { structuredPatch } from 'diff';

/**
 * A unified diff that `patch -p1` and `git apply` take.
 * @param path - the file's path in the headers, without a leading slash
 */
export function unifiedDiff(path: string, before: string, after: string): string {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: 3 });
  const lines = [`--- ${quotePath(`a/${path}`)}`, `+++ ${quotePath(`b/${path}`)}`];
  for (const { oldStart, oldLines, newStart, newLines, lines: body } of hunks) {
    lines.push(`@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`, ...body);
  }
  return `${lines.join('\n')}\n`;
}

/** Quotes a path as git does; a name with a blank needs a tab behind it to be read whole. */
function quotePath(path: string): string {
  if (/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/.test(path)) return path.includes(' ') ? `${path}\t` : path;
  const quoted = Array.from(Buffer.from(path), (byte) => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
    return byte < 0x20 || byte > 0x7e ? `\\${byte.toString(8).padStart(3, '0')}` : String.fromCharCode(byte);
  });
  return `"${quoted.join('')}"`;
}
