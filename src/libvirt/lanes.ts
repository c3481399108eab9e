import type { Connection } from './connection.js';
import type { DomainHandle } from './domainHandle.js';
import { DeadlineExceeded } from './pendingCalls.js';

/** A connection with its own handles of the domains: one of the ways to ask at the same time as others. */
export interface Lane {
  readonly connection: Connection;
  /** By UUID; those of another connection are of no use to this one. */
  readonly domains: ReadonlyMap<string, DomainHandle>;
}

/** More are no faster: libvirt's calls wait on libuv's thread pool, which has four threads. */
const MAX_LANES = 4;
/** Opening another connection costs as much as some ten questions. */
const QUESTIONS_A_LANE = 8;

/** The connections to one daemon; those that get stuck are replaced. */
export class Lanes {
  readonly #main: Connection;
  readonly #free: Lane[];
  readonly #opened: Lane[] = [];

  /** @param domains - what the main connection has listed */
  constructor(main: Connection, domains: readonly DomainHandle[]) {
    this.#main = main;
    this.#free = [lane(main, domains)];
  }

  /** How many there are; fewer than wished for where the daemon opens no more. */
  get count(): number {
    return this.#free.length;
  }

  /**
   * Opens as many as that number of questions is worth: two at least, so that one domain that is stuck is not taken
   * for a daemon that is.
   */
  async widen(questions: number): Promise<void> {
    const wanted = Math.min(MAX_LANES, questions, Math.max(2, Math.ceil(questions / QUESTIONS_A_LANE)));
    const missing = Math.max(0, wanted - this.#free.length);
    const [first] = this.#free;
    if (first?.connection.isShared) {
      for (let count = 0; count < missing; count++) this.#free.push(first);
      return;
    }
    const opened = await Promise.all(Array.from({ length: missing }, () => this.#open()));
    this.#free.push(...opened.filter((it) => it !== null));
  }

  /** Takes one for a while; null when all are stuck and no other can be opened. */
  async take(): Promise<Lane | null> {
    for (let free = this.#free.pop(); free; free = this.#free.pop()) {
      if (!free.connection.stuck) return free;
    }
    return await this.#open();
  }

  /** Why there is none to take. */
  get missing(): DeadlineExceeded {
    return this.#main.givenUp ?? new DeadlineExceeded('the libvirt daemon answers no further connection');
  }

  giveBack(returned: Lane): void {
    this.#free.push(returned);
  }

  /** Releases and closes what was opened here, as far as nothing is blocked. */
  async close(): Promise<void> {
    for (const { connection, domains } of this.#opened) {
      connection.release([...domains.values()]);
      await connection.close();
    }
  }

  async #open(): Promise<Lane | null> {
    const connection = await this.#main.another();
    if (connection === null) return null;
    try {
      const opened = lane(connection, await connection.list(0));
      this.#opened.push(opened);
      return opened;
    } catch {
      return null;
    }
  }
}

function lane(connection: Connection, domains: readonly DomainHandle[]): Lane {
  return { connection, domains: new Map(domains.map((domain) => [domain.uuid, domain])) };
}
