import type { HostFacts } from '../../facts/host.js';
import type { KernelClock } from '../../facts/kernelClock.js';
import type { Thresholds } from '../../policy/thresholds.js';
import { given, type HostCheck, type Verdict } from '../check.js';
import { type KernelJudgement, kernelSynchronisation } from './kernelSynchronisation.js';

/** The most that ntpd and systemd-timesyncd can make up for: `MAXFREQ` in the kernel's include/linux/timex.h. */
const LIMIT_PPM = 500;
/** What is left of it in the kernel's fixed-point numbers. */
const AT_LIMIT_PPM = 499.9;
/** Who needs to know TAI. */
const PTP_DAEMONS = new Set(['ptp4l', 'phc2sys', 'timemaster', 'ts2phc']);

export const kernelClock: HostCheck = {
  id: 'host/kernel-clock',
  scope: 'host',
  title: "The kernel's own view of its clock fits",
  failureTitle: "The kernel's own view of its clock does not fit",
  rationale:
    "The kernel keeps a state of its clock of its own: programs that ask it (adjtimex) go by that, and it keeps the hardware clock right only while it counts the clock as synchronised. It is a witness besides the daemon. chronyd without rtcsync leaves the kernel's flag STA_UNSYNC set although all is well, so that the flag alone proves nothing; but its bound on the error reaches 16 s when nobody has corrected the clock for nine hours. How far the frequency has to be corrected tells how well the kernel knows its TSC's: kvm-clock is not corrected, and drifts that fast in every guest without a time daemon.",
  outcomes: {
    pass: 'The kernel counts the clock as synchronised, and nobody says otherwise.',
    info: 'It does not, and the reason is known: chronyd without rtcsync, a step since its last measurement, or a daemon that is judged by its own check. Or it still does, though no daemon is synchronised. Or PTP runs, and nobody has told the kernel how far TAI is from UTC.',
    warn: 'A daemon other than chronyd calls itself synchronised, and the kernel has not been corrected for hours; or no daemon that runs can be asked, and it has not. Or the frequency is corrected by more than 100 ppm (hostFrequencyWarnPpm).',
    fail: "The frequency is corrected by 500 ppm, which is all that the kernel's discipline can do.",
    unknown: 'adjtimex is refused by a filter of system calls, or cannot be called.',
  },
  fix: "Put rtcsync into chrony.conf. Look for a second program that sets the clock (host/time-daemons). Against a frequency far off: look for 'tsc: Refined TSC clocksource calibration' in the kernel's log, update BIOS and firmware, and boot.",
  references: [
    { title: 'adjtimex(2)', url: 'https://man7.org/linux/man-pages/man2/adjtimex.2.html' },
    {
      title: 'chrony.conf(5), rtcsync',
      url: 'https://chrony-project.org/doc/4.6/chrony.conf.html#rtcsync',
    },
  ],
  needs: ['kernelClock'],
  evaluate(host, { thresholds }): Verdict {
    const clock = given(host.kernelClock);
    const observed = describe(clock);
    const found = [
      frequency(host, clock, thresholds),
      kernelSynchronisation(host, clock),
      taiUnset(host, clock),
    ].filter((it) => it !== null);
    const worst = ORDER.flatMap((outcome) => found.filter((it) => it.outcome === outcome));
    const [first] = worst;
    if (!first) return { outcome: 'pass', code: 'agrees', observed };
    return { ...first, observed, detail: worst.flatMap(({ detail }) => detail ?? []).join('; ') };
  },
};

const ORDER = ['fail', 'warn', 'info'] as const;

function describe({ status, maxErrorSeconds, frequencyPpm, taiOffsetSeconds }: KernelClock): string {
  const flag = status.includes('unsync') ? 'not synchronised (STA_UNSYNC)' : 'synchronised';
  const bound = maxErrorSeconds >= 0.1 ? maxErrorSeconds.toFixed(1) : maxErrorSeconds.toPrecision(2);
  const tai = taiOffsetSeconds === 0 ? '' : `, TAI - UTC ${taiOffsetSeconds} s`;
  return `the kernel's clock is ${flag}, at most ${bound} s off, its frequency corrected by ${ppm(frequencyPpm)}${tai}`;
}

/** chronyd has learnt it, and bends what it sets in the kernel while it corrects an offset; others leave it to the kernel. */
function frequency(host: HostFacts, clock: KernelClock, limits: Thresholds): KernelJudgement | null {
  const limit = limits.hostFrequencyWarnPpm;
  const expected = `a frequency within ${limit} ppm`;
  const chrony = host.chrony.known && host.chrony.value.daemon === 'answers' ? host.chrony.value : null;
  if (chrony && chrony.steersClock !== false) {
    const { frequencyPpm, skewPpm } = chrony.tracking;
    // A chronyd that was just started does not know better yet.
    if (Math.abs(frequencyPpm) - skewPpm <= limit) return null;
    const detail = `chronyd has found the clock to run ${Math.abs(frequencyPpm).toFixed(1)} ppm ${frequencyPpm < 0 ? 'slow' : 'fast'}`;
    return { outcome: 'warn', code: 'frequency', expected, detail };
  }
  const disciplined = clock.status.includes('pll') || clock.status.includes('fll');
  const size = Math.abs(clock.frequencyPpm);
  if (!disciplined || size <= limit) return null;
  if (size < AT_LIMIT_PPM) {
    const detail = `the clock by itself runs ${size.toFixed(1)} ppm ${clock.frequencyPpm > 0 ? 'slow' : 'fast'}`;
    return { outcome: 'warn', code: 'frequency', expected, detail };
  }
  const detail = `no more than ${LIMIT_PPM} ppm can be corrected: what is beyond that is left, and grows`;
  return { outcome: 'fail', code: 'frequency-limit', expected, detail };
}

function taiUnset({ timeDaemons }: HostFacts, { taiOffsetSeconds }: KernelClock): KernelJudgement | null {
  const users = timeDaemons.known ? timeDaemons.value.filter((name) => PTP_DAEMONS.has(name)) : [];
  if (users.length === 0 || taiOffsetSeconds !== 0) return null;
  const detail = `${users.join(' and ')} ${users.length === 1 ? 'runs' : 'run'}, and nobody has told the kernel how far TAI is from UTC: CLOCK_TAI shows UTC`;
  return { outcome: 'info', code: 'tai-unset', detail };
}

function ppm(value: number): string {
  // What is rounded to nothing has no sign.
  const rounded = Number(value.toFixed(1));
  return `${rounded < 0 ? '' : '+'}${(rounded || 0).toFixed(1)} ppm`;
}
