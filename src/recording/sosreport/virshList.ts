import { RecordingUnreadable } from '../recordingUnreadable.js';

/** What `virsh list --all` tells. */
export interface ListedDomains {
  readonly names: ReadonlySet<string>;
  /** Lines that are not as virsh writes them: each stands for a domain that is not known. */
  readonly garbled: readonly string[];
}

/** What virsh writes in its last column: `virshDomainStateTypeToString` in libvirt's tools/virsh-domain-monitor.c. */
const STATES = ['running', 'idle', 'paused', 'in shutdown', 'shut off', 'crashed', 'pmsuspended', 'no state'];
/** A name is one of a file in the end, which has at most 255 bytes. */
const LONGEST_LINE = 1024;
const MOST_LINES = 20_000;

/**
 * Reads the table that `virsh list --all` prints.
 * @returns null for what is none
 * @throws RecordingUnreadable for more domains than any host has
 */
export function listedDomains(text: string): ListedDomains | null {
  const lines = text.split('\n');
  const rule = lines.findIndex((line) => /^-{10,}[ \t]*$/.test(line));
  if (rule < 1 || !/^[ \t]*Id[ \t]+Name[ \t]+State[ \t]*$/.test(lines[rule - 1] ?? '')) return null;
  const rows = lines.slice(rule + 1).filter((line) => line.trim() !== '');
  if (rows.length > MOST_LINES) {
    throw new RecordingUnreadable(`holds a list of more than ${MOST_LINES} domains, which no host has`);
  }
  const names = new Set<string>();
  const garbled: string[] = [];
  for (const row of rows) {
    const name = nameIn(row);
    if (name === null) garbled.push(row);
    else names.add(name);
  }
  return { names, garbled };
}

/** A state may be two words, as may a name; before libvirt 4.10 there is a single blank behind a long name. */
function nameIn(row: string): string | null {
  if (row.length > LONGEST_LINE) return null;
  const rest = /^(?:\d+|-)[ \t]+(\S.*)$/.exec(row.trim())?.[1];
  const state = STATES.find((it) => rest?.endsWith(` ${it}`));
  return rest === undefined || state === undefined ? null : rest.slice(0, -state.length).trimEnd();
}
