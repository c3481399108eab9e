import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { evaluateDomain } from '../../src/checks/engine.js';
import { DOMAIN_CHECKS } from '../../src/checks/registry.js';
import { situationOf } from '../../src/cli/situation.js';
import { readFiles } from '../../src/domxml/files.js';
import type { EffectiveClock, EffectiveRtc } from '../../src/facts/clock.js';
import type { DomainFacts } from '../../src/facts/domain.js';
import { hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';

/** What lies beside a fixture and says what an audit of that file alone has to find. */
interface Expectation {
  readonly about: string;
  readonly guestOs?: { readonly family: string; readonly confidence: string };
  readonly owner?: string;
  /** By check: outcome and code. */
  readonly findings?: Readonly<Record<string, string>>;
  readonly effectiveClock?: Partial<Omit<EffectiveClock, 'rtc'>> & { readonly rtc?: Partial<EffectiveRtc> };
  readonly problem?: { readonly cause: string; readonly line?: number; readonly column?: number };
  readonly patch?: 'fixes' | 'nothing-to-fix' | 'refused';
}

const directory = join(import.meta.dirname, '..', 'fixtures', 'domxml');
const files = readdirSync(directory);
const namesEndingIn = (suffix: string) =>
  files.filter((file) => file.endsWith(suffix)).map((file) => file.slice(0, -suffix.length));
const fixtures = namesEndingIn('.xml');
const host = hostLeftOut('left out by the test');

function expectationOf(name: string): Expectation {
  return JSON.parse(readFileSync(join(directory, `${name}.expect.json`), 'utf8'));
}

async function expectProblem(path: string, problem: NonNullable<Expectation['problem']>): Promise<void> {
  const { domains, problems } = await readFiles([path]);
  expect(domains).to.deep.equal([]);
  expect(problems).to.have.length(1);
  expect(problems[0]).to.deep.include({ target: path, ...problem });
}

async function expectDomain(path: string, expectation: Expectation): Promise<void> {
  const { guestOs, owner, findings, effectiveClock } = expectation;
  const { domains, problems } = await readFiles([path]);
  expect(problems).to.deep.equal([]);
  expect(domains).to.have.length(1);
  const situation = situationOf(domains[0] as DomainFacts, null, DEFAULT_POLICY);
  const fact = situation.definitions.live ?? situation.definitions.inactive;
  if (!fact?.known) throw new Error(fact?.reason ?? 'no definition was read');
  const definition = fact.value;
  const { family, confidence } = definition.guestOs;
  expect({ family, confidence }, 'guestOs').to.deep.equal(guestOs);
  expect(definition.owner.kind, 'owner').to.equal(owner);
  const { rtc, ...members } = effectiveClock ?? {};
  expect(definition.effectiveClock).to.deep.include(members);
  expect(definition.effectiveClock.rtc).to.deep.include(rtc ?? {});
  const found = DOMAIN_CHECKS.flatMap((check) => evaluateDomain(check, situation, host, DEFAULT_POLICY)).map(
    ({ check, outcome, code }) => [check, `${outcome} ${code}`],
  );
  // Run the tests with UPDATE_GOLDEN=1 to write the findings anew, and read the difference.
  if (process.env.UPDATE_GOLDEN === '1') {
    const text = JSON.stringify({ ...expectation, findings: Object.fromEntries(found) }, null, 2);
    writeFileSync(path.replace(/\.xml$/, '.expect.json'), `${text}\n`);
  } else expect(Object.fromEntries(found)).to.deep.equal(findings);
}

describe('domain fixtures', () => {
  it('all have an expectation, and every expectation has its fixture', () => {
    expect(fixtures).to.have.members(namesEndingIn('.expect.json')).and.not.be.empty;
    expect(files.filter((file) => !/\.(xml|expect\.json)$/.test(file))).to.deep.equal([]);
  });

  it('have a name and a uuid of their own', async () => {
    const paths = fixtures.filter((name) => !expectationOf(name).problem).map((name) => `${name}.xml`);
    const { domains } = await readFiles(paths.map((path) => join(directory, path)));
    expect(new Set(domains.map(({ name }) => name))).to.have.property('size', paths.length);
    expect(new Set(domains.map(({ uuid }) => uuid))).to.have.property('size', paths.length);
  });

  for (const name of fixtures.filter((it) => files.includes(`${it}.expect.json`))) {
    const expectation = expectationOf(name);
    it(`${name}: ${expectation.about}`, async () => {
      const path = join(directory, `${name}.xml`);
      if (expectation.problem) await expectProblem(path, expectation.problem);
      else await expectDomain(path, expectation);
    });
  }
});
