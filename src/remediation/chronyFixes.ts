import type { Finding } from '../checks/finding.js';
import type { HostFacts } from '../facts/host.js';
import { type Distribution, distributionOf } from './distribution.js';
import type { HostFix } from './hostFix.js';

/** chrony's own words for a configuration of a client: see chrony.conf(5), "Examples", "NTP client". */
const SOURCES = [1, 2, 3, 4].map((number) => `server NTP_SERVER_${number} iburst`);
const CLOCK = ['makestep 1.0 3', 'rtcsync'];

const PLACEHOLDERS =
  'put four servers of your own site in place of NTP_SERVER_1 to NTP_SERVER_4, or use one line pool pool.ntp.org iburst where there are none';

/** What a step of the host's clock does to what runs on it. */
const STEP_RISK =
  "a step moves the RTC of every running guest at once, and not the clock that the guest's own system keeps; guests with ptp_kvm follow it";

/**
 * What to paste for a host whose clock is not well synchronised.
 * @see chrony.conf(5), the directives server, pool, makestep, rtcsync, confdir and local; chronyc(1), online and makestep
 */
export function chronyFixes(host: HostFacts, { check, code, outcome }: Finding): HostFix[] {
  const distribution = distributionOf(host);
  const sources = (about: string) => moreSources(host, check, about);
  switch (code) {
    case 'daemon-absent':
      return [
        ...(distribution ? [installation(check, INSTALL[distribution])] : []),
        {
          ...sources(
            `keeps the clock by chronyd, once its package chrony is installed; ${STEP_RISK}, which makestep does in the first three updates only`,
          ),
          activate: ENABLE[distribution ?? 'red-hat'],
        },
      ];
    case 'local-stratum-only':
      return [
        sources(
          'gives chronyd sources to follow; remove the directive local, unless this host has to serve time to others while it is cut off',
        ),
      ];
    case 'never-synchronised':
    case 'leap-not-synchronised':
    case 'stratum-invalid':
      return [
        ...(hasSources(host) ? [lookAtSources(check)] : []),
        sources('gives chronyd sources that answer'),
      ];
    case 'holdover':
      return [lookAtSources(check), sources('gives chronyd sources beside those that it has lost')];
    case 'root-distance':
    case 'stratum-high':
      return [
        sources(
          'gives chronyd sources that are nearer to a reference clock, in stratum and in network delay',
        ),
      ];
    case 'offset':
      return [...(outcome === 'fail' ? [makestep(check)] : []), sources('gives chronyd sources that agree')];
  }
  return [];
}

/** The package is called chrony everywhere. */
const INSTALL = { debian: 'apt-get install chrony', 'red-hat': 'dnf install chrony' } as const;

function installation(check: string, command: string): HostFix {
  const about = 'installs chrony, where that has not been done; another time daemon may be removed for it';
  return { check, about, file: null, lines: [command], activate: null };
}

/** Lines that give chronyd four sources. */
export function moreSources(host: HostFacts, check: string, about: string): HostFix {
  return {
    check,
    about: `${about}; ${PLACEHOLDERS}`,
    file: configurationFile(distributionOf(host)),
    lines: [...SOURCES, ...CLOCK],
    activate: RESTART,
  };
}

/** Debian's unit is chrony.service with the alias chronyd.service, so that this name is right everywhere. */
export const RESTART = 'systemctl restart chronyd';
/** An alias cannot be enabled. */
const ENABLE = {
  debian: 'systemctl enable --now chrony && systemctl restart chrony',
  'red-hat': 'systemctl enable --now chronyd && systemctl restart chronyd',
} as const;

/** Debian's chrony.conf includes a directory for an administrator's own lines. */
function configurationFile(distribution: Distribution): string {
  switch (distribution) {
    case 'debian':
      return '/etc/chrony/conf.d/time-sources.conf';
    case 'red-hat':
      return '/etc/chrony.conf';
    case null:
      return '/etc/chrony/chrony.conf or /etc/chrony.conf';
  }
}

function hasSources({ chrony }: HostFacts): boolean {
  return chrony.known && chrony.value.daemon === 'answers' && chrony.value.sources.length > 0;
}

/** Commands that show the sources, and take up again those that were set offline. */
export function lookAtSources(check: string): HostFix {
  return {
    check,
    about:
      'shows which sources answer, and takes those up again that were set offline; mend the name resolution, the route or the firewall (UDP port 123) on the way to the others first',
    file: null,
    lines: ['chronyc -n sources -v', 'chronyc online'],
    activate: null,
  };
}

function makestep(check: string): HostFix {
  return {
    check,
    about: `steps the clock at once instead of letting chronyd bring it in line by and by, which is what it does by itself; ${STEP_RISK}`,
    file: null,
    lines: ['chronyc -n tracking', 'chronyc makestep'],
    activate: null,
  };
}
