import type { HostFacts } from '../../facts/host.js';
import type { PtpClock } from '../../facts/ptpClock.js';
import { given, type HostCheck, type Verdict } from '../check.js';
import { describePtpClock, ptpTimescales } from './ptpTimescale.js';

/** What guests' drivers call the clock of the machine that they run on. */
const OF_THE_HYPERVISOR = /^(KVM virtual PTP|hyperv|ptp_vmw|vmclock)/;

/** A machine with many network functions has a clock for each; a finding is for reading. */
const SHOWN = 8;

export const ptpClocks: HostCheck = {
  id: 'host/ptp-clocks',
  scope: 'host',
  title: 'No PTP clock that the system clock follows is far from it',
  failureTitle: 'The system clock is far from the PTP clock that it is said to follow',
  rationale:
    "Network cards have clocks of their own, and a hypervisor may give its guest one. phc2sys brings the system clock in line with such a clock: when the two are seconds apart all the same, it does not, and the guests have the wrong time although linuxptp runs and PTP itself is well. A clock that nobody follows may show any time, and so may one that chronyd has open for the timestamps of its packets. By PTP's rules a clock keeps TAI, which is 37 s ahead of UTC since 2017: that is no error.",
  outcomes: {
    pass: 'phc2sys follows a clock that keeps UTC, TAI, or what its option -O says; or no time daemon has any of the clocks open.',
    info: 'There are PTP clocks, and time daemons use them for something else, or it cannot be seen who uses them, or one is that of the hypervisor that this host itself runs on.',
    warn: 'phc2sys is to bring the system clock in line with a clock that is more than 50 ms (hostOffsetFailSeconds) from UTC, from TAI, and from what its option -O says.',
    unknown: 'The PTP clocks cannot be listed.',
    'not-applicable': 'This host has no PTP clock.',
  },
  fix: "Look at what phc2sys says (journalctl -u phc2sys): 's2' at the end of a line means that it steers, and 'rms' or 'offset' how far it is. It needs the right to set the clock, must not run with -n or a wrong -O, and steps a clock only at its start unless -S allows it later. Restart it after a large correction of the network card's clock.",
  references: [
    { title: 'phc2sys(8)', url: 'https://manpages.debian.org/bookworm/linuxptp/phc2sys.8.en.html' },
    {
      title: 'Linux: PTP hardware clock infrastructure',
      url: 'https://docs.kernel.org/driver-api/ptp.html',
    },
    {
      title: 'chrony.conf(5), hwtimestamp and refclock PHC',
      url: 'https://chrony-project.org/doc/4.6/chrony.conf.html#hwtimestamp',
    },
  ],
  needs: ['ptpClocks'],
  evaluate(host, { thresholds: { hostOffsetFailSeconds } }): Verdict {
    const clocks = given(host.ptpClocks);
    if (clocks.length === 0) {
      return { outcome: 'not-applicable', code: 'none', observed: 'this host has no PTP clock' };
    }
    const timescales = ptpTimescales(host, hostOffsetFailSeconds);
    const lines = clocks.slice(0, SHOWN).map((clock) => describePtpClock(clock, timescales));
    const others = clocks.length - lines.length;
    const observed = [...lines, ...(others > 0 ? [`and ${others} more`] : [])].join('; ');
    const measured = followed(clocks, host).filter(({ offset }) => offset !== null);
    if (measured.some((clock) => timescales.of(clock) !== null)) {
      return { outcome: 'pass', code: 'in-line', observed };
    }
    if (measured.length > 0) {
      return {
        outcome: 'warn',
        code: 'far-off',
        observed,
        expected: `${measured.map(({ device }) => device).join(' or ')} in line with UTC or TAI, as phc2sys is to bring the system clock in line with it`,
      };
    }
    return { observed, ...unfollowed(clocks) };
  },
};

/** The clock that phc2sys was told to follow; with `-a` it finds one among those that it has open. */
function followed(clocks: readonly PtpClock[], { linuxptp }: HostFacts): readonly PtpClock[] {
  if (!linuxptp.known || !/\bphc2sys\b/.test(linuxptp.value?.systemClockBy ?? '')) return [];
  const from = linuxptp.value?.systemClockFrom;
  const named = clocks.filter(({ device, interfaces }) => from && [device, ...interfaces].includes(from));
  return named.length > 0 ? named : clocks.filter(({ users }) => users?.includes('phc2sys'));
}

function unfollowed(clocks: readonly PtpClock[]): Omit<Verdict, 'observed'> {
  const own = clocks.find(({ clockName }) => OF_THE_HYPERVISOR.test(clockName));
  if (own) {
    const known = `${own.device} shows the time of the hypervisor that this host itself runs on`;
    const advice =
      own.users?.length === 0 ? `${known}; chronyd can use it (refclock PHC ${own.device})` : known;
    return { outcome: 'info', code: 'hypervisor-clock', detail: advice };
  }
  if (clocks.every(({ users }) => users?.length === 0)) {
    return { outcome: 'pass', code: 'unused', detail: 'no time daemon uses any of them' };
  }
  return { outcome: 'info', code: 'listed' };
}
