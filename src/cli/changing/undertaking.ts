import type { ChangeOrder, PreparedChange } from '../../apply/change.js';
import { type DefinitionChange, untouched } from '../../apply/definitionChange.js';
import { discardCommand, MANAGED_SAVE } from '../../remediation/remarks.js';
import type { ConsentOptions } from './consent.js';

/** One definition that is to be replaced. */
export interface Undertaking {
  /** What is to be reported, but for what comes of it. */
  readonly about: Pick<DefinitionChange, 'name' | 'mends' | 'remarks'>;
  readonly order: ChangeOrder;
  /** A safe file name for the domain. */
  readonly fileName: string;
  /** What is wrong with the definition that was read back; null for nothing. */
  readonly verify: (xml: string, before: string) => string | null;
  /** The backup that is put back; null where none is. */
  readonly restores: string | null;
  /** The difference that the audit alone comes to; null where there was none. */
  readonly auditedDiff: string | null;
}

/** What is reported of a definition that nothing was done to. */
export function settled(
  { about, order }: Undertaking,
  outcome: DefinitionChange['outcome'],
  reason: string | null,
): DefinitionChange {
  return untouched({ name: about.name, uuid: order.uuid }, outcome, reason);
}

/** What is told of a change that is made, or would be. */
export function told(
  { about }: Undertaking,
  { diff, remarks }: Pick<PreparedChange, 'diff' | 'remarks'>,
): Pick<DefinitionChange, 'diff' | 'mends' | 'remarks'> {
  return { diff, mends: about.mends, remarks: [...remarks, ...about.remarks] };
}

/** Who may only read sees what would be done, but for the passwords. */
export function withoutConnection(
  undertaking: Undertaking,
  reason: string,
  { dryRun }: ConsentOptions,
): DefinitionChange {
  const { auditedDiff: diff, about } = undertaking;
  if (!dryRun || diff === null) return settled(undertaking, 'failed', reason);
  const unread = `the definition with its passwords was not read (${reason}), as changing it takes`;
  const { mends, remarks } = about;
  return { ...settled(undertaking, 'would-change', null), diff, mends, remarks: [...remarks, unread] };
}

/** What to say of a managed save image that was there after a definition; what was planned may be out of date by then. */
export function managedSaveRemark(uri: string, uuid: string): string {
  const command = discardCommand({ name: uuid, uuid, source: uri });
  return `${MANAGED_SAVE} brings its own definition back at the next start; ${command} discards it, and the guest's memory with it`;
}

/** Remarks without one on a managed save image. */
export function besidesManagedSave(remarks: readonly string[]): string[] {
  return remarks.filter((remark) => !remark.startsWith(MANAGED_SAVE));
}
