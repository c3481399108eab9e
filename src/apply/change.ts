import type { DefiningConnection } from '../libvirt/definingConnection.js';
import type { DomainHandle } from '../libvirt/domainHandle.js';
import { type CurrentDefinition, currentDefinition } from './currentDefinition.js';
import { explainFailure } from './failure.js';

/** A change that is ready to be made: nothing was written yet. */
export interface PreparedChange {
  readonly domain: DomainHandle;
  /** The persistent definition as it is, with its passwords. */
  readonly before: string;
  /** What it is to be, with its passwords. */
  readonly after: string;
  readonly diff: string;
  readonly remarks: readonly string[];
}

/** What is to become of a definition. */
export type Planned =
  | {
      readonly after: string;
      /** For people, without passwords. */
      readonly diff: string;
      /** What is to be known that the difference does not show. */
      readonly remarks?: readonly string[];
    }
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
  readonly definition: 'old' | 'new' | 'none' | 'unknown';
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
  readonly verify: (xml: string, before: string) => string | null;
  /** What to say of a managed save image of the domain. */
  readonly managedSaveRemark: (domain: DomainHandle) => string;
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
    const current = await currentDefinition(connection, domain);
    if ('gone' in current) return { refused: current.gone };
    // What the audit saw had no passwords; the secure text was read first, so a change in between comes out.
    if (audited !== null && (await connection.inactiveXml(domain)) !== audited) {
      return { refused: CHANGED_MEANWHILE };
    }
    const planned = plan(current.xml);
    return 'after' in planned ? { remarks: [], ...planned, domain, before: current.xml } : planned;
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
  keeper: ChangeKeeper,
): Promise<ChangeResult> {
  const untouched = { definition: 'old', backup: null, remarks: [] } as const;
  let backup: string;
  try {
    backup = keeper.backUp(domain, before);
  } catch (error) {
    const reason = `its backup cannot be written, so nothing was done; see --backup-dir: ${(error as Error).message}`;
    return { ...untouched, outcome: 'failed', reason };
  }
  const current = await currentDefinition(connection, domain).catch((error): CurrentDefinition | string =>
    explainFailure(error),
  );
  // As near to the definition as can be: libvirt has no call that defines only what nobody has changed.
  if (typeof current === 'string') return { ...untouched, outcome: 'failed', reason: current, backup };
  if ('gone' in current) {
    return { ...untouched, outcome: 'refused', definition: 'none', reason: current.gone, backup };
  }
  if (current.xml !== before) return { ...untouched, outcome: 'refused', reason: CHANGED_MEANWHILE, backup };
  try {
    connection.release([await connection.define(after)]);
  } catch (error) {
    return { ...(await whatIsLeft(connection, domain, before, keeper, explainFailure(error))), backup };
  }
  return { ...(await readBack(connection, domain, before, backup, keeper)), backup };
}

type Ending = Omit<ChangeResult, 'backup'>;

/** After a definition that failed: libvirt replaces a definition whole or not at all. */
async function whatIsLeft(
  connection: DefiningConnection,
  domain: DomainHandle,
  before: string,
  { verify }: ChangeKeeper,
  reason: string,
): Promise<Ending> {
  const ending = { outcome: 'failed', reason, remarks: [] } as const;
  try {
    const now = await currentDefinition(connection, domain);
    if ('gone' in now) return { ...ending, definition: 'none' };
    // Neither may be there word for word, when somebody else changed it meanwhile.
    const isNew = now.xml !== before && verify(now.xml, before) === null;
    return { ...ending, definition: isNew ? 'new' : 'old' };
  } catch {
    return { ...ending, definition: 'unknown' };
  }
}

async function readBack(
  connection: DefiningConnection,
  domain: DomainHandle,
  before: string,
  backup: string,
  { noteDefined, verify, managedSaveRemark }: ChangeKeeper,
): Promise<Ending> {
  let xml: string;
  let isSaved: boolean;
  try {
    xml = await connection.secureXml(domain);
    isSaved = await connection.hasManagedSave(domain);
  } catch (error) {
    const reason = `it was defined, but cannot be read back: ${explainFailure(error)}`;
    return { outcome: 'failed', definition: 'new', reason, remarks: [] };
  }
  const remarks = isSaved ? [managedSaveRemark(domain)] : [];
  try {
    noteDefined(backup, xml);
  } catch (error) {
    remarks.push(`what was defined cannot be noted beside the backup: ${(error as Error).message}`);
  }
  const wrong = verify(xml, before);
  if (wrong === null) return { outcome: 'changed', definition: 'new', reason: null, remarks };
  return { outcome: 'failed', definition: 'new', reason: `as libvirt keeps it, ${wrong}`, remarks };
}
