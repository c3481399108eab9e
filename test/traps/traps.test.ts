import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { applyPatch } from 'diff';
import { judge } from '../../src/cli/judge.js';
import { planPatches } from '../../src/cli/patching/patches.js';
import { diffForm } from '../../src/remediation/forms/diff.js';
import type { ReportedFinding } from '../../src/report/report.js';
import { NAIVE_ABOUT_DOMAINS } from './naiveAboutDomains.js';
import { NAIVE_ABOUT_HOSTS } from './naiveAboutHosts.js';
import { type NaiveRules, type Opinion, timersOf, WHOLE_DOMAIN, xml } from './naiveRule.js';
import { allTraps, type ExpectedFinding, factsOf, policyOf, type Trap } from './trap.js';

const NAIVE_RULES: NaiveRules = { ...NAIVE_ABOUT_DOMAINS, ...NAIVE_ABOUT_HOSTS };
const OPINIONS: Readonly<Record<string, Opinion>> = {
  pass: 'right',
  info: 'right',
  warn: 'doubtful',
  fail: 'wrong',
};
/** What an audit reads; everything else in a folder is for the naive auditor. */
const INPUTS =
  /^((inactive|live|saved)\.xml|(domain|host|taints|expect)\.json|policy\.yaml|(process|chronyc|root)\/.*)$/;
const traps = allTraps();

/** All findings of an audit of the trap, those about the host first. */
async function auditOf(trap: Trap): Promise<readonly ReportedFinding[]> {
  const { host, domains, problems } = judge(factsOf(trap), 'warn', await policyOf(trap));
  expect(problems).to.deep.equal([]);
  return [...(host?.findings ?? []), ...domains.flatMap(({ findings }) => findings)];
}

async function patchOf(trap: Trap) {
  const [patch] = await planPatches(factsOf(trap), await policyOf(trap));
  if (!patch?.made) throw new Error(patch?.refused ?? 'there is nothing to fix');
  const after = applyPatch(xml(trap), diffForm.render(patch.made));
  if (after === false) throw new Error('the patch does not apply');
  return { ...patch, after };
}

const isAbout =
  ({ check, definition }: ExpectedFinding) =>
  (finding: ReportedFinding) =>
    finding.check === check && finding.definition === definition;
const words = ({ observed, detail = '', expected = '' }: ReportedFinding) =>
  [observed, detail, expected].join('; ');
const asks = ({ outcome }: ReportedFinding) =>
  outcome === 'warn' || outcome === 'fail' || outcome === 'unknown';
const summaryOf = ({ check, outcome, code, definition }: ReportedFinding | ExpectedFinding) =>
  `${outcome} ${check} ${code} (${definition ?? 'both'})`;

async function expectNotFooled(trap: Trap): Promise<void> {
  const rule = NAIVE_RULES[trap.name];
  if (!rule) throw new Error('there is no naive rule for this trap');
  if ('patchedTimers' in rule) {
    expect(timersOf((await patchOf(trap)).after)).not.to.deep.equal(rule.patchedTimers(trap));
    return;
  }
  const findings = await auditOf(trap);
  const asked = findings.filter(
    ({ check }) => check === rule.check || (rule.check === WHOLE_DOMAIN && check.startsWith('domain/')),
  );
  expect(asked, rule.check).not.to.have.length(0);
  if ('claim' in rule) {
    for (const finding of asked) expect(words(finding)).not.to.contain(rule.claim(trap));
    return;
  }
  // A check that does not apply says nothing, where the naive auditor has an opinion.
  const ours = asked.map(({ outcome }) => OPINIONS[outcome] ?? 'nothing');
  const worst = ['wrong', 'doubtful', 'right', 'nothing'].find((opinion) =>
    (ours as string[]).includes(opinion),
  );
  expect(rule.opinion(trap)).not.to.equal(worst);
}

describe('the traps for a naive auditor', () => {
  it('are thirty-six, each with a folder or more', () => {
    const numbers = [...new Set(traps.map(({ number }) => number))];
    expect(numbers).to.deep.equal(Array.from({ length: 36 }, (_, index) => index + 1));
  });

  it('have a domain with a name and a UUID of its own each', () => {
    const identities = traps.flatMap((trap) => factsOf(trap).domains);
    for (const { name, uuid } of identities) {
      expect(name).to.match(/^[\w.-]+$/);
      expect(uuid).to.match(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    }
    expect(new Set(identities.map(({ name }) => name)).size).to.equal(traps.length);
    expect(new Set(identities.map(({ uuid }) => uuid)).size).to.equal(traps.length);
  });

  it('each have a naive rule, and no rule is left over', () => {
    expect(Object.keys(NAIVE_RULES).sort()).to.deep.equal(traps.map(({ name }) => name));
  });

  it('hold nothing that nobody looks at', () => {
    const naive = ['naiveAboutDomains.ts', 'naiveAboutHosts.ts'].map((file) =>
      readFileSync(join(import.meta.dirname, file), 'utf8'),
    );
    const files = traps.flatMap((trap) =>
      readdirSync(trap.path('.'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(trap.path('.'), join(entry.parentPath, entry.name))),
    );
    expect(files.filter((file) => !INPUTS.test(file) && !naive.join().includes(`'${file}'`))).to.deep.equal(
      [],
    );
  });

  it('are described one by one in the documentation', () => {
    const document = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'traps.md'), 'utf8');
    const linked = [...document.matchAll(/\]\(\.\.\/test\/fixtures\/traps\/([^)]+)\)/g)].map(
      ([, name]) => name,
    );
    expect(linked).to.deep.equal(traps.map(({ name }) => name));
    const rows = [...document.matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number));
    expect(rows).to.deep.equal(Array.from({ length: 36 }, (_, index) => index + 1));
  });

  for (const trap of traps) {
    const { about, findings, patch } = trap.expectation;
    describe(`${trap.name}: ${about}`, () => {
      it('is judged by what is in force', async () => {
        const found = await auditOf(trap);
        for (const expected of findings) {
          const [finding, ...more] = found.filter(isAbout(expected));
          if (!finding || more.length > 0) {
            const all = found.filter(({ check }) => check === expected.check).map(summaryOf);
            throw new Error(`expected one ${JSON.stringify(expected)}, found ${all.join(', ')}`);
          }
          expect(summaryOf(finding)).to.equal(summaryOf(expected));
          if (expected.says) expect(words(finding), expected.check).to.contain(expected.says);
        }
        const others = found.filter((finding) => !findings.some((expected) => isAbout(expected)(finding)));
        expect(others.filter(asks).map(summaryOf), 'what else asks for something').to.deep.equal([]);
      });

      it('fools the naive auditor', () => expectNotFooled(trap));

      if (patch) {
        it('gets a patch that says what to know', async () => {
          const { mends, remarks, after } = await patchOf(trap);
          expect(mends).to.deep.equal(patch.mends);
          for (const remark of patch.remarks) expect(remarks.join('\n')).to.contain(remark);
          expect(timersOf(after)).to.deep.equal(patch.timers);
        });
      }
    });
  }
});
