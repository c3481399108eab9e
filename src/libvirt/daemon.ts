import { abandonCalls, type DeadlineExceeded } from './pendingCalls.js';

/**
 * What the connections to one daemon know of it together. Of a call that is not answered in time, either the daemon is
 * to blame or the domain: a daemon that answered anybody meanwhile is alive.
 */
export class Daemon {
  #givenUp: DeadlineExceeded | null = null;
  #lastAnswerAt = 0;

  /** Why each further call fails at once; null while the daemon is taken to be alive. */
  get givenUp(): DeadlineExceeded | null {
    return this.#givenUp;
  }

  answered(): void {
    this.#lastAnswerAt = performance.now();
  }

  /** @param startedAt - when the call began that was not answered in time, on the clock of `performance.now()` */
  silent(startedAt: number, error: DeadlineExceeded): void {
    if (this.#givenUp || this.#lastAnswerAt >= startedAt) return;
    this.#givenUp = error;
    abandonCalls(this, error);
  }
}
