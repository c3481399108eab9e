import { expect } from 'chai';
import type { Intent } from '../../src/checks/intent.js';
import { readClock } from '../../src/domxml/clockElement.js';
import { parseDomain } from '../../src/domxml/definition.js';
import { type PatchContext, type PatchPlan, planPatch } from '../../src/remediation/patch.js';
import { type SettingsDifference, settingsDifference, settingsOf } from './commandLineSettings.js';
import type { Defined, DefiningSession } from './definingSession.js';
import { definitionFindings, severityOf } from './definitionFindings.js';
import { isInForce, unasked } from './wantedArguments.js';

export type Patch = Extract<PatchPlan, { kind: 'patch' }>;

/** What a patch changes: of each finding that it mends, as `check: code`, what that asks for. */
export type MendedKinds = ReadonlyMap<string, readonly Intent[]>;

/** What a check may ask for as well that only comes to light when something else has been mended. */
const FOLLOWING: Readonly<Record<string, readonly Intent[]>> = {
  'domain/hyperv-stimer': [{ kind: 'enable-enlightenments', names: [] }],
  'domain/clock-offset': [{ kind: 'set-clock-offset', offset: 'utc' }],
  'domain/timezone': [{ kind: 'drop-time-zone-variable' }, { kind: 'set-clock-offset', offset: 'utc' }],
  'domain/hypervclock': [{ kind: 'enable-hypervclock' }],
  'domain/hyperv-dependencies': [
    { kind: 'enable-hypervclock' },
    { kind: 'enable-enlightenments', names: [] },
  ],
};

/** The findings that a patch mends, as `check: code`, with what each asks for. */
export function mendedKinds(xml: string, { mends }: Patch, context: PatchContext): MendedKinds {
  const findings = [...definitionFindings(xml, context).values()].filter(({ check }) =>
    mends.includes(check),
  );
  return new Map(findings.map(({ check, code, remedy }) => [`${check}: ${code}`, [...remedy]]));
}

/** A definition with something to mend, as libvirt holds it before and after. */
export interface ProvenDefinition {
  /** The persistent definition before, and the patch that was made for it. */
  readonly held: string;
  readonly patch: Patch;
  /** The persistent definition after that patch was defined over it. */
  readonly mended: string;
}

/**
 * Defines a domain, patches what libvirt then holds, and defines that over it, as an operator does; then the same with
 * the text as it was written. Each time what libvirt holds afterwards is audited.
 * @param isValid - whether libvirt's schema is to take it as well: as it was, patched as libvirt holds it, and patched as it was
 */
export async function proveDefinition(
  session: DefiningSession,
  { xml, patch }: { readonly xml: string; readonly patch: Patch },
  context: PatchContext,
  isValid: { readonly before: boolean; readonly held: boolean; readonly after: boolean },
): Promise<ProvenDefinition> {
  await session.undefine();
  const held = readBack(await session.define(xml, isValid.before));
  const again = planPatch(held, context);
  if (again.kind !== 'patch') throw new Error(`nothing is mended in what libvirt holds: ${again.kind}`);
  expect([...again.mends], 'mends of what libvirt holds').to.include.members([...patch.mends]);
  const mended = readBack(await session.define(again.after, isValid.held));
  expectMended(held, mended, again.mends, context);
  await session.undefine();
  const written = readBack(await session.define(patch.after, isValid.after));
  expectMended(held, written, patch.mends, context);
  expect(clockOf(written), 'the same clock, however the patch was made').to.equal(clockOf(mended));
  return { held, patch: again, mended };
}

function readBack(defined: Defined): string {
  if ('rejected' in defined) throw new Error(`libvirt does not take it: ${defined.rejected}`);
  return defined.readBack;
}

/** Everything libvirt holds of a clock, as text. */
function clockOf(xml: string): string {
  return /^ {2}<clock.*?(\/>|<\/clock>)$/ms.exec(xml)?.[0] ?? '';
}

function expectMended(before: string, after: string, mends: readonly string[], context: PatchContext): void {
  const [was, is] = [definitionFindings(before, context), definitionFindings(after, context)];
  for (const [check, finding] of is) {
    const wanted = mends.includes(check) ? 0 : severityOf(was.get(check));
    expect(severityOf(finding), `${check}: ${finding.observed}`).to.be.at.most(wanted);
  }
  expect(mendsOf(planPatch(after, context)).filter((check) => mends.includes(check))).to.deep.equal([]);
  expectSameOrder(timersOf(before), timersOf(after));
}

function mendsOf(plan: PatchPlan): readonly string[] {
  return plan.kind === 'patch' ? plan.mends : [];
}

function timersOf(xml: string): string[] {
  return readClock(parseDomain(xml)).timers.map(({ name }) => name);
}

/** A migration compares the timers one by one: new ones come last, and none changes its place. */
function expectSameOrder(before: readonly string[], after: readonly string[]): void {
  const kept = [...after];
  for (const name of before) {
    if (kept[0] === name) kept.shift();
    else
      expect(after.filter((it) => it === name).length, `${name} went`).to.be.below(
        before.filter((it) => it === name).length,
      );
  }
  expect(kept.length, `new timers: ${kept}`).to.equal(Math.max(0, after.length - before.length));
}

/**
 * Compares libvirt's translations of a definition before and after: everything that is asked for is in force, and nothing
 * else has changed. What libvirt refused as it was has nothing to be compared with.
 * @returns libvirt's error where it refuses both for the same reason, which is then none that was to be mended
 */
export async function proveArguments(
  session: DefiningSession,
  { held, patch, mended }: ProvenDefinition,
  kinds: MendedKinds,
): Promise<string | null> {
  const [before, after] = [await session.commandLine(held), await session.commandLine(mended)];
  if ('rejected' in after) {
    expect(before, 'libvirt does not translate it').to.deep.equal(after);
    return after.rejected;
  }
  const now = settingsOf(after.line);
  const difference =
    'rejected' in before ? { removed: [], added: [] } : settingsDifference(settingsOf(before.line), now);
  for (const intent of [...kinds.values()].flat()) {
    expect(isInForce(intent, now, difference), `${JSON.stringify(intent)} in ${after.line}`).to.equal(true);
  }
  expectNothingElse(difference, patch, kinds);
  return null;
}

/** Whether only such settings of QEMU's command line came and went as a patch is about. */
export function expectNothingElse(difference: SettingsDifference, patch: Patch, kinds: MendedKinds): void {
  const following = patch.steps.flatMap(({ check }) => FOLLOWING[check] ?? []);
  const others = unasked([...[...kinds.values()].flat(), ...following], difference);
  expect(others.join('\n'), 'changed as well').to.equal('');
}
