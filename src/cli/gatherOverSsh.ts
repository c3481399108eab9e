import pLimit from 'p-limit';
import type { Facts, Problem } from '../facts/facts.js';
import { collectorScript } from '../recording/collectorScript.js';
import { RecordingNotLaidOut, RecordingUnreadable } from '../recording/recordingUnreadable.js';
import { type Destination, destination } from '../ssh/destination.js';
import { type RecordingSettings, recordOverSsh, sessionBounds } from '../ssh/recordOverSsh.js';
import { findSsh } from '../ssh/sshCommand.js';
import { gatherRecording } from './gatherRecording.js';
import type { SourceOptions } from './options.js';
import { inWords } from './output.js';
import { type ProgressLine, progressLine } from './progressLine.js';
import { notLaidOut } from './recordedReasons.js';
import { UsageError } from './usageError.js';
import { toolVersion } from './version.js';

/** So many are recorded at the same time; what they wait for is the network and the hosts there. */
const MOST_AT_A_TIME = 8;

/** Each recording takes memory and a directory of its own while it is read. */
const oneAtATime = pLimit(1);

/**
 * Records each host through ssh, several at a time, and reads the recordings. A host that could not be recorded has facts
 * as well, which say so: it takes nothing from the others.
 * @param hosts - as ssh takes them; one that is named twice is recorded once
 * @returns the facts in the order of the hosts
 * @throws UsageError for what is no host
 */
export async function gatherOverSsh(
  hosts: readonly string[],
  options: SourceOptions,
): Promise<readonly Facts[]> {
  const places = [...new Set(hosts)].map(placeOf);
  const { timeout, sshConfig, sshSudo = false, chronyHost, connect } = options;
  const settings: RecordingSettings = {
    ...{ ssh: findSsh(process.env.PATH), timeoutSeconds: timeout, sudo: sshSudo },
    ...(sshConfig !== undefined && { configFile: sshConfig }),
    script: collectorScript({
      timeout,
      ...(connect !== undefined && { connect }),
      ...(chronyHost !== undefined && { chronyHost }),
    }),
    bounds: sessionBounds(timeout),
  };
  const progress = new RecordingProgress(places, progressLine());
  const limit = pLimit(MOST_AT_A_TIME);
  try {
    return await Promise.all(
      places.map((place) =>
        limit(async () => {
          progress.began(place);
          const facts = { ...(await record(place, settings, options)), target: place.text };
          progress.ended(place);
          return facts;
        }),
      ),
    );
  } finally {
    progress.clear();
  }
}

function placeOf(text: string): Destination {
  const place = destination(text);
  if (typeof place === 'string') throw new UsageError(`--ssh ${text} ${place}`);
  return place;
}

async function record(
  place: Destination,
  settings: RecordingSettings,
  options: SourceOptions,
): Promise<Facts> {
  try {
    const result = await recordOverSsh(place, settings);
    if ('problem' in result) return notRecorded(place, result.problem);
    return await oneAtATime(() => gatherRecording(result.recording, options));
  } catch (error) {
    return notRecorded(place, { target: place.text, ...failureOf(error) });
  }
}

/** Whatever one host's recording does, the others have their reports. */
function failureOf(error: unknown): Pick<Problem, 'cause' | 'reason'> {
  if (error instanceof RecordingNotLaidOut) {
    return { cause: 'recording-not-laid-out', reason: notLaidOut(error) };
  }
  if (error instanceof RecordingUnreadable) {
    return { cause: 'ssh-recording-unreadable', reason: `it sent what ${error.message}` };
  }
  const words = inWords(error).split('\n')[0]?.slice(0, 300);
  return { cause: 'recording-not-read', reason: `its recording could not be read: ${words}` };
}

/** What stands for a host of which nothing is known but why. */
function notRecorded({ host }: Destination, problem: Problem): Facts {
  return {
    schemaVersion: '1.0',
    toolVersion: toolVersion(),
    collectedAt: new Date().toISOString(),
    hostname: host,
    sources: [],
    host: null,
    hostNote: 'not recorded',
    domains: [],
    problems: [problem],
    notes: [],
  };
}

/** Which hosts are being recorded, for a person who waits. */
class RecordingProgress {
  readonly #line: ProgressLine;
  readonly #count: number;
  readonly #running = new Set<string>();
  #done = 0;

  constructor(places: readonly Destination[], line: ProgressLine) {
    this.#count = places.length;
    this.#line = line;
  }

  began({ text }: Destination): void {
    this.#running.add(text);
    this.#show();
  }

  ended({ text }: Destination): void {
    this.#running.delete(text);
    this.#done++;
    this.#show();
  }

  clear(): void {
    this.#line.clear();
  }

  #show(): void {
    const names = this.#running.size > 0 ? `; at work: ${[...this.#running].join(', ')}` : '';
    this.#line.show(`recorded ${this.#done} of ${this.#count} hosts${names}`);
  }
}
