import {
  adjustmentOf,
  isWindows,
  type NaiveRules,
  offsetOf,
  rightIf,
  running,
  schemaAccepts,
  timer,
  timersOf,
  WHOLE_DOMAIN,
  xml,
} from './naiveRule.js';
import type { Trap } from './trap.js';

const offsetIs = (offset: string) => (trap: Trap) => rightIf(offsetOf(xml(trap)) === offset);
const localIfWindows = (trap: Trap) => rightIf(!isWindows(trap) || offsetOf(xml(trap)) === 'localtime');
const followsHost = (text: string) => rightIf(!/track='guest'|clock=vm/.test(text));
const passedThrough = (trap: Trap) =>
  /<qemu:commandline>[\s\S]*<\/qemu:commandline>/.exec(xml(trap))?.[0] ?? '';
const agentIsConnected = (trap: Trap) =>
  rightIf(running(trap).includes("name='org.qemu.guest_agent.0' state='connected'"));

/** What a naive auditor makes of definitions and of running domains. */
export const NAIVE_ABOUT_DOMAINS: NaiveRules = {
  '01-no-kvmclock-timer': {
    check: 'domain/kvmclock',
    opinion: (trap) => rightIf(timer(xml(trap), 'kvmclock').some((it) => it.includes("present='yes'"))),
  },
  '02-present-no-on-rtc': {
    check: 'domain/rtc-track',
    opinion(trap) {
      const inPlace = timer(xml(trap), 'rtc').filter((it) => !it.includes("present='no'"));
      return followsHost(inPlace.join());
    },
  },
  '03-offset-utc-with-adjustment': { check: 'domain/clock-offset', opinion: offsetIs('utc') },
  '03-offset-variable': { check: 'domain/clock-offset', opinion: offsetIs('utc') },
  '04-clock-without-offset': { check: 'domain/clock-offset', opinion: offsetIs('utc') },
  '04-no-clock': { check: 'domain/clock-offset', opinion: offsetIs('utc') },
  '05-guest-prefers-tsc': {
    check: 'domain/kvmclock',
    opinion: (trap) => rightIf(!xml(trap).includes("policy='require' name='invtsc'")),
  },
  '07-arm-counter-runs-on': {
    check: 'domain/armvtimer',
    claim: (trap) =>
      xml(trap).includes("arch='aarch64'") ? 'the guest is late afterwards' : 'no such counter',
  },
  '07-paused-tsc-guest': {
    check: WHOLE_DOMAIN,
    opinion: (trap) => rightIf(trap.json<{ state: string }>('domain.json').state !== 'paused'),
  },
  '08-commandline-rtc': {
    check: 'domain/rtc-track',
    opinion: (trap) => followsHost(timer(xml(trap), 'rtc').join()),
  },
  '08-emulator-wrapper': { check: 'domain/rtc-track', opinion: (trap) => followsHost(running(trap)) },
  '09-other-qemu-prefix': {
    check: 'domain/rtc-track',
    opinion: (trap) => followsHost(passedThrough(trap)),
  },
  '09-wrong-qemu-namespace': {
    check: 'domain/rtc-track',
    opinion: (trap) => followsHost(passedThrough(trap)),
  },
  '10-first-rtc-last-kvmclock': {
    check: 'domain/rtc-track',
    opinion: (trap) => followsHost(timer(xml(trap), 'rtc').at(-1) ?? ''),
  },
  '10-first-rtc-last-kvmclock-wrong': {
    check: 'domain/kvmclock',
    opinion: (trap) => rightIf(!timer(xml(trap), 'kvmclock')[0]?.includes("present='no'")),
  },
  '11-hpet-off-by-machine': {
    check: 'domain/hpet',
    opinion: (trap) => rightIf(trap.text('process/cmdline').includes('\n-no-hpet\n')),
  },
  '11-hpet-off-by-no-hpet': {
    check: 'domain/hpet',
    opinion: (trap) => rightIf(trap.text('process/cmdline').includes(',hpet=off')),
  },
  '12-hpet-absent': {
    check: 'domain/hpet',
    opinion: (trap) => rightIf(!timer(xml(trap), 'hpet').some((it) => it.includes("present='yes'"))),
  },
  '12-hpet-yes-on-aarch64': { check: 'domain/definition-rejected', opinion: schemaAccepts },
  '13-rtc-a-second-low': {
    check: 'domain/rtc-adjustment',
    opinion: (trap) => rightIf(Math.abs(adjustmentOf(running(trap)) - adjustmentOf(xml(trap))) < 1),
  },
  '15-utc-rtc-set-by-guest': {
    check: 'domain/rtc-adjustment',
    opinion: (trap) => rightIf(offsetOf(running(trap)) === offsetOf(xml(trap))),
  },
  '15-variable-is-forgotten': { check: 'domain/rtc-adjustment', opinion: offsetIs('variable') },
  '16-monitor-taint': {
    check: 'domain/taints',
    opinion: (trap) => rightIf(trap.json<string[]>('taints.json').length === 0),
  },
  '17-guest-agent-disconnected': { check: 'domain/agent-channel', opinion: agentIsConnected },
  '17-no-guest-agent': { check: 'domain/agent-channel', opinion: agentIsConnected },
  '21-kubevirt-windows-utc': { check: 'domain/clock-offset', opinion: localIfWindows },
  '21-localtime-on-a-utc-host': { check: 'domain/host-timezone', opinion: localIfWindows },
  '21-real-time-is-universal': { check: 'domain/clock-offset', opinion: localIfWindows },
  '22-hyperv-features-on-linux': {
    check: 'domain/hypervclock',
    opinion: (trap) => rightIf(!xml(trap).includes('<hyperv ') || timer(xml(trap), 'hypervclock').length > 0),
  },
  '22-hyperv-features-on-unknown': {
    check: 'domain/kvmclock',
    opinion: (trap) =>
      rightIf(xml(trap).includes('<hyperv ') || !xml(trap).includes("name='kvmclock' present='no'")),
  },
  '22-ovirt-sysinfo': {
    check: 'domain/clock-offset',
    opinion: (trap) => rightIf(!xml(trap).includes("name='product'>RHEL<") || adjustmentOf(xml(trap)) === 0),
  },
  '23-aarch64-without-hpet': {
    check: 'domain/hpet',
    opinion: (trap) => rightIf(timer(xml(trap), 'hpet').some((it) => it.includes("present='no'"))),
  },
  '23-s390x-without-rtc': { check: 'domain/rtc-track', opinion: (trap) => followsHost(xml(trap)) },
  '24-tcg-kvmclock-on': {
    check: 'domain/kvmclock',
    opinion: (trap) => rightIf(trap.text('process/cmdline').includes(',kvmclock=on')),
  },
  '25-qom-kvmclock': {
    check: 'domain/kvmclock',
    opinion(trap) {
      const { return: devices } = trap.json<{ return: { type: string }[] }>('qom-list.json');
      return rightIf(devices.some(({ type }) => type === 'child<kvmclock>'));
    },
  },
  '29-nova-patch': { check: 'domain/managed-save', opinion: offsetIs('utc') },
  '30-host-model-without-invtsc': {
    check: 'domain/invtsc-migration',
    opinion(trap) {
      const listed = trap.text('domcapabilities.xml').includes("policy='require' name='invtsc'");
      return rightIf(!listed || !xml(trap).includes("mode='host-model'"));
    },
  },
  '31-order-of-timers': {
    patchedTimers: (trap) => timersOf(xml(trap).replace(/ *<timer name='kvmclock' present='no'\/>\n/, '')),
  },
  '32-pit-discard-of-old-libvirt': {
    check: 'domain/tick-policy',
    opinion: (trap) => rightIf(!trap.text('process/cmdline').includes('kvm-pit.lost_tick_policy=discard')),
  },
  '33-tz-in-qemu-env': { check: 'domain/clock-offset', opinion: localIfWindows },
  '34-schema-valid-timezone-missing': { check: 'domain/definition-rejected', opinion: schemaAccepts },
  '34-schema-valid-track-boot': { check: 'domain/definition-rejected', opinion: schemaAccepts },
  '35-mshv': {
    check: 'domain/kvmclock',
    opinion: (trap) =>
      rightIf(!/<domain type='qemu'/.test(xml(trap)) && !/name='kvmclock' present='no'/.test(xml(trap))),
  },
};
