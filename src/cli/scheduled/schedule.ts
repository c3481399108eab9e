import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeDirectories } from '../../apply/directories.js';
import { type Lock, LockUnavailable, takeFileLock } from '../../apply/lock.js';
import type { Report } from '../../report/report.js';
import type { FailOn } from '../exitCode.js';
import { inWords, writeOutput } from '../output.js';
import { complain } from '../problems.js';
import { UsageError } from '../usageError.js';
import { compare } from './comparison.js';
import type { ResultEntry } from './result.js';
import { readState, StateUnusable, writeState } from './stateFile.js';
import { expectStatePlace, lockOf, type NamedFiles, whyNoState } from './statePlace.js';
import { summaryLine } from './summaryLine.js';

/** What cron and timers ask for. */
export interface ScheduleOptions {
  /** Where the result is left for the next run. */
  readonly state?: string;
  /** The longest wait before anything is looked at, in seconds. */
  readonly jitter?: number;
}

/** Waits a random time, so that the machines of a fleet do not all begin at once; a signal ends it as any process. */
export async function waitUpTo(seconds: number): Promise<void> {
  await sleep(Math.random() * seconds * 1000);
}

/** What a run has to do without. */
interface Missing {
  readonly unlocked: string;
  readonly noDirectory: string;
}

/** One of many runs, each of which tells only what changed since the one before. */
export class Schedule {
  readonly #path: string;
  readonly #uid: number;
  readonly #lock: Lock | null;
  /** What kept the lock from being taken, other than another run. */
  readonly #unlocked: string | null;
  /** What kept the directory from being made, which the state cannot be written for either. */
  readonly #noDirectory: string | null;

  private constructor(path: string, uid: number, lock: Lock | null, missing: Partial<Missing> = {}) {
    this.#path = path;
    this.#uid = uid;
    this.#lock = lock;
    this.#unlocked = missing.unlocked ?? null;
    this.#noDirectory = missing.noDirectory ?? null;
  }

  /**
   * Makes sure that no other run with the same state is under way. A directory that cannot be written is no reason not to
   * look: it is complained of in the end.
   * @param state - the path of the state; its directory is made where it is not there
   * @param named - the other files of the run, none of which may be the state's
   * @throws UsageError when the state would replace something else
   * @throws LockUnavailable when another run is under way
   */
  static async begin(state: string, named: NamedFiles): Promise<Schedule> {
    expectStatePlace(state, named);
    const path = resolve(state);
    const uid = process.getuid?.() ?? 0;
    try {
      makeDirectories(dirname(path), 0o700);
    } catch (error) {
      const noDirectory = `its directory cannot be made: ${inWords(error)}`;
      return new Schedule(path, uid, null, { noDirectory, unlocked: `there is no lock: ${noDirectory}` });
    }
    try {
      const doing = 'auditing with this state';
      const lock = await takeFileLock({ path: lockOf(path), uid, waitSeconds: 0, doing });
      return new Schedule(path, uid, lock);
    } catch (error) {
      if (error instanceof LockUnavailable && error.code === null) throw error;
      return new Schedule(path, uid, null, { unlocked: (error as Error).message });
    }
  }

  /**
   * Prints one line when the result changed, and leaves it for the next run.
   * @throws UsageError when the line cannot be printed, or the result cannot be left: then the next run tells it; and when
   * there is no lock
   */
  end(reports: readonly Report[], failOn: FailOn): void {
    const { previous, unusable } = this.#previous();
    const comparison = compare(previous, reports, failOn);
    if (!writeOutput(summaryLine(comparison, reports), undefined)) {
      throw new UsageError(
        'cannot write to standard output: its reader has gone (EPIPE); the next run will tell what changed',
      );
    }
    const unwritten = this.#write(comparison.entries);
    if (unwritten !== null) {
      throw new UsageError(
        `cannot write the state ${this.#path}: ${unwritten}; the next run will tell this again`,
      );
    }
    if (unusable !== null) {
      complain(`the state ${this.#path} counted as none, and was replaced: ${unusable}`, 'warning');
    }
    if (this.#unlocked !== null) throw new UsageError(`${this.#unlocked}; runs may overlap`);
  }

  /** Lets the next run begin. */
  release(): void {
    this.#lock?.release();
  }

  /** @returns why it could not be written, or null */
  #write(entries: readonly ResultEntry[]): string | null {
    // Something else may have come there since the run began.
    const other = whyNoState(this.#path);
    if (other !== null) return `${other}, and is no state`;
    try {
      writeState(this.#path, entries);
      return null;
    } catch (error) {
      return this.#noDirectory ?? inWords(error);
    }
  }

  #previous(): { previous: readonly ResultEntry[] | null; unusable: string | null } {
    try {
      return { previous: readState(this.#path, this.#uid), unusable: null };
    } catch (error) {
      if (!(error instanceof StateUnusable)) throw error;
      return { previous: null, unusable: error.message };
    }
  }
}
