import { expect } from 'chai';
import fc from 'fast-check';
import { agentChannel } from '../../src/checks/domain/agentChannel.js';
import { evaluateDefinition, evaluateDomain } from '../../src/checks/engine.js';
import { DEFINITION_CHECKS } from '../../src/checks/registry.js';
import { readDefinition } from '../../src/domxml/definition.js';
import { known } from '../../src/facts/fact.js';
import { type PatchContext, planPatch } from '../../src/remediation/patch.js';
import { applyChanges, bareTree } from '../support/changeApplier.js';
import { domains } from '../support/clockGrammar.js';
import { situationOf } from '../support/definitions.js';
import { hostWithTsc, patchContext, WINDOWS } from '../support/patchPlans.js';

/** Other cases with CLOCK_GRAMMAR_SEED=N, the same ones without. */
const seed = Number(process.env.CLOCK_GRAMMAR_SEED ?? 20261122);

const gaps = fc.constantFrom('', ' ', '\n', '\n  ', '\r\n\t', '\n\n');
/** A domain with a numbered comment behind every tag, in whatever layout, on whatever host. */
const cases = fc.record({
  text: fc
    .tuple(domains(true), fc.boolean(), fc.array(fc.tuple(gaps, gaps), { minLength: 1, maxLength: 9 }))
    .map(([xml, isWindows, layout]) => {
      let count = 0;
      return (isWindows ? xml.replace('</name>', `</name>${WINDOWS}`) : xml).replace(/>\s*/g, () => {
        const [left, right] = layout[count % layout.length] ?? ['', ''];
        return `>${left}<!--${count++}-->${right}`;
      });
    }),
  context: fc.tuple(fc.constantFrom(null, '9.0.0', '11.9.0'), fc.constantFrom(null, 2_500_000_000)).map(
    ([libvirtVersion, tscHz]): PatchContext => ({
      ...patchContext(tscHz === null ? {} : hostWithTsc(tscHz)),
      libvirtVersion,
    }),
  ),
});

const SEVERITY = ['warn', 'fail', 'unknown'];

/** How bad each check comes out, asked without the planner. */
function severities(text: string, { libvirtVersion, host, policy }: PatchContext): Map<string, number> {
  const definition = readDefinition(text, libvirtVersion);
  return new Map(
    [
      ...DEFINITION_CHECKS.map((it) => evaluateDefinition(it, known(definition, 'test'), host, policy)),
      ...evaluateDomain(agentChannel, situationOf({ inactive: definition }), host, policy),
    ].map(({ check, outcome }) => [check, SEVERITY.indexOf(outcome) + 1]),
  );
}

/** The text between the numbered comments, by the number of the comment before it. */
function segments(text: string): Map<string, string> {
  const [, ...rest] = text.split(/<!--(\d+)-->/);
  return new Map(rest.flatMap((number, at) => (at % 2 === 0 ? [[number, rest[at + 1] ?? '']] : [])));
}

/** Runs a property over all cases that get a patch, of which there have to be many. */
function overPatches(
  numRuns: number,
  property: (
    before: string,
    plan: Extract<ReturnType<typeof planPatch>, { kind: 'patch' }>,
    context: PatchContext,
  ) => void,
): void {
  let patches = 0;
  fc.assert(
    fc.property(cases, ({ text, context }) => {
      const plan = planPatch(text, context);
      if (plan.kind !== 'patch') return;
      patches++;
      property(text, plan, context);
    }),
    { seed, numRuns },
  );
  expect(patches).to.be.above(numRuns / 3);
}

describe(`properties of patches (CLOCK_GRAMMAR_SEED=${seed})`, () => {
  it('make every check pass that they name, no other worse, and nothing that libvirt refuses', () => {
    overPatches(600, (before, { after, mends, unmended }, context) => {
      const [was, is] = [severities(before, context), severities(after, context)];
      for (const [check, severity] of is) {
        if (mends.includes(check)) expect([check, severity]).to.deep.equal([check, 0]);
        else expect(severity, check).to.be.at.most(was.get(check) ?? 0);
      }
      for (const check of mends) expect(was.get(check), check).to.be.above(0);
      for (const { check } of unmended) expect(is.get(check), check).to.be.above(0);
      expect(readDefinition(after, context.libvirtVersion).rejections).to.deep.equal([]);
    });
  });

  it('leave nothing for a second one', () => {
    overPatches(600, (_, { after, unmended }, context) => {
      const again = planPatch(after, context);
      const left = again.kind === 'refused' ? again.unmended : [];
      expect(again.kind).to.equal(unmended.length > 0 ? 'refused' : 'nothing-to-fix');
      expect(left.map(({ check }) => check)).to.have.members(unmended.map(({ check }) => check));
    });
  });

  it('change no byte outside of what they tell', () => {
    overPatches(600, (before, { after, steps }) => {
      const changes = steps.flatMap((step) => step.changes);
      const [old, now] = [segments(before), segments(after)];
      const gone = [...old.keys()].filter((number) => !now.has(number));
      if (!changes.some(({ kind }) => kind === 'remove-element')) expect(gone).to.deep.equal([]);
      expect([...now.keys()]).to.deep.equal([...old.keys()].filter((number) => !gone.includes(number)));
      const touched = [...now].filter(([number, text]) => old.get(number) !== text);
      expect(touched.length).to.be.at.most(changes.length);
      expect(after.slice(0, after.indexOf('<!--0-->'))).to.equal(before.slice(0, before.indexOf('<!--0-->')));
    });
  });

  it('tell in their changes what the text says', () => {
    overPatches(600, (before, { after, steps }) => {
      const changes = steps.flatMap((step) => step.changes);
      expect(applyChanges(bareTree(before), changes)).to.deep.equal(bareTree(after));
    });
  });
});
