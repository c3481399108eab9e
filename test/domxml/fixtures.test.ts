import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { evaluateDomain } from '../../src/checks/engine.js';
import { DOMAIN_CHECKS } from '../../src/checks/registry.js';
import { readFiles } from '../../src/domxml/files.js';
import { definitionOf } from '../../src/domxml/readings.js';
import type { EffectiveClock, EffectiveRtc } from '../../src/facts/clock.js';
import { hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_THRESHOLDS } from '../../src/policy/thresholds.js';

/** What lies beside a fixture and says what an audit of that file alone has to find. */
interface Expectation {
  readonly about: string;
  readonly guestOs?: { readonly family: string; readonly confidence: string };
  readonly owner?: string;
  readonly findings?: Readonly<Record<string, { readonly outcome: string; readonly code: string }>>;
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
  const [kind, text] = Object.entries(domains[0]?.definitions ?? {})[0] ?? [];
  if (!text?.known) throw new Error('no definition was read');
  const fact = definitionOf(text.value, null);
  if (!fact.known) throw new Error(fact.reason);
  const definition = fact.value;
  const { family, confidence } = definition.guestOs;
  expect({ family, confidence }, 'guestOs').to.deep.equal(guestOs);
  expect(definition.owner.kind, 'owner').to.equal(owner);
  const { rtc, ...members } = effectiveClock ?? {};
  expect(definition.effectiveClock).to.deep.include(members);
  expect(definition.effectiveClock.rtc).to.deep.include(rtc ?? {});
  const found = DOMAIN_CHECKS.flatMap((check) =>
    evaluateDomain(check, { [kind as string]: fact }, host, DEFAULT_THRESHOLDS),
  ).map(({ check, outcome, code }) => [check, { outcome, code }]);
  expect(Object.fromEntries(found)).to.deep.equal(findings);
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
