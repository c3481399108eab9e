import type { NtpAnswer } from '../../facts/timeDaemons.js';
import type { Thresholds } from '../../policy/thresholds.js';
import { given, type HostCheck, type Verdict } from '../check.js';
import { aheadOrBehind, beyondLimits } from './daemonOffset.js';
import { milliseconds } from './milliseconds.js';

type Judgement = Omit<Verdict, 'observed'>;

/** By how much a clock is presumed to drift at worst, from one measurement to the next: PHI in RFC 5905. */
const PRESUMED_DRIFT = 15e-6;
/** How ntpd and ntpsec write the driver of the undisciplined local clock, and orphan mode, as a reference. */
const OWN_CLOCK = /^(LOCAL\(\d+\)|\.?LOCL\.?|\.?ORPH\.?|127\.127\.1\.\d+|127\.0\.0\.1)$/;
/** Two sources that differ leave it open which one is right. */
const OUTVOTING_PEERS = 3;

export const ntpd: HostCheck = {
  id: 'host/ntpd',
  scope: 'host',
  title: "ntpd keeps the host's clock synchronised",
  failureTitle: "ntpd does not keep the host's clock well synchronised",
  rationale:
    "Where ntpd or ntpsec disciplines the clock in place of chronyd, its own words are judged by the same limits. They need reading with care as well: when its servers are gone it keeps its stratum and its leap status, and with only the local clock's driver (127.127.1.0) or orphan mode it looks synchronised. The bound on the error is root dispersion + root delay / 2, in which ntpd counts the offset, and 15 ppm of the time since its last update: that part is expected between two polls, and left out of the warning.",
  outcomes: {
    pass: 'Synchronised to a server, fresh, and within the limits.',
    warn: 'Holdover (no server answers any more, or none is selected), an offset above 5 ms (hostOffsetWarnSeconds), a root distance above 10 ms (hostRootDistanceWarnSeconds) not counting the 15 ppm, or a stratum of 10 or more (hostStratumWarn).',
    fail: 'Stratum 16, leap status not synchronised, no reference but its own clock, an offset above 50 ms (hostOffsetFailSeconds), a root distance above 100 ms (hostRootDistanceFailSeconds), or a holdover for so long that 15 ppm of it are more than that.',
    unknown:
      'ntpq is missing, hangs, gets no answer, or prints what cannot be understood; or processes are hidden from this user.',
    'not-applicable': 'ntpd does not run, or may not set the clock.',
  },
  fix: "Give ntpd at least three, better four servers that answer (ntpq -pn), and remove server 127.127.1.0. After lost servers: repair the network path first, and look at the firewall for UDP port 123. On a hypervisor chronyd is the better choice: it follows a changing clock faster, and can read a network card's clock or ptp_kvm's.",
  references: [
    { title: 'ntpq(8)', url: 'https://docs.ntpsec.org/latest/ntpq.html' },
    {
      title: 'RFC 5905, Network Time Protocol Version 4, section 11.2.3',
      url: 'https://www.rfc-editor.org/rfc/rfc5905#section-11.2.3',
    },
    {
      title: 'RFC 8633, Network Time Protocol Best Current Practices',
      url: 'https://www.rfc-editor.org/rfc/rfc8633',
    },
  ],
  needs: ['ntpd'],
  evaluate(host, { thresholds }): Verdict {
    const answer = given(host.ntpd);
    if (answer === null) {
      const observed = 'no ntpd runs that may set the clock';
      return { outcome: 'not-applicable', code: 'not-running', observed };
    }
    const observed = describe(answer);
    return { observed, ...(notSynchronised(answer) ?? lostOrFarOff(answer, thresholds)) };
  },
};

function notSynchronised({ stratum, leap, referenceId, peers }: NtpAnswer): Judgement | null {
  const expected = 'a server that ntpd selected';
  const fail = (code: string, detail: string): Judgement => ({ outcome: 'fail', code, expected, detail });
  if (stratum === 0 || stratum >= 16)
    return fail(
      'never-synchronised',
      'ntpd has no usable server, or has not selected one since it was started',
    );
  if (leap === 'not-synchronised')
    return fail('leap-not-synchronised', 'ntpd itself says that it is not synchronised');
  const selected = peers.find(({ state }) => state === 'selected');
  if (OWN_CLOCK.test(referenceId) || (selected && OWN_CLOCK.test(selected.name))) {
    return fail('local-clock-only', "ntpd follows nothing but this machine's own clock");
  }
  return null;
}

function lostOrFarOff(answer: NtpAnswer, limits: Thresholds): Judgement {
  const aging = PRESUMED_DRIFT * (answer.lastUpdateAgeSeconds ?? 0);
  const lost = holdover(answer);
  if (lost) {
    // Without a server ntpd's root dispersion soon is 8 s or more, whatever the clock does: only time tells.
    const farOff =
      aging > limits.hostRootDistanceFailSeconds ||
      Math.abs(answer.offsetSeconds) > limits.hostOffsetFailSeconds;
    const outcome = farOff ? 'fail' : 'warn';
    return { outcome, code: 'holdover', expected: 'a server that still answers', detail: lost };
  }
  const rootDistance = rootDistanceSeconds(answer);
  const error = { ...answer, rootDistanceSeconds: rootDistance, agingSeconds: aging };
  return beyondLimits(error, limits) ?? { outcome: 'pass', code: 'synchronised', ...weakness(answer) };
}

/** ntpd's own status stays what it was when its servers are gone; only their reach and selection tell. */
function holdover({ peers, lastUpdateAgeSeconds: age }: NtpAnswer): string | null {
  const since = age === null ? '' : `; the last update is ${Math.round(age)} s old`;
  if (peers.length === 0) return `ntpd has no server${since}`;
  if (peers.every(({ reach }) => reach === 0))
    return `none of the ${peers.length} servers answers any more${since}`;
  return peers.some(({ state }) => state === 'selected')
    ? null
    : `ntpd selects none of its ${peers.length} servers${since}`;
}

function weakness({ peers }: NtpAnswer): Pick<Verdict, 'detail'> {
  const liars = peers.filter(({ state }) => state === 'falseticker');
  if (liars.length > 0) {
    return {
      detail: `ntpd takes ${liars.map(({ name }) => name).join(' and ')} for wrong (x in ntpq -pn)`,
    };
  }
  if (peers.filter(({ reach }) => reach !== 0).length >= OUTVOTING_PEERS) return {};
  return {
    detail: `with fewer than ${OUTVOTING_PEERS} reachable servers, a wrong one cannot be outvoted`,
  };
}

/** The offset is in the root dispersion already. */
function rootDistanceSeconds({ rootDispersionSeconds, rootDelaySeconds }: NtpAnswer): number {
  return rootDispersionSeconds + rootDelaySeconds / 2;
}

function describe(answer: NtpAnswer): string {
  const { stratum, referenceId, peers, offsetSeconds } = answer;
  const reachable = peers.filter(({ reach }) => reach !== 0).length;
  return [
    `ntpd: stratum ${stratum}`,
    `reference ${referenceId || 'none'}`,
    `${reachable} of ${peers.length} servers reachable`,
    aheadOrBehind(offsetSeconds),
    `root distance ${milliseconds(rootDistanceSeconds(answer))}`,
  ].join(', ');
}
