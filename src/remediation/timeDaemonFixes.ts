import type { Finding } from '../checks/finding.js';
import type { HostFacts } from '../facts/host.js';
import { distributionOf } from './distribution.js';
import type { HostFix } from './hostFix.js';

/** Parts of linuxptp, which are no rivals of an NTP daemon by themselves. */
const LINUXPTP = new Set(['ptp4l', 'phc2sys', 'ts2phc', 'timemaster']);
/** Which of several is kept: the one that does more about a guest's needs first. */
const KEPT = ['chronyd', 'ntpd-rs', 'ntpd', 'sfptpd', 'ptpd', 'systemd-timesyncd'];

/** The commands that leave one time daemon, and the lines that let chronyd do without phc2sys. */
export function timeDaemonFixes(host: HostFacts, { check, code }: Finding): HostFix[] {
  const running = host.timeDaemons.known ? host.timeDaemons.value : [];
  if (code === 'several') {
    const rivals = running.filter((name) => !LINUXPTP.has(name));
    const kept = KEPT.find((name) => rivals.includes(name)) ?? rivals[0];
    const units = rivals.filter((name) => name !== kept).map((name) => unitOf(name, host));
    return [
      {
        check,
        about: `keeps ${kept} and stops the others for good; name others if ${kept} is not the one that is meant to run${units.includes('ntpsec') ? ' (the unit is ntp where the package is ntp)' : ''}`,
        file: null,
        lines: units.map((unit) => `systemctl disable --now ${unit}`),
        activate: null,
      },
    ];
  }
  if (code !== 'phc2sys-beside-ntp' || !running.includes('chronyd')) return [];
  return [
    {
      check,
      about:
        "lets chronyd read the network card's clock itself, beside its other sources, in place of phc2sys: put the card's own in place of /dev/ptp0, and leave the offset (UTC minus TAI, in seconds) away where that clock keeps UTC; then stop phc2sys and disable its unit",
      file: distributionOf(host) === 'debian' ? '/etc/chrony/conf.d/ptp.conf' : '/etc/chrony.conf',
      lines: ['refclock PHC /dev/ptp0 poll 0 dpoll -2 offset -37'],
      activate: 'systemctl restart chronyd',
    },
  ];
}

function unitOf(daemon: string, host: HostFacts): string {
  return daemon === 'ntpd' && distributionOf(host) === 'debian' ? 'ntpsec' : daemon;
}
