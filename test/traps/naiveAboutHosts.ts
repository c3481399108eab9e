import { adjustmentOf, type NaiveRules, rightIf, running, schemaAccepts, xml } from './naiveRule.js';
import type { Trap } from './trap.js';

/** Of the kernel's include/uapi/linux/kvm.h. */
const KVM_CLOCK_TSC_STABLE = 2;
/** Of the kernel's include/uapi/linux/timex.h. */
const STA_UNSYNC = 0x40;

const tracking = (trap: Trap) => trap.text('chronyc/tracking').trim().split(',');
const sources = (trap: Trap) => {
  const lines = trap.text('chronyc/sources').trim().split('\n');
  return lines.map((line) => line.split(','));
};
const looksSynchronised = (trap: Trap) => {
  const [stratum, leap] = [Number(tracking(trap)[2]), tracking(trap)[13]];
  return rightIf(leap === 'Normal' && stratum > 0 && stratum < 16);
};
const nearSystemClock = (trap: Trap) => {
  const { ptpClocks } = trap.json<{ ptpClocks: { offset: { offsetSeconds: number } }[] }>('host.json');
  return rightIf(ptpClocks.every(({ offset }) => Math.abs(offset.offsetSeconds) < 1));
};
const kvmclockIsOff = (trap: Trap) => /name='kvmclock' present='no'/.test(xml(trap));

/** What a naive auditor makes of the host, and of what a guest has from it. */
export const NAIVE_ABOUT_HOSTS: NaiveRules = {
  '06-kvmclock-is-no-synchronisation': {
    check: 'host/chrony-tracking',
    opinion: (trap) => rightIf(!kvmclockIsOff(trap)),
  },
  '12-hpet-yes-with-libvirt-9.0': { check: 'host/hpet-validation', opinion: schemaAccepts },
  '14-rtc-across-daylight-saving': {
    check: 'domain/rtc-adjustment',
    opinion: (trap) => rightIf(adjustmentOf(running(trap)) === zoneOffsetSeconds(trap)),
  },
  '18-holdover': { check: 'host/chrony-tracking', opinion: looksSynchronised },
  '18-local-stratum': { check: 'host/chrony-tracking', opinion: looksSynchronised },
  '19-chrony-signs': {
    check: 'host/chrony-tracking',
    claim: (trap) => (Number(tracking(trap)[4]) > 0 ? 'ahead' : 'behind'),
  },
  '19-reach-is-octal': {
    check: 'host/chrony-tracking',
    opinion: (trap) =>
      rightIf(sources(trap).every(([, , , , , reach, age]) => Number(reach) === 255 && Number(age) < 1024)),
  },
  '20-sta-unsync': {
    check: 'host/chrony-tracking',
    opinion: (trap) => rightIf((trap.json<{ status: number }>('adjtimex.json').status & STA_UNSYNC) === 0),
  },
  '26-adjust-clock-capability': {
    check: 'host/clocksource',
    opinion(trap) {
      const capabilities = trap.json<{ KVM_CAP_ADJUST_CLOCK: number }>('kvm-capabilities.json');
      return rightIf((capabilities.KVM_CAP_ADJUST_CLOCK & KVM_CLOCK_TSC_STABLE) !== 0);
    },
  },
  '27-no-periodic-sync': {
    check: 'host/kvm-parameters',
    opinion: (trap) => rightIf(trap.has('root/sys/module/kvm/parameters/kvmclock_periodic_sync')),
  },
  '28-ptp-kvm-on-nested-host': {
    check: 'domain/ptp-kvm',
    claim: (trap) => `ptp_kvm is ${kvmclockIsOff(trap) ? 'impossible' : 'possible'}`,
  },
  '28-ptp-kvm-without-dev-ptp0': {
    check: 'domain/ptp-kvm',
    claim: (trap) => `ptp_kvm is ${trap.has('root/sys/class/ptp/ptp0') ? 'possible' : 'impossible'}`,
  },
  '33-tz-of-libvirtd': {
    check: 'domain/host-timezone',
    claim: (trap) => /^TZ=(.*)$/m.exec(trap.text('libvirtd-environ'))?.[1] ?? 'no time zone',
  },
  '36-free-running-ptp-clock': { check: 'host/ptp-clocks', opinion: nearSystemClock },
  '36-ptp-clock-in-tai': { check: 'host/ptp-clocks', opinion: nearSystemClock },
};

/** How far the host's zone is from UTC on the day of the audit. */
function zoneOffsetSeconds(trap: Trap): number {
  const { timeZone } = trap.json<{ timeZone: { name: string } }>('host.json');
  const { collectedAt } = trap.json<{ collectedAt: string }>('domain.json');
  const format = new Intl.DateTimeFormat('en', { timeZone: timeZone.name, timeZoneName: 'longOffset' });
  const name = format.formatToParts(new Date(collectedAt)).find(({ type }) => type === 'timeZoneName')?.value;
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(name ?? '') ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}
