import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import { gatherHost } from '../../src/cli/gatherHost.js';
import { judge } from '../../src/cli/judge.js';
import { known } from '../../src/facts/fact.js';
import type { Facts } from '../../src/facts/facts.js';
import { type HostFacts, hostLeftOut } from '../../src/facts/host.js';
import { loadFacts, saveFacts } from '../../src/facts/store.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { renderJson } from '../../src/report/json.js';
import { EVERY_CLOCK, NO_CLOCK } from '../support/clockFacts.js';
import { scratchDirectory } from '../support/scratch.js';

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'schema', 'report.schema.json'), 'utf8'),
);

describe("a host's facts", () => {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  const scratch = scratchDirectory('root');
  after(() => scratch.remove());

  const gather = async (root: string): Promise<HostFacts> => ({
    ...hostLeftOut('not asked for'),
    ...(await gatherHost({ root, chronyc: '/nonexistent', deadlineSeconds: 1 })),
  });
  const about = (host: HostFacts): Facts => ({
    schemaVersion: '1.0',
    toolVersion: '0.1.0',
    collectedAt: '2026-01-02T03:04:05.678Z',
    hostname: 'compute7',
    sources: [],
    host,
    hostNote: 'this machine',
    domains: [],
    problems: [],
    notes: [],
  });

  function comesThrough(host: HostFacts): void {
    const facts = about(host);
    expect(loadFacts(saveFacts(facts))).to.deep.equal(facts);
    const report = JSON.parse(renderJson(judge(facts, 'warn', DEFAULT_POLICY)));
    const wrong = validate(report)
      ? []
      : validate.errors?.filter(({ instancePath }) => instancePath.startsWith('/host/facts'));
    expect(wrong).to.deep.equal([]);
  }

  it('of this machine can be saved and reported', async () => {
    comesThrough(await gather('/'));
  });

  it('of which nothing can be read can be saved and reported', async () => {
    const host = await gather(scratch.path);
    expect(host.timeDaemons.known).to.equal(false);
    comesThrough(host);
  });

  it('with every value there is can be saved and reported', async () => {
    comesThrough({
      ...(await gather('/')),
      tscFlags: known({ constant: true, nonstop: false }, 'the test'),
      timeDaemons: known(['chronyd', 'ntpd'], 'the test'),
      kvmParameters: known({ kvmclockPeriodicSync: null, tscTolerancePpm: 250 }, 'the test'),
      libvirtGuests: known(
        { enabled: true, onBoot: 'start', onShutdown: 'suspend', syncTime: false },
        'the test',
      ),
      zoneinfo: known({ 'Europe/Berlin': true }, 'the test'),
      tscCounter: known({ frequencyHz: 2_600_000_000, scaling: null }, 'the test'),
      libvirtVersion: known('9.0.0', 'the test'),
      qemuVersion: known('7.2.22', 'the test'),
      ...EVERY_CLOCK,
    });
    comesThrough({
      ...(await gather('/')),
      tscFlags: known(null, 'the test'),
      kvmParameters: known({ kvmclockPeriodicSync: false, tscTolerancePpm: null }, 'the test'),
      libvirtGuests: known({ enabled: false }, 'the test'),
      tscCounter: known(null, 'the test'),
      ...NO_CLOCK,
    });
    comesThrough({ ...(await gather('/')), libvirtGuests: known(null, 'the test') });
  });

  const everyValue = (name: keyof typeof EVERY_CLOCK): object => {
    const fact = EVERY_CLOCK[name];
    return fact.known ? (fact.value as object) : {};
  };

  it('that were tampered with are refused', async () => {
    const host = await gather('/');
    for (const wrong of [
      { tscFlags: known({ constant: 1, nonstop: true }, 'the test') },
      { timeDaemons: known('chronyd', 'the test') },
      { kvmParameters: known({ kvmclockPeriodicSync: 'Y', tscTolerancePpm: 250 }, 'the test') },
      { libvirtGuests: known({ enabled: true, onBoot: 'start', onShutdown: 'suspend' }, 'the test') },
      { virtualisation: known('kvm', 'the test') },
      { clockParameters: known([1], 'the test') },
      { kernelClock: known({ ...everyValue('kernelClock'), state: 'fine' }, 'the test') },
      { kernelClock: known({ ...everyValue('kernelClock'), maxErrorSeconds: '16' }, 'the test') },
      { hardwareClock: known({ ...everyValue('hardwareClock'), keeps: 'TAI' }, 'the test') },
      { leapTable: known({ path: '/usr/share/zoneinfo/leap-seconds.list' }, 'the test') },
      { ptpClocks: known({}, 'the test') },
      { ptpClocks: known([{ device: '/dev/ptp0' }], 'the test') },
      { kvm: known({ ...everyValue('kvm'), clockPairing: { verdict: 'maybe', because: '' } }, 'the test') },
      { timesyncd: known({ ...everyValue('timesyncd'), lastPacket: {} }, 'the test') },
      { ntpd: known({ ...everyValue('ntpd'), peers: [{ name: 'a', state: 'selected' }] }, 'the test') },
      { linuxptp: known({ ...everyValue('linuxptp'), portStates: 'SLAVE' }, 'the test') },
      { linuxptp: known({ systemClockBy: 'phc2sys' }, 'the test') },
      { chrony: known({ ...everyValue('chrony'), sources: [{ name: 'a', state: 'selected' }] }, 'the test') },
      { chrony: known({ ...everyValue('chrony'), activity: { online: 4 } }, 'the test') },
      { chrony: known({ ...everyValue('chrony'), steersClock: 'yes' }, 'the test') },
    ]) {
      const facts = about({ ...host, ...(wrong as unknown as Partial<HostFacts>) });
      expect(() => loadFacts(saveFacts(facts)), Object.keys(wrong)[0]).to.throw(/holds no facts/);
    }
  });
});
