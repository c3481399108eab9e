import type { Finding } from '../checks/finding.js';
import type { HostFacts } from '../facts/host.js';
import { distributionOf } from './distribution.js';
import type { HostFix } from './hostFix.js';

const SERVERS = [1, 2, 3, 4].map((number) => `NTP_SERVER_${number}`);
const PLACEHOLDERS = 'put servers of your own site in place of NTP_SERVER_1 to NTP_SERVER_4';
const ON_THE_WAY =
  'mend the name resolution, the route or the firewall (UDP port 123) on the way to the others first';

/** Codes that servers which answer, and are near, are the remedy for. */
const LOST = new Set(['holdover', 'never-synchronised', 'server-not-synchronised']);

/** @see ntp.conf(5), the commands server and iburst; ntpq(8) */
export function ntpdFixes(host: HostFacts, { check, code }: Finding): HostFix[] {
  const debian = distributionOf(host) === 'debian';
  const ownClock =
    code === 'local-clock-only' ? ' and remove server 127.127.1.0 with its fudge line, and tos orphan;' : '';
  const servers: HostFix = {
    check,
    about: `gives ntpd servers to follow beside those that it has;${ownClock} ${PLACEHOLDERS}${debian ? ' (the file is /etc/ntp.conf and the unit ntp where the package is ntp)' : ''}`,
    file: debian ? '/etc/ntpsec/ntp.conf' : '/etc/ntp.conf',
    lines: SERVERS.map((server) => `server ${server} iburst`),
    activate: `systemctl restart ${debian ? 'ntpsec' : 'ntpd'}`,
  };
  if (!LOST.has(code)) return [servers];
  return [look(check, `shows which servers answer (reach above 0); ${ON_THE_WAY}`, ['ntpq -pn']), servers];
}

/** @see timesyncd.conf(5); timedatectl(1), timesync-status */
export function timesyncdFixes(_host: HostFacts, { check, code }: Finding): HostFix[] {
  const servers: HostFix = {
    check,
    about: `gives systemd-timesyncd near servers, of which it follows one; ${PLACEHOLDERS}; on a hypervisor chronyd, which compares several, is the better choice`,
    file: '/etc/systemd/timesyncd.conf.d/time-sources.conf',
    lines: ['[Time]', `NTP=${SERVERS.join(' ')}`],
    activate: 'systemctl restart systemd-timesyncd',
  };
  if (!LOST.has(code)) return [servers];
  const about = `shows the server and its last packet; ${ON_THE_WAY}`;
  return [look(check, about, ['timedatectl timesync-status']), servers];
}

/** @see phc2sys(8), -a, -r, -s and -w; pmc(8) */
export function linuxptpFixes(host: HostFacts, { check, code }: Finding): HostFix[] {
  if (code === 'system-clock-free') return [steering(host, check)];
  const about =
    'shows the state of the ports and what is known of the master; a port in LISTENING hears none: compare the domain number and the transport with the master, and look at the firewall (UDP ports 319 and 320) and at switches without PTP on the way';
  const asked = ['PORT_DATA_SET', 'TIME_STATUS_NP', 'PARENT_DATA_SET'].map((name) => `'GET ${name}'`);
  return [look(check, about, [`pmc -u -b 0 ${asked.join(' ')}`])];
}

/** Debian's unit is for one interface each; Red Hat's has its options in a file. */
function steering(host: HostFacts, check: string): HostFix {
  const about = "brings the system clock in line with the network card's clock, which ptp4l disciplines";
  const risk =
    "its first update steps the clock: a step moves the RTC of every running guest at once, and not the clock that the guest's own system keeps";
  if (distributionOf(host) === 'debian') {
    const lines = ['systemctl enable --now phc2sys@eth0'];
    return {
      check,
      about: `${about}; put its interface in place of eth0; ${risk}`,
      file: null,
      lines,
      activate: null,
    };
  }
  return {
    check,
    about: `${about}; ${risk}`,
    file: '/etc/sysconfig/phc2sys',
    lines: ['OPTIONS="-a -r"'],
    activate: 'systemctl enable --now phc2sys',
  };
}

function look(check: string, about: string, lines: readonly string[]): HostFix {
  return { check, about, file: null, lines, activate: null };
}
