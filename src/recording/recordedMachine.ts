import { type Fact, known, unknown } from '../facts/fact.js';
import type { Problem } from '../facts/facts.js';
import { brokenOff } from './brokenOff.js';
import { recordedEntries } from './recordedEntries.js';
import { recordedRuns } from './recordedRuns.js';
import type { Recording } from './recording.js';
import { RecordingUnreadable } from './recordingUnreadable.js';
import type { Records } from './records.js';
import { virshRecord } from './virshAnswers.js';

/**
 * Makes a recording of what the collector wrote down.
 * @throws RecordingUnreadable when not even the machine's clock is in it
 */
export function machineOf(stream: Records, origin: string): Recording {
  const { records, whole, skippedBytes } = stream;
  const facts = new Map<string, string>();
  const clocks: string[] = [];
  const sections = new Set<string>();
  const problems: Problem[] = [];
  for (const { kind, words } of records) {
    const [name = '', value = ''] = splitWord(words);
    if (kind === 'fact' && name === 'hardware-clock') clocks.push(value);
    else if (kind === 'fact' && !facts.has(name)) facts.set(name, value);
    else if (kind === 'section') sections.add(words);
    else if (kind === 'problem')
      problems.push({ target: origin, cause: causeOf(name), reason: printable(value) });
  }
  const recordedAtSeconds = instant(facts.get('clock'));
  if (recordedAtSeconds === null) {
    throw new RecordingUnreadable('broke off before it told anything of its machine; record it again');
  }
  const { entries, hiddenEnvironments, stateDirectories, garbledCount } = recordedEntries(stream);
  const garbled = stream.garbledCount + garbledCount;
  const failed = records.find(({ kind }) => kind === 'virsh-failed');
  const hostname = facts.get('hostname') ?? '';
  const uid = facts.get('uid') ?? '';
  const chronyHost = facts.get('chrony-host');
  const deadline = facts.get('deadline') ?? '';
  const deadlineSeconds = /^[1-9]\d{0,3}$/.test(deadline) ? Number(deadline) : undefined;
  return {
    origin,
    hostname: /^[\w.-]{1,253}$/.test(hostname) ? hostname : origin,
    architecture: told(facts.get('architecture'), 'uname -m'),
    kernelRelease: told(facts.get('kernel'), 'uname -r'),
    uid: /^\d{1,10}$/.test(uid) ? Number(uid) : null,
    recordedAtSeconds,
    hardwareClockReadAtSeconds: hardwareClockReadAt(clocks, entries) ?? recordedAtSeconds,
    ...(chronyHost !== undefined && { chronyHost }),
    ...(deadlineSeconds !== undefined && { deadlineSeconds }),
    entries,
    runs: recordedRuns(records),
    virsh: virshRecord(stream, deadlineSeconds),
    ...(failed && { virshMissing: printable(failed.words) }),
    ...{ stateDirectories, hiddenEnvironments },
    ...(!sections.has('host') && { hostMissing: true as const }),
    problems: [
      ...problems,
      ...brokenOff(stream, origin),
      ...(whole && sections.has('domains') ? [] : [cutOff(origin)]),
      ...(garbled > 0 ? [garbledProblem(origin, garbled)] : []),
    ],
    notes:
      skippedBytes > 0
        ? [`${skippedBytes} bytes before the recording of ${origin} were skipped, such as a login banner`]
        : [],
  };
}

function cutOff(target: string): Problem {
  const reason =
    'the recording broke off before its end: what follows its last whole part is not known; record it again';
  return { target, cause: 'recording-cut-off', reason };
}

function garbledProblem(target: string, count: number): Problem {
  const reason = `${count} ${count === 1 ? 'part' : 'parts'} of the recording cannot be understood, as after something else wrote into it; record it again`;
  return { target, cause: 'recording-garbled', reason };
}

/** The first word, and what follows the blank behind it. */
function splitWord(words: string): [string, string] {
  const at = words.indexOf(' ');
  return at < 0 ? [words, ''] : [words.slice(0, at), words.slice(at + 1)];
}

/** Seconds since 1970; a `date` that does not know fractions leaves something else behind the point. */
function instant(text: string | undefined): number | null {
  const [, whole, fraction] = /^(\d{1,11})(?:\.(\d{1,9})?.*)?$/.exec(text ?? '') ?? [];
  if (whole === undefined) return null;
  // Half a second is the best guess where there is no fraction.
  return Number(`${whole}.${fraction ?? '5'}`);
}

/** Of the clock that an audit takes: the one that set the system clock, or the first. */
function hardwareClockReadAt(clocks: readonly string[], entries: Recording['entries']): number | null {
  const readings = clocks.map((words) => words.split(' '));
  const isChosen = ([path]: string[]) => {
    const entry = entries.get(`${path}/hctosys`);
    return entry?.kind === 'file' && entry.bytes.toString('latin1').trim() === '1';
  };
  const [, before, after] = readings.find(isChosen) ?? readings[0] ?? [];
  const [from, to] = [instant(before), instant(after)];
  return from === null || to === null ? null : (from + to) / 2;
}

function told(value: string | undefined, source: string): Fact<string> {
  if (value !== undefined && /^[\w.+~:-]{1,128}$/.test(value)) return known(value, source);
  return unknown(source, 'not-recorded', `the recording does not tell what ${source} prints`);
}

function causeOf(word: string): string {
  return /^[a-z-]{1,40}$/.test(word) ? word : 'recorded-problem';
}

/** What the other machine says in its own words, for one line. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 300);
}
