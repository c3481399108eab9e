import type { Finding } from '../checks/finding.js';
import type { Intent } from '../checks/intent.js';
import type { Change } from './change.js';
import { operationsFor } from './clockOperations.js';
import {
  type AuditedText,
  auditText,
  isWell,
  needsMending,
  type PatchContext,
  worsened,
} from './definitionAudit.js';
import { applyEdits } from './edit.js';
import { changesOf, editsOf } from './operation.js';

/** What is changed for the sake of one check. */
export interface PatchStep {
  /** The check's id. */
  readonly check: string;
  readonly changes: readonly Change[];
}

/** A check that something is wrong with and that no edit makes pass. */
export interface Unmended {
  /** The check's id. */
  readonly check: string;
  /** One sentence without a full stop. */
  readonly because: string;
}

/** A text that was edited, and how. */
export interface Mended {
  readonly audited: AuditedText;
  readonly steps: readonly PatchStep[];
}

/** More rounds than there are places that can decide one clock. */
const MAX_ROUNDS = 24;

/** Mends as many checks as it can, one after the other; what cannot be mended leaves no trace. */
export function mendAll(
  first: AuditedText,
  context: PatchContext,
): Mended & { readonly unmended: readonly Unmended[] } {
  let audited = first;
  const steps: PatchStep[] = [];
  const unmended: Unmended[] = [];
  for (;;) {
    const wrong = audited.findings.find(
      (it) => needsMending(it) && !unmended.some(({ check }) => check === it.check),
    );
    if (!wrong) return { audited, steps, unmended };
    const attempt = mend(wrong.check, audited, context);
    if (typeof attempt === 'string') unmended.push({ check: wrong.check, because: attempt });
    else {
      audited = attempt.audited;
      steps.push(...attempt.steps);
      // What was in the way of another may be gone now.
      unmended.length = 0;
    }
  }
}

/**
 * Edits a text until one check passes: one intent at a time, parsing and judging the text anew after each. What comes
 * to light on the way is mended with it.
 * @returns why there is no such edit, where there is none
 */
function mend(id: string, before: AuditedText, context: PatchContext): Mended | string {
  let audited = before;
  const steps: PatchStep[] = [];
  const open = () =>
    audited.findings.find((it) => it.check === id && needsMending(it)) ??
    worsened(before, audited, context.leaveAlone).find(needsMending);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const wrong = open();
    if (!wrong) return problemWith(id, before, audited, context) ?? { audited, steps };
    const edited = editFor(wrong, audited);
    if (!edited) return noPlace(wrong, id, audited);
    steps.push({ check: wrong.check, changes: edited.changes });
    audited = auditText(edited.text, context);
    const [rejection] = audited.definition.rejections;
    if (rejection) return `libvirt's QEMU driver would refuse the edited definition: ${rejection}`;
  }
  return `no series of edits was found that makes ${id} pass`;
}

/** The edit for the first remedy that has one. */
function editFor(
  { remedy }: Finding,
  { text, domain, definition }: AuditedText,
): { readonly text: string; readonly changes: readonly Change[] } | null {
  for (const intent of remedy) {
    const operations = operationsFor(intent, text, domain, definition.effectiveClock);
    const edits = operations.flatMap((operation) => editsOf(text, operation));
    const edited = applyEdits(text, edits);
    if (edited !== text) return { text: edited, changes: changesOf(operations) };
  }
  return null;
}

/** What libvirt says in its own -cpu, if at all. */
const SAID_TO_THE_CPU: ReadonlySet<string> = new Set<Intent['kind']>([
  'enable-hypervclock',
  'enable-enlightenments',
  'set-tsc-frequency',
]);

function noPlace({ check, remedy }: Finding, id: string, { definition }: AuditedText): string {
  const isReplaced = definition.effectiveClock.overrides.some((it) => it.startsWith('qemu:arg -cpu'));
  const because =
    isReplaced && remedy.some(({ kind }) => SAID_TO_THE_CPU.has(kind))
      ? `the -cpu in qemu:commandline replaces the one that libvirt would say it in, so no element helps ${check}`
      : `the text offers no place where an edit would help ${check}`;
  return check === id ? because : `${because}, which mending ${id} would take`;
}

/** What is wrong with a text that was to be better than another; null when nothing is. */
function problemWith(
  id: string,
  before: AuditedText,
  now: AuditedText,
  { leaveAlone }: PatchContext,
): string | null {
  const [worse] = worsened(before, now, leaveAlone);
  if (worse) return `every edit that was tried makes ${worse.check} worse`;
  return isWell(id, now) ? null : `no edit was found that makes ${id} pass`;
}
