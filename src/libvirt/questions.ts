import pLimit from 'p-limit';
import { type Fact, known } from '../facts/fact.js';
import { type Connection, type DomainHandle, LibvirtError, NO_DOMAIN } from './connection.js';
import { unknownBecause } from './failures.js';

/** Something to ask libvirt about a domain. */
export interface Question<Answer = unknown> {
  readonly domain: DomainHandle;
  /** The libvirt function behind it. */
  readonly call: string;
  /** Asks; null when libvirt refused, for a reason that only asking again alone can tell. */
  ask(): Promise<Answer | null>;
  /** Takes the answer, or why there is none. */
  answered(fact: Fact<Answer>): void;
}

/** libvirtd serves this many calls of a client at once (`max_client_requests` is 5) without a complaint. */
const IN_FLIGHT = 4;
/** Few enough that the last ones keep all four busy. */
const MAX_BATCH = 8;

/**
 * Asks everything, four questions at a time, in their order. A question that gets no answer in time costs itself.
 * @returns the UUIDs of the domains that vanished meanwhile
 */
export async function askAll(
  connection: Connection,
  questions: readonly Question[],
): Promise<ReadonlySet<string>> {
  const refused: Question[] = [];
  const limit = pLimit(IN_FLIGHT);
  await limit.map(batches(questions), async (batch) => {
    for (const question of batch) if (!(await put(question))) refused.push(question);
  });
  const vanished = new Set<string>();
  // With four calls in flight an error cannot be told from its neighbour's: ask again, one by one.
  for (const question of refused) {
    if (!(await putAlone(connection, question))) vanished.add(question.domain.uuid);
  }
  return vanished;
}

/**
 * A task of p-limit costs more than a call to libvirt, so each makes several calls, one after the other. But few are not
 * all put into one: a question that is stuck would be taken for a daemon that is.
 */
function* batches(questions: readonly Question[]): Iterable<readonly Question[]> {
  const size = Math.min(MAX_BATCH, Math.ceil(questions.length / IN_FLIGHT));
  for (let start = 0; start < questions.length; start += size) yield questions.slice(start, start + size);
}

/** @returns false when libvirt refused to answer */
async function put(question: Question): Promise<boolean> {
  try {
    const answer = await question.ask();
    if (answer === null) return false;
    question.answered(known(answer, question.call));
  } catch (error) {
    question.answered(unknownBecause(question.call, error));
  }
  return true;
}

/** @returns false when the domain is no longer there */
async function putAlone(connection: Connection, question: Question): Promise<boolean> {
  try {
    question.answered(known(await connection.insist(() => question.ask()), question.call));
  } catch (error) {
    if (error instanceof LibvirtError && error.record.code === NO_DOMAIN) return false;
    question.answered(unknownBecause(question.call, error));
  }
  return true;
}
