import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { judge } from '../../src/cli/judge.js';
import { planPatches } from '../../src/cli/patching/patches.js';
import { known, unknown } from '../../src/facts/fact.js';
import type { Facts } from '../../src/facts/facts.js';
import { type HostFacts, hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import type { Report } from '../../src/report/report.js';
import { FIXTURES } from '../support/fixtures.js';
import { hypervisorFacts } from '../support/hypervisorFacts.js';
import { policyOf } from '../support/policies.js';
import { domainNamed, verdicts } from '../support/runTool.js';
import { agentChannelXml, tinyDomainXml } from '../support/tinyDomain.js';

const TRACK = 'domain/rtc-track';
const domain = (name: string, track: string) =>
  tinyDomainXml({
    name,
    devices: agentChannelXml,
    clock: `<clock offset='utc'><timer name='rtc'${track}/><timer name='hpet' present='no'/></clock>`,
    type: 'kvm',
  });
const facts = hypervisorFacts({
  web1: domain('web1', " track='guest'"),
  web2: domain('web2', " track='realtime'"),
  good: domain('good', ''),
});

/** What some of a report's findings came to, for the domains of these facts. */
function outcomes(report: Report, check = TRACK): string[] {
  return report.domains.map(
    ({ name, findings }) => `${name} ${findings.find((it) => it.check === check)?.outcome}`,
  );
}

const unreadClocksource: HostFacts = {
  ...hostLeftOut('not looked at'),
  architecture: known('x86_64', 'uname -m'),
  clocksource: unknown('/sys', 'not-readable', 'it cannot be read'),
};

/** Nothing but the check of the RTC's track is asked. */
const ONLY_TRACK = `checks: {"*": {enabled: false}, ${TRACK}: {enabled: true}}\n`;

async function audited(yaml: string, input: Facts = facts, narrowed = false): Promise<Report> {
  return judge({ ...input, ...(narrowed && { narrowed }) }, 'warn', await policyOf(ONLY_TRACK + yaml));
}

const waiver = (fields: string) => `waivers: [{check: ${TRACK}, reason: r, owner: o, ${fields}}]`;

describe('a policy in force', () => {
  it('changes nothing where it says nothing', async () => {
    const report = await audited('');
    expect(outcomes(report)).to.deep.equal(['web1 fail', 'web2 warn', 'good pass']);
    expect(report.summary).to.deep.include({ outcome: 'fail', exitCode: 2, waived: 0 });
    expect(report.notes).to.deep.equal([]);
  });

  it('leaves out what is disabled, and says so', async () => {
    const report = judge(facts, 'warn', await policyOf(`checks: {${TRACK}: {enabled: false}}`));
    expect(outcomes(report)).to.deep.equal(['web1 undefined', 'web2 undefined', 'good undefined']);
    expect(report.policy.disabledChecks).to.deep.equal([TRACK]);
    expect(judge(facts, 'warn', DEFAULT_POLICY).policy.disabledChecks).to.deep.equal([]);
  });

  for (const [severity, expected, exitCode] of [
    ['info', ['web1 info', 'web2 info', 'good pass'], 0],
    ['warn', ['web1 warn', 'web2 warn', 'good pass'], 1],
    ['fail', ['web1 fail', 'web2 fail', 'good pass'], 2],
  ] as const) {
    it(`makes warnings and failures ${severity}, and nothing else`, async () => {
      const report = judge(
        facts,
        'warn',
        await policyOf(`checks: {"*": {enabled: false}, ${TRACK}: {enabled: true, severity: ${severity}}}`),
      );
      expect(outcomes(report)).to.deep.equal(expected);
      expect(report.summary.exitCode).to.equal(exitCode);
      expect(report.policy.severities).to.deep.equal({ [TRACK]: severity });
      const judgedAs = report.domains.map(({ findings }) => findings[0]?.judgedAs);
      const changed = ['fail', 'warn', undefined].map((own) => (own === severity ? undefined : own));
      expect(judgedAs).to.deep.equal(changed);
    });
  }

  it('does not touch what could not be looked at', async () => {
    const report = judge(
      hypervisorFacts({}, { host: unreadClocksource }),
      'warn',
      await policyOf('checks: {host/clocksource: {severity: info}}'),
    );
    expect(verdicts(report.host?.findings ?? [], 'host/clocksource')[0]).to.match(/^unknown /);
    expect(report.summary.exitCode).to.equal(3);
  });
});

describe('a waiver', () => {
  it('covers a finding, which keeps its outcome and counts nowhere', async () => {
    const report = await audited(waiver('target: web1, expires: 2026-12-31'));
    expect(outcomes(report)).to.deep.equal(['web1 fail', 'web2 warn', 'good pass']);
    expect(domainNamed(report, 'web1').findings[0]).to.deep.include({
      waiver: { reason: 'r', owner: 'o', expires: '2026-12-31', place: 'policy.yaml:2:11' },
      fixable: false,
    });
    expect(domainNamed(report, 'web2').findings[0]).to.not.have.property('waiver');
    expect(report.summary).to.deep.include({ outcome: 'warn', exitCode: 1, waived: 1 });
    expect(report.summary.findings).to.deep.include({ fail: 0, warn: 1, pass: 1 });
    expect(report.policy.waivers[0]).to.deep.include({ state: 'applied', findings: 1 });
    expect(report.notes).to.deep.equal([]);
  });

  it('covers by glob, by UUID in any case, and by a glob of checks', async () => {
    for (const target of ['web?', 'w*', '{web1,web2}']) {
      const { summary } = await audited(waiver(`target: '${target}'`));
      expect(summary, target).to.deep.include({ exitCode: 0, waived: 2 });
    }
    const uuid = facts.domains[0]?.uuid?.toUpperCase();
    expect((await audited(waiver(`target: ${uuid}`))).summary.waived).to.equal(1);
    const byGlob = `waivers: [{check: 'domain/*', target: web1, reason: r, owner: o}]`;
    expect((await audited(byGlob)).summary.waived).to.equal(1);
  });

  it('covers an unknown finding of the host', async () => {
    const input = hypervisorFacts({}, { host: unreadClocksource });
    const only = 'checks: {"*": {enabled: false}, host/clocksource: {enabled: true}}\n';
    const yaml = `${only}waivers: [{check: host/clocksource, target: host, reason: r, owner: o}]`;
    expect(judge(input, 'warn', await policyOf(only)).summary.exitCode).to.equal(3);
    const report = judge(input, 'warn', await policyOf(yaml));
    expect(report.summary).to.deep.include({ exitCode: 0, waived: 1 });
    expect(report.host?.findings[0]).to.deep.include({ outcome: 'unknown' }).and.have.property('waiver');
  });

  for (const [expires, state, exitCode] of [
    ['2026-06-14', 'expired', 2],
    ['2026-06-15', 'applied', 1],
    ['2026-06-16', 'applied', 1],
  ] as const) {
    it(`that ends on ${expires} is ${state} on 2026-06-15`, async () => {
      for (const time of ['00:00:00.000', '23:59:59.999']) {
        const input = { ...facts, collectedAt: `2026-06-15T${time}Z` };
        const report = await audited(waiver(`target: web1, expires: ${expires}`), input);
        expect(report.policy.waivers[0]?.state).to.equal(state);
        expect(report.summary.exitCode).to.equal(exitCode);
        expect(report.notes).to.have.length(state === 'expired' ? 1 : 0);
      }
    });
  }

  it('that has expired is told even where there is nothing to cover', async () => {
    const { notes } = await audited(waiver('target: good, expires: 2026-01-31'));
    expect(notes).to.deep.equal([
      `the waiver of ${TRACK} for good (policy.yaml:2:11, by o) has expired on 2026-01-31 and no longer counts; renew or remove it`,
    ]);
  });

  for (const target of ['nobody', 'good', 'x-*']) {
    it(`for ${target} covers nothing, which is told`, async () => {
      const report = await audited(waiver(`target: '${target}'`));
      expect(report.policy.waivers[0]).to.deep.include({ state: 'unmatched', findings: 0 });
      expect(report.notes).to.deep.equal([
        `the waiver of ${TRACK} for ${target} (policy.yaml:2:11, by o) covers no finding; remove it`,
      ]);
      expect(report.summary.exitCode).to.equal(2);
    });
  }

  const problem = { target: 'x', cause: 'vanished', reason: 'gone' };
  for (const [what, input, narrowed] of [
    ['some domains were left out', facts, true],
    ['a domain could not be read', { ...facts, problems: [problem] }, false],
    ['the domains are files', { ...facts, sources: [{ kind: 'files', location: '.' }] }, false],
    ['no domain was looked for', { ...facts, sources: [], domains: [] }, false],
  ] as const) {
    it(`is not held for idle where ${what}`, async () => {
      const guests = 'guests: [{match: nobody, os: linux}]';
      const report = await audited(`${waiver('target: nobody')}\n${guests}`, input as Facts, narrowed);
      expect(report.policy.waivers[0]?.state).to.equal('not-tested');
      expect(report.notes).to.deep.equal([]);
    });
  }

  it('is not held for idle where its check is disabled or the host was left out', async () => {
    const disabled = `waivers: [{check: domain/hpet, target: web1, reason: r, owner: o}]`;
    expect((await audited(disabled)).policy.waivers[0]?.state).to.equal('not-tested');
    const host = `waivers: [{check: host/clocksource, target: host, reason: r, owner: o}]`;
    const report = judge(facts, 'warn', await policyOf(host));
    expect(report.policy.waivers[0]?.state).to.equal('not-tested');
  });

  it('of several checks is idle when those that are asked have nothing to cover', async () => {
    const several = `waivers: [{check: 'domain/*', target: good, reason: r, owner: o}]`;
    expect((await audited(several)).policy.waivers[0]?.state).to.equal('unmatched');
  });

  it('covers no problem', async () => {
    const report = await audited(waiver("target: '*'"), { ...facts, problems: [problem] });
    expect(report.summary).to.deep.include({ outcome: 'unknown', exitCode: 3, problems: 1, waived: 2 });
  });
});

describe('a patch', () => {
  const mends = async (yaml: string, input = facts) =>
    Object.fromEntries(
      (await planPatches(input, await policyOf(yaml))).map((it) => [
        it.domain,
        // No case here is about what nearly all of these lack as well.
        it.mends.filter((check) => check !== 'domain/hpet' && check !== 'domain/agent-channel'),
      ]),
    );

  it('mends what counts', async () => {
    expect(await mends('')).to.deep.equal({ web1: [TRACK], web2: [TRACK], good: [] });
  });

  for (const [what, yaml] of [
    ['disabled', `checks: {${TRACK}: {enabled: false}}`],
    ['mere information', `checks: {${TRACK}: {severity: info}}`],
    ['waived', waiver('target: web*')],
  ] as const) {
    it(`leaves alone what is ${what}`, async () => {
      expect(await mends(yaml)).to.deep.equal({ web1: [], web2: [], good: [] });
    });
  }

  it('mends again what was waived until yesterday', async () => {
    expect(await mends(waiver('target: web*, expires: 2026-06-14'))).to.deep.include({ web1: [TRACK] });
  });

  it('leaves other domains and other checks as they are', async () => {
    expect(await mends(waiver('target: web1'))).to.deep.equal({ web1: [], web2: [TRACK], good: [] });
  });

  it('is made for what a guest was said to be', async () => {
    const xml = readFileSync(join(FIXTURES, 'unknown-os-utc.xml'), 'utf8');
    const name = /<name>([^<]+)</.exec(xml)?.[1] ?? '';
    const input = hypervisorFacts({ [name]: xml });
    expect((await mends('', input))[name]).not.to.include('domain/clock-offset');
    const said = await mends(`guests: [{match: ${name}, os: windows}]`, input);
    expect(said[name]).to.include('domain/clock-offset');
  });
});

describe('what an operator says of a guest', () => {
  const check = 'domain/clock-offset';
  const xml = readFileSync(join(FIXTURES, 'nova-windows-as-utc.xml'), 'utf8');
  const name = /<name>([^<]+)</.exec(xml)?.[1] ?? '';
  const input = hypervisorFacts({ [name]: xml });
  const judged = async (yaml: string) => {
    const report = judge(input, 'warn', await policyOf(yaml));
    return { verdict: verdicts(domainNamed(report, name).findings, check), report };
  };

  it('lets a Windows guest with its RTC in UTC pass', async () => {
    expect((await judged('')).verdict).to.deep.equal(['warn utc-for-local-guest']);
    const { verdict, report } = await judged(`guests: [{match: ${name}, os: windows, rtc: utc}]`);
    expect(verdict).to.deep.equal(['pass utc']);
    expect(domainNamed(report, name).guestOs).to.deep.equal({
      family: 'windows',
      confidence: 'strong',
      evidence: 'said by policy.yaml:1:10, with the RTC in UTC',
      rtcIsUtc: true,
    });
  });

  it('outweighs the metadata, by name, UUID or glob', async () => {
    for (const match of [name, 'instance-*', input.domains[0]?.uuid]) {
      const uuidOfText = /<uuid>([^<]+)</.exec(xml)?.[1];
      const pattern = match === input.domains[0]?.uuid ? uuidOfText : match;
      const { verdict } = await judged(`guests: [{match: '${pattern}', os: linux}]`);
      expect(verdict, String(pattern)).to.deep.equal(['pass utc']);
    }
  });

  it('counts only where it matches first', async () => {
    const { verdict } = await judged(
      `guests: [{match: other, os: linux}, {match: 'instance-*', os: windows}, {match: '*', os: linux}]`,
    );
    expect(verdict).to.deep.equal(['warn utc-for-local-guest']);
  });

  it('is told where it is about nobody', async () => {
    const { report } = await judged('guests: [{match: nobody, os: linux}]');
    expect(report.notes).to.deep.equal([
      'no domain is called nobody, which is said to be a guest by policy.yaml:1:10',
    ]);
  });
});
