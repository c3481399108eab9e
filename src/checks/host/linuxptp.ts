import type { HostFacts } from '../../facts/host.js';
import type { LinuxptpAnswer } from '../../facts/timeDaemons.js';
import { given, type HostCheck, type Verdict } from '../check.js';
import { beyondLimits } from './daemonOffset.js';

/** All parts of linuxptp that may be found running. */
export const LINUXPTP_PARTS: ReadonlySet<string> = new Set(['ptp4l', 'phc2sys', 'ts2phc', 'timemaster']);

export const linuxptp: HostCheck = {
  id: 'host/linuxptp',
  scope: 'host',
  title: "linuxptp keeps the host's clock in line with a PTP master",
  failureTitle: "linuxptp does not keep the host's clock well in line with a PTP master",
  rationale:
    'ptp4l disciplines the clock of a network card, and phc2sys brings the system clock in line with that: without phc2sys, or when it only sets a card or feeds an NTP daemon, PTP does nothing for guests. ptp4l becomes master itself when it hears of no better one, and then follows nobody, without an error.',
  outcomes: {
    pass: 'A port is in the state SLAVE, the offset from the master is within the limits, and the system clock is brought in line.',
    info: "phc2sys follows a clock that ptp4l does not discipline, such as one that ts2phc sets by a GNSS receiver or a hypervisor's: how right that is cannot be seen here.",
    warn: 'A port is still calibrating, no port follows a master while an NTP daemon may set the clock as well, or the offset from the master is above 5 ms (hostOffsetWarnSeconds).',
    fail: 'No port follows a master and no NTP daemon runs, the offset from it is above 50 ms (hostOffsetFailSeconds), or linuxptp is all that runs and does not steer the system clock.',
    unknown:
      "ptp4l does not answer, pmc is missing, hangs, or prints what cannot be understood; linuxptp's configuration cannot be read; or processes are hidden from this user.",
    'not-applicable':
      'No part of linuxptp runs that may set the clock, or an NTP daemon does and linuxptp does not: by what it was told, or as a PTP master that gives the time of this host to others.',
  },
  fix: "Look at the ports (pmc -u -b 0 'GET PORT_DATA_SET') and at what ptp4l says (journalctl): LISTENING means that no master is heard, which the domain number, the transport, a switch without PTP or the firewall (UDP ports 319 and 320) may be the reason for. Let phc2sys steer the system clock: phc2sys -a -r, or phc2sys -s eth0 -w.",
  references: [
    { title: 'ptp4l(8)', url: 'https://manpages.debian.org/bookworm/linuxptp/ptp4l.8.en.html' },
    { title: 'phc2sys(8)', url: 'https://manpages.debian.org/bookworm/linuxptp/phc2sys.8.en.html' },
    { title: 'pmc(8)', url: 'https://manpages.debian.org/bookworm/linuxptp/pmc.8.en.html' },
  ],
  needs: ['linuxptp'],
  evaluate(host, { thresholds }): Verdict {
    const answer = given(host.linuxptp);
    if (answer === null) {
      const observed = 'no part of linuxptp runs that may set the clock';
      return { outcome: 'not-applicable', code: 'not-running', observed };
    }
    const { systemClockBy, portStates, masterOffsetSeconds } = answer;
    if (systemClockBy === null) return withoutSteering(host);
    if (portStates === null || masterOffsetSeconds === null) {
      return elsewhere(`${systemClockBy} steers the system clock, and no ptp4l runs`);
    }
    const observed = `${systemClockBy} steers the system clock; ${describe(answer, portStates)}`;
    if (portStates.includes('SLAVE')) {
      const measured = { offsetSeconds: masterOffsetSeconds, rootDistanceSeconds: 0 };
      const beyond = beyondLimits({ ...measured, agingSeconds: 0, stratum: 1 }, thresholds);
      return { observed, ...(beyond ?? { outcome: 'pass', code: 'follows-master' }) };
    }
    const expected = 'a port in the state SLAVE';
    if (portStates.includes('UNCALIBRATED')) {
      const detail = 'ptp4l hears a master and is still measuring the way to it';
      return { outcome: 'warn', code: 'calibrating', observed, expected, detail };
    }
    if (running(host).includes('ts2phc')) return elsewhere(observed);
    const ntp = running(host).filter((name) => !LINUXPTP_PARTS.has(name));
    if (servesTime(answer) && ntp.length > 0) {
      const serving = `this host is a PTP master, so that linuxptp takes the system clock for right; ${ntp.join(' and ')} may set it`;
      return { outcome: 'not-applicable', code: 'not-steering', observed: serving };
    }
    const detail = 'ptp4l follows no master: what it gives phc2sys is a clock that runs by itself';
    // An NTP daemon beside it keeps the clock meanwhile.
    const outcome = ntp.length > 0 ? 'warn' : 'fail';
    return { outcome, code: 'no-master', observed, expected, detail };
  },
};

/**
 * Whether linuxptp leaves the system clock alone as long as its ports are masters: what finds the direction by their
 * states (phc2sys -a, ptp4l with software time stamps) then takes the system clock for right, or does nothing.
 * @see phc2sys(8), -a and -r
 */
export function servesTime({ portStates, systemClockFrom }: LinuxptpAnswer): boolean {
  const states = portStates ?? [];
  const follows = states.includes('SLAVE') || states.includes('UNCALIBRATED');
  const serves = states.includes('MASTER') || states.includes('GRAND_MASTER');
  return serves && !follows && systemClockFrom === null;
}

function withoutSteering(host: HostFacts): Verdict {
  const parts = running(host);
  const others = parts.filter((name) => !LINUXPTP_PARTS.has(name));
  if (others.length > 0 || !host.timeDaemons.known) {
    const observed = `linuxptp does not steer the system clock${others.length > 0 ? `; ${others.join(' and ')} may` : ''}`;
    return { outcome: 'not-applicable', code: 'not-steering', observed };
  }
  return {
    outcome: 'fail',
    code: 'system-clock-free',
    observed: `${parts.join(' and ')} ${parts.length === 1 ? 'runs and does' : 'run and do'} not steer the system clock, and nothing else does`,
    expected: 'phc2sys with the system clock as its target, or an NTP daemon',
  };
}

function elsewhere(observed: string): Verdict {
  const detail = 'how right the clock is that it follows cannot be seen here';
  return { outcome: 'info', code: 'source-unseen', observed, detail };
}

function running({ timeDaemons }: HostFacts): readonly string[] {
  return timeDaemons.known ? timeDaemons.value : [];
}

function describe({ masterOffsetSeconds }: LinuxptpAnswer, states: readonly string[]): string {
  const ports = `${states.length === 1 ? 'its port is' : 'its ports are'} ${states.join(', ')}`;
  if (!states.includes('SLAVE') || masterOffsetSeconds === null) return `ptp4l: ${ports}`;
  const microseconds = (Math.abs(masterOffsetSeconds) * 1e6).toFixed(3);
  return `ptp4l: ${ports}, ${microseconds} us ${masterOffsetSeconds < 0 ? 'behind' : 'ahead of'} its master`;
}
