import type { ChronyAnswer } from '../../facts/chrony.js';
import type { Fact } from '../../facts/fact.js';
import { given, type HostCheck, type Verdict } from '../check.js';

/** Parts of linuxptp, which work together and feed or replace an NTP daemon. */
const LINUXPTP = new Set(['ptp4l', 'phc2sys', 'timemaster']);

export const timeDaemons: HostCheck = {
  id: 'host/time-daemons',
  scope: 'host',
  title: "One time daemon disciplines the host's clock",
  failureTitle: "Several time daemons pull at the host's clock",
  rationale:
    "Two daemons that correct one clock take each other's corrections for errors of the clock: it swings, and what each of them reports about it is wrong. Parts of linuxptp are made to work together: ptp4l sets a network card's clock, phc2sys brings the system clock in line with it, and timemaster runs both as a reference for chronyd or ntpd. Daemons that may not set the clock, such as those in most containers, do not count.",
  outcomes: {
    pass: 'One NTP daemon, or linuxptp alone, or a combination of both in which only one sets the system clock.',
    warn: 'More than one NTP daemon, or phc2sys beside an NTP daemon that is not known to use it as a reference.',
    unknown: 'Processes are hidden from this user.',
    'not-applicable': 'No daemon runs that may set the clock; what host/chrony-tracking finds says the rest.',
  },
  fix: "Keep the daemon that is meant to run and disable the others: 'systemctl disable --now ntpd' or 'systemctl disable --now systemd-timesyncd' beside chronyd. To use PTP together with NTP, let timemaster run both, or give chronyd the network card's clock as a reference (refclock PHC) and stop phc2sys.",
  references: [
    {
      title: 'chrony: frequently asked questions',
      url: 'https://chrony-project.org/faq.html',
    },
    {
      title: 'timemaster(8)',
      url: 'https://manpages.debian.org/bookworm/linuxptp/timemaster.8.en.html',
    },
    { title: 'phc2sys(8)', url: 'https://manpages.debian.org/bookworm/linuxptp/phc2sys.8.en.html' },
  ],
  needs: ['timeDaemons'],
  evaluate(host): Verdict {
    const running = given(host.timeDaemons);
    if (running.length === 0) {
      const observed = 'no daemon runs that may set the clock; see host/chrony-tracking';
      return { outcome: 'not-applicable', code: 'none', observed };
    }
    const observed = `${running.join(' and ')} ${running.length === 1 ? 'runs' : 'run'}`;
    const others = running.filter((name) => !LINUXPTP.has(name));
    if (others.length > 1) {
      return { outcome: 'warn', code: 'several', observed, expected: 'one of them alone' };
    }
    const [daemon] = others;
    if (!daemon || !running.includes('phc2sys')) return { outcome: 'pass', code: 'single', observed };
    if (running.includes('timemaster') && (daemon === 'chronyd' || daemon === 'ntpd')) {
      const detail = `timemaster runs phc2sys as a reference for ${daemon}`;
      return { outcome: 'pass', code: 'timemaster', observed, detail };
    }
    if (daemon === 'chronyd' && hasReferenceClock(host.chrony)) {
      const detail = 'chronyd has a reference clock, which phc2sys is taken to feed';
      return { outcome: 'pass', code: 'reference-clock', observed, detail };
    }
    return {
      outcome: 'warn',
      code: 'phc2sys-beside-ntp',
      observed,
      expected: `phc2sys or ${daemon} alone, or one as a reference of the other`,
      detail: `no harm is done if phc2sys feeds ${daemon} (-E ntpshm) or only sets a network card's clock (-c with a device)`,
    };
  },
};

function hasReferenceClock(chrony: Fact<ChronyAnswer>): boolean {
  return (
    chrony.known &&
    chrony.value.daemon === 'answers' &&
    chrony.value.sources.some(({ mode }) => mode === 'refclock')
  );
}
