import type { RecordedEntry } from '../recording.js';
import type { Collected } from './collected.js';

const LISTING = /^sos_commands\/[\w-]+\/ls_-[a-zA-Z]+_\.var\.lib\.libvirt\.qemu$/;
const DIRECTORY = '/var/lib/libvirt/qemu/save';

/**
 * The managed save images that the report's list of /var/lib/libvirt/qemu shows. They themselves are not collected: that
 * they are there is all that counts.
 * @returns nothing where the directory was not listed
 */
export function savedImages(report: Collected): ReadonlyMap<string, RecordedEntry> {
  const entries = new Map<string, RecordedEntry>();
  for (const [path, { entry }] of report) {
    if (!LISTING.test(path) || entry.kind !== 'file') continue;
    const lines = entry.bytes.toString('utf8').split('\n');
    const start = lines.indexOf(`${DIRECTORY}:`);
    if (start < 0) continue;
    entries.set(DIRECTORY, { kind: 'directory' });
    for (const line of lines.slice(start + 1)) {
      // An empty line stands between two directories.
      if (line === '') break;
      const name = /^-\S+ +\d+ +\S+ +\S+ +\S+ +\w+ +\d+ +[\d:]+ ([^/]+\.save)$/.exec(line)?.[1];
      if (name !== undefined) entries.set(`${DIRECTORY}/${name}`, { kind: 'unreadable' });
    }
  }
  return entries;
}
