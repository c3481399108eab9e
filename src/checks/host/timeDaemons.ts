import type { ChronyAnswer } from '../../facts/chrony.js';
import type { Fact } from '../../facts/fact.js';
import { given, type HostCheck, type Verdict } from '../check.js';
import { LINUXPTP_PARTS, servesTime } from './linuxptp.js';

export const timeDaemons: HostCheck = {
  id: 'host/time-daemons',
  scope: 'host',
  title: "One time daemon disciplines the host's clock",
  failureTitle: "Several time daemons pull at the host's clock",
  rationale:
    "Two daemons that correct one clock take each other's corrections for errors of the clock: it swings, and what each of them reports about it is wrong. Parts of linuxptp are made to work together: ptp4l sets a network card's clock, phc2sys brings the system clock in line with it, and timemaster runs both as a reference for chronyd or ntpd. Daemons that may not set the clock, such as those in most containers, do not count.",
  outcomes: {
    pass: 'One NTP daemon, or linuxptp alone, or a combination of both in which only one sets the system clock, by what the command lines of linuxptp say.',
    warn: 'More than one NTP daemon, or phc2sys, or ptp4l with software time stamps, beside an NTP daemon: unless it does not steer the system clock, or where that cannot be seen, the daemon is known to use it as a reference.',
    unknown: 'Processes are hidden from this user.',
    'not-applicable':
      'No daemon runs that may set the clock, or only parts of linuxptp that do not: what host/chrony-tracking or host/linuxptp finds says the rest.',
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
    const daemons = running.filter((name) => !LINUXPTP_PARTS.has(name));
    const others = daemons.filter((name) => name !== 'chronyd' || !onlyLooks(host.chrony));
    if (others.length > 1) {
      return { outcome: 'warn', code: 'several', observed, expected: 'one of them alone' };
    }
    const [daemon] = others;
    const linuxptp = host.linuxptp.known ? host.linuxptp.value : null;
    const steering = linuxptp?.systemClockBy;
    if (steering === null && !daemon) {
      const without = `${observed} and ${running.length === 1 ? 'does' : 'do'} not steer the system clock; see host/linuxptp`;
      return { outcome: 'not-applicable', code: 'none', observed: without };
    }
    if (!daemon || !(running.includes('phc2sys') || steering))
      return { outcome: 'pass', code: 'single', observed };
    if (steering === null || (linuxptp && servesTime(linuxptp))) {
      const detail =
        "linuxptp does not steer the system clock: it sets a network card's, serves as a reference, or hands the time on";
      return { outcome: 'pass', code: 'not-steering', observed, detail };
    }
    if (steering) return rivals(observed, daemon, `${steering} steers the system clock as well`);
    if (running.includes('timemaster') && (daemon === 'chronyd' || daemon === 'ntpd')) {
      const detail = `timemaster runs phc2sys as a reference for ${daemon}`;
      return { outcome: 'pass', code: 'timemaster', observed, detail };
    }
    if (daemon === 'chronyd' && hasReferenceClock(host.chrony)) {
      const detail = 'chronyd has a reference clock, which phc2sys is taken to feed';
      return { outcome: 'pass', code: 'reference-clock', observed, detail };
    }
    return rivals(
      observed,
      daemon,
      `no harm is done if phc2sys feeds ${daemon} (-E ntpshm) or only sets a network card's clock (-c with a device)`,
    );
  },
};

function rivals(observed: string, daemon: string, detail: string): Verdict {
  const expected = `linuxptp or ${daemon} alone, or one as a reference of the other`;
  return { outcome: 'warn', code: 'phc2sys-beside-ntp', observed, expected, detail };
}

/** A chronyd with `-x` may still have the right to set the clock. */
function onlyLooks(chrony: Fact<ChronyAnswer>): boolean {
  return chrony.known && chrony.value.daemon === 'answers' && chrony.value.steersClock === false;
}

function hasReferenceClock(chrony: Fact<ChronyAnswer>): boolean {
  return (
    chrony.known &&
    chrony.value.daemon === 'answers' &&
    chrony.value.sources.some(({ mode }) => mode === 'refclock')
  );
}
