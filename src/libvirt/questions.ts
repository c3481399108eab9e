import pLimit from 'p-limit';
import { type Fact, known } from '../facts/fact.js';
import type { Connection } from './connection.js';
import type { DomainHandle } from './domainHandle.js';
import { unknownBecause } from './failures.js';
import type { Lane, Lanes } from './lanes.js';
import { LibvirtError, NO_DOMAIN } from './libvirtError.js';

/** Something to ask libvirt about a domain. */
export interface Question<Answer = unknown> {
  readonly domain: DomainHandle;
  /** The libvirt function behind it. */
  readonly call: string;
  /**
   * Asks; null when libvirt refused, for a reason that only asking again alone can tell.
   * @param domain - the connection's own handle of it
   */
  ask(connection: Connection, domain: DomainHandle): Promise<Answer | null>;
  /** Takes the answer, or why there is none. */
  answered(fact: Fact<Answer>): void;
}

/** Few enough that the last ones keep all lanes busy. */
const MAX_BATCH = 8;

/**
 * Asks everything, one question at a time in each lane, in their order. A question that gets no answer in time costs
 * itself.
 * @returns the UUIDs of the domains that vanished meanwhile
 */
export async function askAll(lanes: Lanes, questions: readonly Question[]): Promise<ReadonlySet<string>> {
  const vanished = new Set<string>();
  if (questions.length === 0) return vanished;
  await lanes.widen(questions.length);
  const refused: Question[] = [];
  const limit = pLimit(lanes.count);
  await limit.map(batches(questions, lanes.count), async (batch) => {
    let lane = await lanes.take();
    for (const question of batch) {
      if (lane?.connection.stuck) lane = await lanes.take();
      if (!(await put(question, lane, lanes))) refused.push(question);
    }
    if (lane) lanes.giveBack(lane);
  });
  // The error of one call can only be told from that of another when nobody else asks: again, one by one.
  for (const question of refused) {
    const lane = await lanes.take();
    if (!(await putAlone(question, lane, lanes))) vanished.add(question.domain.uuid);
    if (lane) lanes.giveBack(lane);
  }
  return vanished;
}

/**
 * A task of p-limit costs more than a call to libvirt, so each makes several calls, one after the other. But few are not
 * all put into one: a question that is stuck would be taken for a daemon that is.
 */
function* batches(questions: readonly Question[], lanes: number): Iterable<readonly Question[]> {
  const size = Math.min(MAX_BATCH, Math.ceil(questions.length / lanes));
  for (let start = 0; start < questions.length; start += size) yield questions.slice(start, start + size);
}

/** @returns false when libvirt refused to answer, or the lane does not know the domain */
async function put(question: Question, lane: Lane | null, lanes: Lanes): Promise<boolean> {
  try {
    if (!lane) throw lanes.missing;
    const domain = lane.domains.get(question.domain.uuid);
    const answer = domain ? await question.ask(lane.connection, domain) : null;
    if (answer === null) return false;
    question.answered(known(answer, question.call));
  } catch (error) {
    question.answered(unknownBecause(question.call, error));
  }
  return true;
}

/** @returns false when the domain is no longer there */
async function putAlone(question: Question, lane: Lane | null, lanes: Lanes): Promise<boolean> {
  try {
    if (!lane) throw lanes.missing;
    const { connection, domains } = lane;
    const domain = domains.get(question.domain.uuid) ?? (await connection.lookup(question.domain.uuid));
    question.answered(known(await connection.insist(() => question.ask(connection, domain)), question.call));
  } catch (error) {
    if (error instanceof LibvirtError && error.record.code === NO_DOMAIN) return false;
    question.answered(unknownBecause(question.call, error));
  }
  return true;
}
