/** The place in a document that the benchmark owns. */
import { readFile, writeFile } from 'node:fs/promises';

const START = '<!-- bench:start -->';
const END = '<!-- bench:end -->';

/** @throws when the document has no such place: better known before the rounds than after them */
export async function requireMarkers(path) {
  markers(path, await readFile(path, 'utf8'));
}

export async function replaceBetweenMarkers(path, table) {
  const text = await readFile(path, 'utf8');
  const { start, end } = markers(path, text);
  await writeFile(path, `${text.slice(0, start)}\n\n${table}\n${text.slice(end)}`);
}

function markers(path, text) {
  const start = text.indexOf(START);
  const end = text.indexOf(END, start);
  if (start < 0 || end < 0) throw new Error(`${path} has no ${START} followed by ${END}`);
  return { start: start + START.length, end };
}
