import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import { judge } from '../../src/cli/judge.js';
import { readFiles } from '../../src/domxml/files.js';
import type { Facts } from '../../src/facts/facts.js';
import { hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { json, renderJson } from '../../src/report/json.js';
import type { DomainReport } from '../../src/report/report.js';
import { FIXTURES } from '../support/fixtures.js';
import { policyOf } from '../support/policies.js';
import { richReport } from '../support/richReport.js';

function schemaIn(name: string) {
  return JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'schema', name), 'utf8'));
}

describe('the JSON report', () => {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schemaIn('report.schema.json'));
  const validateList = ajv.compile(schemaIn('reports.schema.json'));

  async function facts(): Promise<Facts> {
    const { domains, problems } = await readFiles([FIXTURES]);
    return {
      schemaVersion: '1.0',
      toolVersion: '0.1.0',
      collectedAt: '2026-01-02T03:04:05.678Z',
      hostname: 'compute7',
      sources: [{ kind: 'files', location: FIXTURES }],
      host: null,
      hostNote: 'left out',
      domains,
      problems,
      notes: ['a note'],
    };
  }

  it('fits its schema for every fixture, broken ones among them', async () => {
    const report = JSON.parse(renderJson(judge(await facts(), 'warn', DEFAULT_POLICY)));
    expect(validate(report), JSON.stringify(validate.errors?.slice(0, 3), null, 1)).to.equal(true);
    expect(report.problems).to.have.length.above(5);
    expect(report.domains).to.have.length.above(60);
  });

  it('fits its schema with a host that could not be read', async () => {
    const report = JSON.parse(
      renderJson(judge({ ...(await facts()), host: hostLeftOut('no reason') }, 'warn', DEFAULT_POLICY)),
    );
    expect(validate(report), JSON.stringify(validate.errors?.slice(0, 3), null, 1)).to.equal(true);
  });

  it('fits its schema with everything that a policy puts into it', async () => {
    const policy = await policyOf(`
profile: scs-0129
fleetTimeZone: UTC
checks: {domain/hpet: {severity: info}, domain/rtc-track: {severity: warn}, domain/taints: {enabled: false}}
waivers:
  - {check: 'domain/kvmclock', target: '*', reason: r, owner: o, expires: 2027-01-31}
  - {check: domain/clock-offset, target: '*', reason: r, owner: o}
  - {check: domain/ptp-kvm, target: '*', reason: r, owner: o, expires: 2020-01-31}
guests: [{match: '*', os: windows, rtc: utc}]
`);
    const report = JSON.parse(renderJson(judge(await facts(), 'warn', policy)));
    expect(validate(report), JSON.stringify(validate.errors?.slice(0, 3), null, 1)).to.equal(true);
    expect(report.summary.waived).to.be.above(0);
    expect(report.policy).to.deep.include({
      profile: 'scs-0129',
      sources: ['policy.yaml'],
      disabledChecks: ['domain/taints'],
      severities: { 'domain/hpet': 'info', 'domain/ptp-kvm': 'info', 'domain/rtc-track': 'warn' },
    });
    expect(report.policy.waivers.map((it: { state: string }) => it.state)).to.deep.equal([
      'applied',
      'applied',
      'expired',
    ]);
  });

  it('fits its schema with a place for what is in files, and everything else that there is', async () => {
    const report = JSON.parse(renderJson(await richReport()));
    expect(validate(report), JSON.stringify(validate.errors?.slice(0, 3), null, 1)).to.equal(true);
    const places = report.domains.flatMap((domain: DomainReport) =>
      domain.findings.map(({ place }) => place),
    );
    expect(places.filter(Boolean)).to.have.length.above(20);
    expect(validate({ ...report, schemaVersion: '1.0' })).to.equal(false);
  });

  it('fits the schema of a list where there are several hosts', async () => {
    const report = await richReport();
    const options = { colour: false, verbose: false };
    const list = JSON.parse(json.render([report, report], options));
    expect(validateList(list), JSON.stringify(validateList.errors?.slice(0, 3), null, 1)).to.equal(true);
    expect(validateList({ ...list, reports: [report, {}] })).to.equal(false);
    expect(validate(JSON.parse(json.render([report], options)))).to.equal(true);
  });

  it('does not fit it with a member more, less or of another kind', async () => {
    const report = JSON.parse(renderJson(judge(await facts(), 'warn', DEFAULT_POLICY)));
    expect(validate({ ...report, extra: 1 })).to.equal(false);
    expect(validate({ ...report, summary: { ...report.summary, exitCode: 4 } })).to.equal(false);
    const { domains: _, ...without } = report;
    expect(validate(without)).to.equal(false);
  });
});
