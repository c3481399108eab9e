import type { Problem } from '../facts/facts.js';
import { markedParts } from './markedParts.js';
import type { Records } from './records.js';

/** Bodies of several parts, whose end is marked, and what people call them. */
const MARKED: Readonly<Record<string, string>> = {
  processes: "QEMU's command lines",
  'xml-files': "libvirt's files",
  'virsh-answer': 'what virsh said',
};

/**
 * What the collector began and did not finish, though it came to its end itself: a program that it ran died, or there
 * was more than it takes.
 */
export function brokenOff({ records, nonce }: Records, origin: string): Problem[] {
  const broken = new Set<string>();
  const missing = new Set<string>();
  for (const [index, { kind, words, body }] of records.entries()) {
    if (kind === 'cut') broken.add(`what comes before its record ${index + 1}`);
    if (kind === 'xml-file') missing.add(words);
    const what = MARKED[kind];
    if (what === undefined) continue;
    const { parts, complete } = markedParts(body.toString('utf8'), nonce);
    // What virsh did not say in time is told of each domain.
    if (!complete && records[index - 1]?.kind !== 'virsh-hung') broken.add(what);
    for (const { words: mark } of parts) {
      if (mark[0] === 'file' || mark[0] === 'gone') missing.delete(mark.slice(1).join(':'));
    }
  }
  const cause = 'recording-cut-off';
  return [
    ...[...broken].map((what) => {
      const reason = `${what} broke off in the recording: what follows the last whole part of it is not known; record it again`;
      return { target: origin, cause, reason };
    }),
    ...[...missing].map((path) => {
      const reason = 'was there, but its text is not in the recording; record it again';
      return { target: `${path} on ${origin}`, cause, reason };
    }),
  ];
}
