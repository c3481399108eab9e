import type { HostFacts } from '../../facts/host.js';

const LINUXPTP = 'host/linuxptp';
/** The check that judges the clock where a daemon other than chronyd disciplines it. */
const JUDGES: ReadonlyMap<string, string> = new Map([
  ['systemd-timesyncd', 'host/timesyncd'],
  ['ntpd', 'host/ntpd'],
  ['phc2sys', LINUXPTP],
  ['ptp4l', LINUXPTP],
  ['timemaster', LINUXPTP],
  ['ts2phc', LINUXPTP],
]);

/** The time daemons besides chronyd that may set the host's clock; none where that could not be seen. */
export function otherTimeDaemons({ timeDaemons }: HostFacts): readonly string[] {
  return timeDaemons.known ? timeDaemons.value.filter((name) => name !== 'chronyd') : [];
}

/** Those of them that do set it: ptp4l, or phc2sys with another clock as its target, may and do not. */
export function otherSetters(host: HostFacts): readonly string[] {
  const { linuxptp } = host;
  const idle = linuxptp.known && linuxptp.value !== null && linuxptp.value.systemClockBy === null;
  const others = otherTimeDaemons(host);
  return idle ? others.filter((name) => JUDGES.get(name) !== LINUXPTP) : others;
}

/** Says which other daemon sets the clock and which check judges it, without a full stop; null where there is none. */
export function otherDiscipline(host: HostFacts): string | null {
  const daemons = otherTimeDaemons(host).filter((name) => JUDGES.has(name));
  if (daemons.length === 0) return null;
  const checks = [...new Set(daemons.map((name) => JUDGES.get(name)))];
  return `${daemons.join(' and ')} may set the clock; see ${checks.join(' and ')}`;
}
