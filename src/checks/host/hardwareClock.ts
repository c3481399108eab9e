import type { HostFacts } from '../../facts/host.js';
import { given, type HostCheck, type Verdict } from '../check.js';

export const hardwareClock: HostCheck = {
  id: 'host/hardware-clock',
  scope: 'host',
  title: "The host's hardware clock agrees with its system clock",
  failureTitle: "The host's hardware clock is not right",
  rationale:
    'The kernel sets the system clock by the hardware clock when it boots. Until a time daemon has corrected it, guests that are started with the host get that time in their RTC. It never fails, since a host that has booted does not look at it again. The kernel keeps it right every eleven minutes while the system clock counts as synchronised, which takes rtcsync with chronyd. A hardware clock in local time is never kept right, and is an hour off after a change of summer time.',
  outcomes: {
    pass: 'It agrees with the system clock within its resolution.',
    info: 'It keeps local time, and agrees with the system clock.',
    warn: 'It is more than 3 s off (hostHardwareClockWarnSeconds), or keeps local time though nothing says so.',
    unknown: 'It could not be read, holds no valid time, or keeps local time of a zone without a name.',
    'not-applicable': 'The machine has none.',
  },
  fix: "See that the system clock is right, and write it into the hardware clock with 'hwclock --systohc --utc'. Put rtcsync into chrony.conf. Where it keeps losing time, replace its battery. Keep UTC in it ('timedatectl set-local-rtc 0').",
  references: [
    { title: 'hwclock(8)', url: 'https://man7.org/linux/man-pages/man8/hwclock.8.html' },
    {
      title: 'chrony.conf(5), rtcsync',
      url: 'https://chrony-project.org/doc/4.6/chrony.conf.html#rtcsync',
    },
  ],
  needs: ['hardwareClock'],
  evaluate(host, { thresholds }): Verdict {
    const clock = given(host.hardwareClock);
    if (!clock) {
      const observed = 'this machine has no hardware clock that the kernel knows';
      return { outcome: 'not-applicable', code: 'none', observed };
    }
    const { device, name, offsetSeconds, errorBoundSeconds, keeps, keepsDecidedBy } = clock;
    const size = Math.abs(offsetSeconds);
    const far = `${size.toFixed(errorBoundSeconds < 0.1 ? 3 : 1)} s ${offsetSeconds < 0 ? 'behind' : 'ahead of'}`;
    const zone = keeps === 'utc' ? 'UTC' : 'local time';
    const observed = `${device}${name && ` (${name})`} is ${far} the system clock, taken for ${zone} (${keepsDecidedBy})`;
    const limit = thresholds.hostHardwareClockWarnSeconds;
    if (size - errorBoundSeconds > limit) {
      const detail = whoIsWrong(host);
      return { outcome: 'warn', code: 'off', observed, expected: `at most ${limit} s off`, detail };
    }
    if (keeps === 'utc') return { outcome: 'pass', code: 'agrees', observed };
    const detail = 'nobody keeps such a clock right, and it is an hour off after a change of summer time';
    if (keepsDecidedBy === '/etc/adjtime') return { outcome: 'info', code: 'local-time', observed, detail };
    return {
      outcome: 'warn',
      code: 'local-time-unsaid',
      observed,
      expected: 'UTC, or LOCAL in the third line of /etc/adjtime',
      detail: `the next boot takes it for UTC; ${detail}`,
    };
  },
};

function whoIsWrong({ kernelClock }: HostFacts): string {
  if (!kernelClock.known) return 'it is not known which of the two is wrong';
  return kernelClock.value.status.includes('unsync')
    ? 'the kernel does not count the system clock as synchronised, and so does not keep the hardware clock right; see host/kernel-clock and which of the two is wrong'
    : 'the kernel counts the system clock as synchronised and should keep the hardware clock right every eleven minutes: it may not be able to write it';
}
