import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { evaluateHost } from '../../src/checks/engine.js';
import { CHECKS, HOST_CHECKS } from '../../src/checks/registry.js';
import { judge } from '../../src/cli/judge.js';
import { known } from '../../src/facts/fact.js';
import { type HostFacts, hostLeftOut } from '../../src/facts/host.js';
import { PROFILE_NAMES, PROFILES, type Profile } from '../../src/policy/profiles.js';
import { isThresholdName, thresholdMistake } from '../../src/policy/thresholdDescriptions.js';
import { answerOf } from '../support/chronyAnswers.js';
import { FIXTURES } from '../support/fixtures.js';
import { hypervisorFacts } from '../support/hypervisorFacts.js';
import { mistakesIn, policyOf } from '../support/policies.js';

/** A host that is that far off, and knows it exactly. */
function hostOff(systemOffsetSeconds: number): HostFacts {
  const answer = answerOf({ systemOffsetSeconds, rootDelaySeconds: 0, rootDispersionSeconds: 0 });
  return { ...hostLeftOut('not looked at'), chrony: known(answer, 'the test') };
}

describe('profiles', () => {
  for (const name of PROFILE_NAMES) {
    const { thresholds, checks }: Profile = PROFILES[name];

    it(`${name} has sensible values, each with its reason and source`, async () => {
      expect(await mistakesIn(`profile: ${name}`)).to.deep.equal([]);
      for (const [key, { value, because, source }] of Object.entries(thresholds)) {
        expect(isThresholdName(key) && thresholdMistake(key, value), key).to.equal(null);
        expect(because, key).to.have.length.above(10);
        expect(source, key).to.match(/^https:/);
      }
      for (const [pattern, { because, source }] of Object.entries(checks)) {
        const known = pattern === '*' || CHECKS.some(({ id }) => id === pattern);
        expect(known, pattern).to.equal(true);
        expect(because, pattern).to.have.length.above(10);
        expect(source, pattern).to.match(/^https:/);
      }
    });
  }

  /** The offset of a host's clock, and what each profile thinks of it. */
  for (const [offsetSeconds, expected] of [
    [0.00004, { default: 'pass', nova: 'pass', 'scs-0129': 'pass', strict: 'pass', cluster: 'pass' }],
    [0.00006, { default: 'pass', nova: 'pass', 'scs-0129': 'pass', strict: 'fail', cluster: 'pass' }],
    [0.00011, { default: 'pass', nova: 'pass', 'scs-0129': 'pass', strict: 'fail', cluster: 'pass' }],
    [0.006, { default: 'warn', nova: 'warn', 'scs-0129': 'warn', strict: 'fail', cluster: 'warn' }],
    [0.026, { default: 'warn', nova: 'warn', 'scs-0129': 'fail', strict: 'fail', cluster: 'fail' }],
    [0.051, { default: 'fail', nova: 'fail', 'scs-0129': 'fail', strict: 'fail', cluster: 'fail' }],
  ] as const) {
    it(`judge a host that is ${offsetSeconds} s off by their numbers`, async () => {
      const host = hostOff(offsetSeconds);
      for (const name of PROFILE_NAMES) {
        const report = judge(hypervisorFacts({}, { host }), 'warn', await policyOf(`profile: ${name}`));
        const found = report.host?.findings.find(({ check }) => check === 'host/chrony-tracking');
        expect(found?.outcome, name).to.equal(expected[name]);
      }
    });
  }

  it('tell a warning of the strict one from a failure of the check itself', async () => {
    const check = HOST_CHECKS.find(({ id }) => id === 'host/chrony-tracking');
    if (!check) throw new Error('there is no such check');
    const host = hostOff(0.00006);
    const policy = await policyOf('profile: strict');
    expect(evaluateHost(check, host, policy).outcome).to.equal('warn');
    const report = judge(hypervisorFacts({}, { host }), 'warn', policy);
    expect(report.host?.findings.find((it) => it.check === check.id)).to.deep.include({
      outcome: 'fail',
      judgedAs: 'warn',
    });
  });

  for (const file of readdirSync(FIXTURES).filter((it) => /^nova-(linux|windows|live).*\.xml$/.test(it))) {
    if (file === 'nova-windows-as-utc.xml') continue;
    it(`nova has nothing to say about ${file}, which is as nova wrote it`, async () => {
      const facts = hypervisorFacts({ instance: readFileSync(join(FIXTURES, file), 'utf8') });
      const { domains } = judge(facts, 'warn', await policyOf('profile: nova'));
      const wrong = domains[0]?.findings.filter(({ outcome }) => outcome === 'warn' || outcome === 'fail');
      expect(wrong?.map(({ check, observed }) => `${check}: ${observed}`)).to.deep.equal([]);
    });
  }
});
