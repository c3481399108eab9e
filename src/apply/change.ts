import type { DefiningConnection } from '../libvirt/definingConnection.js';
import type { DomainHandle } from '../libvirt/domainHandle.js';
import { explainFailure } from './failure.js';

/** A change that is ready to be made: nothing was written yet. */
export interface PreparedChange {
  readonly domain: DomainHandle;
  /** The persistent definition as it is, with its passwords. */
  readonly before: string;
  /** What it is to be, with its passwords. */
  readonly after: string;
  readonly diff: string;
}

/** What is to become of a definition. */
export type Planned =
  | { readonly after: string /** For people, without passwords. */; readonly diff: string }
  /** Why it is not changed, in one sentence. */
  | { readonly refused: string }
  /** Why there is nothing to change, in one sentence. */
  | { readonly unchanged: string };

/** Which definition is to be replaced, and how. */
export interface ChangeOrder {
  readonly uuid: string;
  /** The inactive definition, without passwords, as it was audited; null where none was. */
  readonly audited: string | null;
  /** Plans the change of the text with the passwords. */
  readonly plan: (secureXml: string) => Planned;
}

/** How the change of one definition ended. */
export interface ChangeResult {
  readonly outcome: 'changed' | 'refused' | 'failed';
  readonly definition: 'old' | 'new' | 'unknown';
  readonly reason: string | null;
  readonly backup: string | null;
  readonly remarks: readonly string[];
}

/** What is done besides talking to libvirt. */
export interface ChangeKeeper {
  /** Writes the old definition to a file that outlives this process; returns its path. */
  readonly backUp: (domain: DomainHandle, xml: string) => string;
  /** Notes what was defined instead. */
  readonly noteDefined: (backup: string, xml: string) => void;
  /** What is wrong with the definition that was read back; null for nothing. */
  readonly verify: (xml: string) => string | null;
}

const CHANGED_MEANWHILE =
  'its definition was changed since it was looked at: nothing was done; run the command again';

/**
 * Reads the definition that is to be replaced and makes sure that it is the audited one.
 * @param takeHandle - receives the handle, to be released by the caller
 */
export async function prepareChange(
  connection: DefiningConnection,
  { uuid, audited, plan }: ChangeOrder,
  takeHandle: (domain: DomainHandle) => void,
): Promise<PreparedChange | Exclude<Planned, { after: string }>> {
  try {
    const domain = await connection.lookup(uuid);
    takeHandle(domain);
    const before = await connection.secureXml(domain);
    // What the audit saw had no passwords; the secure text was read first, so a change in between comes out.
    if (audited !== null && (await connection.inactiveXml(domain)) !== audited) {
      return { refused: CHANGED_MEANWHILE };
    }
    const planned = plan(before);
    return 'after' in planned ? { domain, before, ...planned } : planned;
  } catch (error) {
    return { refused: explainFailure(error) };
  }
}

/**
 * Replaces one persistent definition. The old one is in a file on the disk before libvirt is asked for anything. Never
 * throws: whatever happens, the result tells which definition the domain has.
 */
export async function makeChange(
  connection: DefiningConnection,
  { domain, before, after }: PreparedChange,
  { backUp, noteDefined, verify }: ChangeKeeper,
): Promise<ChangeResult> {
  const untouched = { definition: 'old', backup: null, remarks: [] } as const;
  let backup: string;
  try {
    backup = backUp(domain, before);
  } catch (error) {
    return {
      ...untouched,
      outcome: 'failed',
      reason: `its backup cannot be written, so nothing was done: ${(error as Error).message}`,
    };
  }
  try {
    const now = await connection.secureXml(domain);
    if (now !== before) return { ...untouched, outcome: 'refused', reason: CHANGED_MEANWHILE, backup };
  } catch (error) {
    return { ...untouched, outcome: 'failed', reason: explainFailure(error), backup };
  }
  try {
    connection.release([await connection.define(after)]);
  } catch (error) {
    return { ...(await whatIsLeft(connection, domain, before, verify, explainFailure(error))), backup };
  }
  return { ...(await readBack(connection, domain, verify, (xml) => noteDefined(backup, xml))), backup };
}

type Ending = Omit<ChangeResult, 'backup'>;

/** After a definition that failed: libvirt replaces a definition whole or not at all. */
async function whatIsLeft(
  connection: DefiningConnection,
  domain: DomainHandle,
  before: string,
  verify: ChangeKeeper['verify'],
  reason: string,
): Promise<Ending> {
  const ending = { outcome: 'failed', reason, remarks: [] } as const;
  try {
    const now = await connection.secureXml(domain);
    // Neither may be there word for word, when somebody else changed it meanwhile.
    const isNew = now !== before && verify(now) === null;
    return { ...ending, definition: isNew ? 'new' : 'old' };
  } catch {
    return { ...ending, definition: 'unknown' };
  }
}

async function readBack(
  connection: DefiningConnection,
  domain: DomainHandle,
  verify: ChangeKeeper['verify'],
  note: (xml: string) => void,
): Promise<Ending> {
  let xml: string;
  try {
    xml = await connection.secureXml(domain);
  } catch (error) {
    const reason = `it was defined, but cannot be read back: ${explainFailure(error)}`;
    return { outcome: 'failed', definition: 'new', reason, remarks: [] };
  }
  const remarks: string[] = [];
  try {
    note(xml);
  } catch (error) {
    remarks.push(`what was defined cannot be noted beside the backup: ${(error as Error).message}`);
  }
  const wrong = verify(xml);
  if (wrong === null) return { outcome: 'changed', definition: 'new', reason: null, remarks };
  return { outcome: 'failed', definition: 'new', reason: `as libvirt keeps it, ${wrong}`, remarks };
}
