import type { TimesyncdAnswer } from '../../facts/timeDaemons.js';
import type { Thresholds } from '../../policy/thresholds.js';
import { given, type HostCheck, type Verdict } from '../check.js';
import { aheadOrBehind, beyondLimits } from './daemonOffset.js';
import { milliseconds } from './milliseconds.js';

type Packet = NonNullable<TimesyncdAnswer['lastPacket']>;
type Judgement = Omit<Verdict, 'observed'>;

const SNTP =
  'it asks one server at a time: a wrong one is believed, and what chronyd says of its error is not to be had';

export const timesyncd: HostCheck = {
  id: 'host/timesyncd',
  scope: 'host',
  title: "systemd-timesyncd keeps the host's clock synchronised",
  failureTitle: "systemd-timesyncd does not keep the host's clock well synchronised",
  rationale:
    'systemd-timesyncd speaks SNTP: it asks one server at a time, believes it, and polls it every half an hour at most. That is enough for a desktop, and may be right to a millisecond near a good server; but nothing outvotes a server that is wrong, and a guest that follows this host is wrong with it. NTP only says how far the clock was off when the last packet came.',
  outcomes: {
    info: 'Synchronised, fresh, and within the limits, by one server that nothing checks.',
    warn: 'No packet for three polling intervals (holdoverPolls) and 1024 s (holdoverSeconds), an offset above 5 ms (hostOffsetWarnSeconds) at the last packet, a root distance above 10 ms (hostRootDistanceWarnSeconds), or a stratum of 10 or more (hostStratumWarn).',
    fail: 'Never synchronised, a server that is not synchronised itself, an offset above 50 ms (hostOffsetFailSeconds) at the last packet, or a root distance above 100 ms (hostRootDistanceFailSeconds).',
    unknown:
      'The D-Bus cannot be reached, busctl is missing, hangs, or prints what cannot be understood; or processes are hidden from this user.',
    'not-applicable': 'systemd-timesyncd does not run, or may not set the clock.',
  },
  fix: 'Install chrony on a hypervisor: the distributions disable systemd-timesyncd for it. To keep timesyncd, name a near server in NTP= of /etc/systemd/timesyncd.conf, see that UDP port 123 is open, and look at timedatectl timesync-status.',
  references: [
    {
      title: 'systemd-timesyncd.service(8)',
      url: 'https://www.freedesktop.org/software/systemd/man/latest/systemd-timesyncd.service.html',
    },
    {
      title: 'org.freedesktop.timesync1(5)',
      url: 'https://www.freedesktop.org/software/systemd/man/latest/org.freedesktop.timesync1.html',
    },
    {
      title: 'RFC 8633, section 3.2, Use Enough Time Sources',
      url: 'https://www.rfc-editor.org/rfc/rfc8633#section-3.2',
    },
  ],
  needs: ['timesyncd'],
  evaluate(host, { thresholds }): Verdict {
    const answer = given(host.timesyncd);
    if (answer === null) {
      const observed = 'no systemd-timesyncd runs that may set the clock';
      return { outcome: 'not-applicable', code: 'not-running', observed };
    }
    const server = answer.serverName || answer.serverAddress || 'no server';
    const { lastPacket: packet } = answer;
    const expected = 'a packet from a server that is synchronised';
    if (packet === null || !answer.synchronised) {
      const observed = `systemd-timesyncd: ${server}, ${packet ? 'no packet that it believed' : 'no packet'} since it was started`;
      return { outcome: 'fail', code: 'never-synchronised', observed, expected };
    }
    const observed = describe(server, packet);
    if (packet.leap === 3 || packet.stratum === 0 || packet.stratum >= 16) {
      return { outcome: 'fail', code: 'server-not-synchronised', observed, expected };
    }
    return { observed, ...staleOrFarOff(answer, packet, thresholds) };
  },
};

function staleOrFarOff(answer: TimesyncdAnswer, packet: Packet, limits: Thresholds): Judgement {
  const patience = Math.max(limits.holdoverSeconds, limits.holdoverPolls * (answer.pollIntervalSeconds ?? 0));
  const beyond = beyondLimits(
    { ...packet, rootDistanceSeconds: rootDistanceSeconds(packet), agingSeconds: 0 },
    limits,
  );
  if (packet.ageSeconds > patience) {
    const expected = 'a server that still answers';
    const detail = `the last packet is ${Math.round(packet.ageSeconds)} s old`;
    return { outcome: beyond?.outcome === 'fail' ? 'fail' : 'warn', code: 'holdover', expected, detail };
  }
  if (beyond?.code === 'offset') {
    const detail = 'measured when the last packet came; timesyncd has begun to correct it since';
    return { ...beyond, detail };
  }
  return beyond ?? { outcome: 'info', code: 'single-server', detail: SNTP };
}

/** As chronyd counts it, with the way to the server in the delay. */
function rootDistanceSeconds(packet: Packet): number {
  const delay = packet.rootDelaySeconds + packet.delaySeconds;
  return Math.abs(packet.offsetSeconds) + packet.rootDispersionSeconds + delay / 2;
}

function describe(server: string, packet: Packet): string {
  return [
    `systemd-timesyncd: server ${server} at stratum ${packet.stratum}`,
    `${aheadOrBehind(packet.offsetSeconds)} at the last packet, ${Math.round(packet.ageSeconds)} s ago`,
    `root distance ${milliseconds(rootDistanceSeconds(packet))}`,
  ].join(', ');
}
