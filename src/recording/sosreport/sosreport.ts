import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { RecordedEntry, Recording } from '../recording.js';
import { RecordingUnreadable } from '../recordingUnreadable.js';
import { isLocaltimeUnseen } from '../unseenZones.js';
import { holdsTar, packingOf } from './archiveBytes.js';
import { chronycRuns } from './chronycRuns.js';
import type { Collected } from './collected.js';
import { collectFromArchive, collectFromDirectory } from './collectReport.js';
import { outputOf } from './commandOutput.js';
import { readMachine } from './machine.js';
import { readProcesses } from './processes.js';
import { savedImages } from './savedImages.js';
import { TAR_BLOCK_BYTES } from './tarHeader.js';
import { uncollected } from './uncollected.js';
import { readVirsh } from './virsh.js';

/** The first bytes of what OpenPGP encrypts: packets with a session key (RFC 9580, section 4.2), or its armour. */
const ENCRYPTED = /^(?:[\x84-\x86\x8c-\x8e\xc1\xc3]|-----BEGIN PGP MESSAGE)/;

/**
 * Whether this may be a sosreport: a directory, an archive, or one that is encrypted.
 * @throws the file system's error
 */
export function looksLikeSosreport(path: string): boolean {
  if (path === '-') return false;
  const stats = statSync(path);
  if (stats.isDirectory()) return true;
  if (!stats.isFile()) return false;
  const start = startOf(path);
  const packing = packingOf(start);
  // What else is packed with gzip may be a recording, or saved facts.
  return packing === 'gzip' ? holdsTar(path) : packing !== null || isEncrypted(path, start);
}

/**
 * Reads a report of `sos report`: a directory, or a tar archive as it is or packed with gzip, xz or bzip2. Nothing is
 * unpacked to disk, and no link of it is followed.
 * @throws RecordingUnreadable for what is none, and for one that is encrypted or damaged; or the file system's error
 * @see {@link https://github.com/sosreport/sos}, sos/report/plugins for what is collected
 */
export async function readSosreport(path: string): Promise<Recording> {
  const report = await collect(path);
  const top = basename(path).replace(/\.(tar|tgz|tbz2?|txz).*$/, '');
  const { timeIsOfFiles, ...machine } = readMachine(report, top);
  const { architecture, recordedAtSeconds } = machine;
  const processes = readProcesses(report);
  const { problems, ...told } = readVirsh(report);
  const entries = entriesOf(report, processes.entries);
  const runs = chronycRuns(report);
  const untimed = 'the sosreport holds no date in UTC; the times of its files stand for it';
  return {
    origin: path,
    ...machine,
    // sos report takes root.
    uid: 0,
    hardwareClockReadAtSeconds: recordedAtSeconds,
    ...told,
    ...{ entries, runs, problems },
    unrecorded: uncollected(entries, architecture.known ? architecture.value : null, processes, runs),
    notes: timeIsOfFiles ? [untimed] : [],
  };
}

async function collect(path: string): Promise<Collected> {
  if (statSync(path).isDirectory()) return collectFromDirectory(path);
  const start = startOf(path);
  const packing = packingOf(start);
  if (packing !== null) return collectFromArchive(path, packing);
  throw new RecordingUnreadable(
    isEncrypted(path, start)
      ? 'is encrypted; decrypt it first, as with gpg --output sosreport.tar.xz --decrypt'
      : 'is no sosreport: neither a directory nor a tar archive',
  );
}

function startOf(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const start = Buffer.alloc(TAR_BLOCK_BYTES);
    return start.subarray(0, readSync(file, start));
  } finally {
    closeSync(file);
  }
}

function isEncrypted(path: string, start: Buffer): boolean {
  return path.endsWith('.gpg') || ENCRYPTED.test(start.toString('latin1', 0, 32));
}

/** The machine's own files where they lay; what sos adds to them is not the machine's. */
function entriesOf(
  report: Collected,
  processes: ReadonlyMap<string, RecordedEntry>,
): Map<string, RecordedEntry> {
  const entries = new Map(processes);
  for (const [path, { entry }] of report) {
    // A copy of what lies behind the link /var/run is the same.
    const place = `/${path.replace(/^var\/run\//, 'run/')}`;
    if (!path.startsWith('sos_commands') && !path.startsWith('proc/')) entries.set(place, entry);
    // Of processes only what was understood of the time daemons is there.
    if (/^proc\/(cmdline|cpuinfo|sysinfo|xen\/.*)$/.test(path)) entries.set(`/${path}`, entry);
  }
  for (const [path, entry] of savedImages(report)) entries.set(path, entry);
  const zone = /^[ \t]*Time ?zone: ([A-Za-z][\w+-]*(?:\/[\w+-]+){0,2}) \(/m.exec(
    outputOf(report, 'timedatectl') ?? '',
  )?.[1];
  // Where it finds no name, timedatectl prints n/a.
  const isMissing = !entries.has('/etc/localtime') || isLocaltimeUnseen(entries);
  if (zone && zone !== 'n/a' && isMissing) {
    entries.set('/etc/localtime', { kind: 'link', target: `/usr/share/zoneinfo/${zone}` });
  }
  return entries;
}
