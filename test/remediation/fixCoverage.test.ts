import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { evaluateDomain } from '../../src/checks/engine.js';
import type { Finding } from '../../src/checks/finding.js';
import { CHECKS, DOMAIN_CHECKS } from '../../src/checks/registry.js';
import { readDefinition } from '../../src/domxml/definition.js';
import type { Owner } from '../../src/facts/definition.js';
import { known } from '../../src/facts/fact.js';
import { hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { hostFixesFor } from '../../src/remediation/hostFixes.js';
import { ownerFixFor } from '../../src/remediation/ownerFixes.js';
import { definitionOf, situationOf } from '../support/definitions.js';

const source = join(import.meta.dirname, '../../src/checks');
const fixtures = join(import.meta.dirname, '../fixtures/domxml');

const nova: Owner = { kind: 'nova', label: 'OpenStack nova', rewrittenBy: 'at a start' };
const OWNERS: readonly Owner[] = [
  nova,
  { kind: 'ovirt', label: 'oVirt', rewrittenBy: 'at a start' },
  { kind: 'kubevirt', label: 'KubeVirt', rewrittenBy: 'at a start' },
];

/** The codes of warnings and failures of each check. */
const WRONG: Readonly<Record<string, readonly string[]>> = {
  'host/chrony-tracking': [
    ...['daemon-absent', 'never-synchronised', 'leap-not-synchronised', 'local-stratum-only'],
    ...['stratum-invalid', 'offset', 'holdover', 'root-distance', 'stratum-high'],
  ],
  'host/chrony-sources': ['none-usable', 'falseticker', 'too-few'],
  'host/chrony-control': ['nobody-seen', 'not-steered'],
  'host/timesyncd': [
    ...[
      'never-synchronised',
      'server-not-synchronised',
      'holdover',
      'offset',
      'root-distance',
      'stratum-high',
    ],
  ],
  'host/ntpd': [
    ...['never-synchronised', 'leap-not-synchronised', 'local-clock-only', 'holdover', 'offset'],
    ...['root-distance', 'stratum-high'],
  ],
  'host/linuxptp': ['calibrating', 'no-master', 'offset', 'system-clock-free'],
  'host/time-daemons': ['several', 'phc2sys-beside-ntp'],
  'host/kernel-clock': ['frequency', 'frequency-limit', 'contradicts', 'unsynchronised'],
  'host/hardware-clock': ['off', 'local-time-unsaid'],
  'host/ptp-clocks': ['far-off'],
  'host/leap-second': [],
  'host/leap-table': [],
  'host/clock-parameters': ['override'],
  'host/virtualisation': [],
  'host/clocksource': ['slow-clocksource', 'nested', 'unusual-clocksource'],
  'host/tsc-flags': ['tsc-not-used', 'not-invariant'],
  'host/kvm-clock': ['not-stable', 'other-clocksource'],
  'host/ptp-kvm': ['refused', 'other-clocksource'],
  'host/kvm-parameters': [],
  'host/time-zone': ['other-zone'],
  'host/libvirt-guests': ['time-not-set', 'restored-elsewhere'],
  'host/hpet-validation': ['refused'],
  'domain/clock-offset': [
    ...['fixed-date', 'odd-adjustment', 'utc-for-local-guest', 'local-for-utc-guest', 'zone-for-utc-guest'],
    'quarter-hours-for-utc-guest',
  ],
  'domain/timezone': ['invalid-zone'],
  'domain/host-timezone': ['differs-from-fleet'],
  'domain/rtc-track': ['realtime', 'guest-for-replay', 'guest'],
  'domain/kvmclock': ['inert', 'switched-off', 'kvm-hidden', 'kvm-hidden-on-purpose', 'breaks-start'],
  'domain/ptp-kvm': ['neither'],
  'domain/hypervclock': ['off', 'off-probably', 'hidden-on-purpose'],
  'domain/hyperv-dependencies': ['incomplete'],
  'domain/hyperv-stimer': ['off'],
  'domain/hpet': ['on'],
  'domain/tick-policy': [],
  'domain/armvtimer': [],
  'domain/invtsc-migration': ['invtsc-without-frequency', 'not-migratable'],
  'domain/tsc-frequency': ['host-unknown', 'scaling-unknown', 'out-of-tolerance'],
  'domain/commandline-override': ['overridden'],
  'domain/ignored-attributes': ['contradicts'],
  'domain/foreign-timers': ['breaks-start'],
  'domain/stack-owner': [],
  'domain/definition-rejected': ['rejected'],
  'domain/qemu-process': ['differs'],
  'domain/pending-restart': ['pending'],
  'domain/managed-save': ['stale-image'],
  'domain/rtc-adjustment': ['moved', 'moved-far'],
  'domain/agent-channel': ['disconnected', 'absent'],
  'domain/taints': [],
};

/** The codes of each check that ask for nothing. */
const RIGHT: Readonly<Record<string, readonly string[]>> = {
  'host/chrony-tracking': ['synchronised', 'other-daemon'],
  'host/chrony-sources': [
    ...['daemon-absent', 'other-daemon', 'not-synchronised', 'reference-clock-only', 'reference-clock'],
    ...['fewer-than-advised', 'one-network', 'enough'],
  ],
  'host/chrony-control': ['daemon-absent', 'process-not-seen', 'steers', 'other-daemon', 'steered-unseen'],
  'host/timesyncd': ['not-running', 'single-server'],
  'host/ntpd': ['not-running', 'synchronised'],
  'host/linuxptp': ['not-running', 'not-steering', 'source-unseen', 'follows-master'],
  'host/time-daemons': ['none', 'single', 'not-steering', 'timemaster', 'reference-clock'],
  'host/ptp-clocks': ['none', 'in-line', 'hypervisor-clock', 'unused', 'listed'],
  'host/kernel-clock': [
    ...[
      'agrees',
      'flag-left-set',
      'set-since',
      'unsynchronised-too',
      'other-chronyd',
      'still-synchronised',
      'tai-unset',
    ],
  ],
  'host/hardware-clock': ['none', 'agrees', 'local-time'],
  'host/leap-second': [
    ...['daemon-absent', 'none-announced', 'leap-insert', 'leap-delete', 'leap-over', 'not-synchronised'],
  ],
  'host/leap-table': ['none', 'current', 'expired'],
  'host/clock-parameters': ['none', 'no-override', 'in-force'],
  'host/virtualisation': ['metal', 'guest'],
  'host/clocksource': ['proper'],
  'host/tsc-flags': ['invariant'],
  'host/kvm-clock': ['stable', 'inconclusive', 'other-architecture'],
  'host/ptp-kvm': ['answered', 'by-flags', 'inconclusive'],
  'host/kvm-parameters': ['no-parameters', 'parameters'],
  'host/time-zone': ['not-used', 'fleet-zone-unset', 'fleet-zone', 'zone-unnamed'],
  'host/libvirt-guests': ['not-installed', 'not-enabled', 'shuts-down', 'sets-time', 'no-guest-affected'],
  'host/hpet-validation': ['not-affected', 'not-asked-for', 'older-qemu'],
  'domain/clock-offset': ['utc', 'utc-by-kubevirt', 'local-is-utc', 'local', 'zone', 'quarter-hours'],
  'domain/timezone': ['exists'],
  'domain/host-timezone': ['independent', 'fleet-unknown', 'as-the-fleet', 'zone-unnamed'],
  'domain/rtc-track': ['host'],
  'domain/kvmclock': ['on', 'no-kvm', 'not-used', 'other-architecture'],
  'domain/ptp-kvm': ['ptp-kvm-only', 'not-used', 'no-kvm-clock', 'kvm-clock', 'both', 'kvm-clock-only'],
  'domain/hypervclock': ['on-without-use', 'on', 'off-perhaps', 'not-needed'],
  'domain/hyperv-dependencies': ['passthrough', 'complete'],
  'domain/hyperv-stimer': ['passthrough', 'on', 'off-by-nova', 'off-probably'],
  'domain/hpet': ['off', 'asked-of-nova', 'vendor-default'],
  'domain/tick-policy': ['ticks-not-counted', 'rtc-without-catchup', 'pit-discards', 'usual'],
  'domain/armvtimer': ['stops', 'runs-on'],
  'domain/invtsc-migration': ['invtsc-with-frequency', 'no-invtsc'],
  'domain/tsc-frequency': ['within-tolerance', 'scaled'],
  'domain/commandline-override': ['none'],
  'domain/ignored-attributes': ['none', 'no-effect'],
  'domain/foreign-timers': ['none', 'left-over'],
  'domain/stack-owner': [],
  'domain/definition-rejected': ['accepted'],
  'domain/qemu-process': ['same'],
  'domain/pending-restart': ['same'],
  'domain/managed-save': ['no-image', 'same'],
  'domain/rtc-adjustment': ['unmoved'],
  'domain/agent-channel': ['connected', 'configured', 'absent-by-nova'],
  'domain/taints': ['none', 'tainted'],
};

/** What has no text to paste for the host, and why. */
const NO_HOST_FIX: Readonly<Record<string, string>> = {
  'host/clocksource nested': "the host's own hypervisor has to give it an invariant TSC",
  'host/clocksource unusual-clocksource': 'what is right for such a machine is not known',
  'host/kernel-clock frequency': 'firmware or hardware, or a boot that measures the TSC anew',
  'host/kernel-clock frequency-limit': 'firmware or hardware, or a boot that measures the TSC anew',
  'host/kernel-clock contradicts': 'what else sets the clock has to be found out first',
  'host/kernel-clock unsynchronised': 'it takes what the daemon that runs tells of itself',
  'host/clock-parameters override': "a word has to be taken out of the boot loader's configuration by hand",
  'host/tsc-flags tsc-not-used': 'firmware or hardware',
  'host/tsc-flags not-invariant': 'firmware or hardware',
  'host/ptp-clocks far-off': 'what keeps phc2sys from it has to be found out first',
  'host/kvm-clock not-stable': 'what made a TSC go backwards has to be found out first',
  'host/kvm-clock other-clocksource': 'host/clocksource has it',
  'host/ptp-kvm other-clocksource': 'host/clocksource has it',
  'host/ptp-kvm refused': 'a newer kernel, or what host/kvm-clock tells',
  'host/hpet-validation refused': 'libvirt has to be upgraded, or the domains get another timer',
};

/** What has no fix in a layer that owns domains, and why; the domain alone means: in none of them. */
const NO_OWNER_FIX: Readonly<Record<string, string>> = {
  'domain/kvmclock kvm-hidden-on-purpose': 'whether it is meant has to be decided first',
  'domain/hypervclock hidden-on-purpose': 'whether it is meant has to be decided first',
  'domain/host-timezone differs-from-fleet': "it is the host's zone that is wrong",
  'domain/ptp-kvm neither': "it is the host's clocksource that is wrong",
  'domain/qemu-process differs': 'the definition is not what is wrong; the emulator or a hook is',
  'domain/pending-restart pending': 'the definition is right already, and waits for a start',
  'domain/managed-save stale-image': 'the definition is right already; the image brings an old one back',
  'domain/rtc-adjustment moved': 'it is what the guest did to its RTC',
  'domain/rtc-adjustment moved-far': 'it is what the guest did to its RTC',
  'domain/agent-channel disconnected': 'the agent is missing inside of the guest',
};

const key = ({ check, code }: Pick<Finding, 'check' | 'code'>) => `${check} ${code}`;
const finding = (check: string, code: string): Finding => ({
  check,
  code,
  outcome: 'warn',
  title: '',
  observed: '',
  evidence: [],
  remedy: [],
});

/** All that a check's source names as a code, one way or another. */
function codesIn(text: string): string[] {
  const said = [...text.matchAll(/\bcode(?:: |\b.* = )([^,\n]*)/g)].flatMap(([, value = '']) =>
    [...value.matchAll(/'([a-z\d-]+)'/g)].map(([, it = '']) => it),
  );
  const passed = [...text.matchAll(/(?:\bfail\(|switchedOff\(definition, |pending\('\w+', )'([a-z-]+)'/g)];
  return [...said, ...passed.map(([, it = '']) => it)];
}

describe('what is wrong', () => {
  it('is listed below by every code that a check has', () => {
    const ids = CHECKS.map(({ id }) => id as string).sort();
    expect(Object.keys(WRONG).sort()).to.deep.equal(ids);
    expect(Object.keys(RIGHT).sort()).to.deep.equal(ids);
    const files = ['host', 'domain'].flatMap((scope) =>
      readdirSync(join(source, scope)).map((file) => readFileSync(join(source, scope, file), 'utf8')),
    );
    let codes = 0;
    for (const text of files) {
      const id = /\bid: '([a-z]+\/[a-z-]+)'/.exec(text)?.[1];
      if (id === undefined) continue;
      const listed = [...(WRONG[id] ?? []), ...(RIGHT[id] ?? [])];
      const found = codesIn(text);
      codes += found.length;
      expect(listed, id).to.include.members(found);
    }
    expect(codes).to.be.above(100);
  });

  it('about a host has text to paste, or a reason why there is none', () => {
    const host = {
      ...hostLeftOut('left out by the test'),
      architecture: known('x86_64', 'test'),
      clocksource: known({ current: 'hpet', available: ['tsc', 'hpet'] }, 'test'),
      timeDaemons: known(['chronyd', 'ntpd', 'phc2sys'], 'test'),
    };
    const policy = { ...DEFAULT_POLICY, fleetTimeZone: 'Europe/Berlin' };
    for (const [check, codes] of Object.entries(WRONG).filter(([id]) => id.startsWith('host/'))) {
      for (const code of codes) {
        const fixes = hostFixesFor(host, [finding(check, code)], policy);
        const reason = NO_HOST_FIX[`${check} ${code}`];
        expect(fixes.length > 0, `${check} ${code}`).to.equal(reason === undefined);
        for (const { about, lines } of fixes) {
          expect(about).to.not.match(/\.$/);
          expect(lines).to.not.be.empty;
        }
      }
    }
  });

  for (const owner of OWNERS) {
    it(`about a domain of ${owner.label} has a fix there, or a reason why there is none`, () => {
      const definition = definitionOf({ owner });
      const ids = { name: 'telco_upf-0', uuid: null };
      for (const [check, codes] of Object.entries(WRONG).filter(([id]) => id.startsWith('domain/'))) {
        for (const code of codes) {
          const fix = ownerFixFor(definition, [finding(check, code)], ids);
          const reason = NO_OWNER_FIX[`${check} ${code}`];
          expect(fix !== null, `${check} ${code}`).to.equal(reason === undefined);
          for (const { about, checks } of fix?.steps ?? []) {
            expect(about).to.not.match(/\.$/);
            expect(checks).to.deep.equal([check]);
          }
        }
      }
    });

    it(`in any fixture is mended in full, as if it were of ${owner.label}`, () => {
      let mended = 0;
      for (const name of readdirSync(fixtures).filter(
        (it) => it.endsWith('.xml') && !it.startsWith('hostile'),
      )) {
        const read = readDefinition(readFileSync(join(fixtures, name), 'utf8'), null);
        const definition = { ...read, owner: read.owner.kind === owner.kind ? read.owner : owner };
        const situation = situationOf({ inactive: definition });
        const host = hostLeftOut('left out by the test');
        const findings = DOMAIN_CHECKS.flatMap((check) =>
          evaluateDomain(check, situation, host, DEFAULT_POLICY),
        );
        const wrong = findings.filter(({ outcome }) => outcome === 'warn' || outcome === 'fail');
        const wanted = wrong.filter((it) => NO_OWNER_FIX[key(it)] === undefined).map(({ check }) => check);
        for (const it of wrong) expect(WRONG[it.check], name).to.include(it.code);
        const fix = ownerFixFor(definition, findings, { name: read.name, uuid: read.uuid ?? null });
        expect(fix?.steps.flatMap(({ checks }) => checks) ?? [], name).to.include.members(wanted);
        mended += wanted.length;
      }
      expect(mended).to.be.above(60);
    });
  }
});
