import type { Finding } from '../checks/finding.js';
import { noUseForKvmclock } from '../checks/guestOs.js';
import type { DomainDefinition } from '../facts/definition.js';
import type { HostFacts } from '../facts/host.js';

/** Lines for a file in a guest. */
export interface GuestFile {
  readonly path: string;
  readonly lines: readonly string[];
}

/** What can be pasted inside of guests; nothing here is ever sent to one. */
export interface GuestFix {
  /** The id of the check that tells which guests it fits. */
  readonly check: string;
  /** One sentence without a full stop: what it does, and what must be known about it. */
  readonly about: string;
  readonly files: readonly GuestFile[];
  /** What makes it effective, as a shell command in the guest. */
  readonly activate: string;
  /** How many of the domains it fits, as far as the host can tell. */
  readonly domains: number;
}

/** A domain with what was found about it. */
export interface JudgedDomain {
  /** The definition that runs, or else the one of its next start; null where neither was read. */
  readonly definition: DomainDefinition | null;
  readonly findings: readonly Finding[];
}

/** What a host at the usual stratum of a client of public servers has. */
const USUAL_STRATUM = 2;

/**
 * What guests can be given to keep their clocks in step with the host's, once for all of them.
 * @param hostFindings - a host whose own clock is wrong is nothing to follow
 * @returns none where the host does not offer ptp_kvm, or no guest can use it
 */
export function guestFixesFor(
  host: HostFacts,
  hostFindings: readonly Finding[],
  domains: readonly JudgedDomain[],
): GuestFix[] {
  const { ptpKvm } = host;
  if (!ptpKvm.known || !ptpKvm.value.offered) return [];
  const wrong = hostFindings.some(
    ({ check, outcome }) => check === 'host/chrony-tracking' && outcome === 'fail',
  );
  const fitting = domains.filter(canUsePtpKvm).length;
  return wrong || fitting === 0 ? [] : [guestRefclock(hostStratum(host), fitting)];
}

function canUsePtpKvm({ definition, findings }: JudgedDomain): boolean {
  if (!definition || noUseForKvmclock(definition.guestOs) !== null) return false;
  // Only Linux has the driver; what is not known may well be Linux.
  if (definition.guestOs.family !== 'linux' && definition.guestOs.family !== 'unknown') return false;
  return findings.some(
    ({ check, outcome, code }) =>
      check === 'domain/ptp-kvm' && outcome === 'pass' && (code === 'both' || code === 'ptp-kvm-only'),
  );
}

/** A refclock is taken for stratum 0, but the clock behind this one is the host's. */
function hostStratum({ chrony }: HostFacts): number {
  if (!chrony.known || chrony.value.daemon !== 'answers') return USUAL_STRATUM;
  const { stratum } = chrony.value.tracking;
  return stratum >= 1 && stratum <= 14 ? stratum : USUAL_STRATUM;
}

/**
 * Lets chronyd in a Linux guest follow the host's clock through ptp_kvm. The host answers with its real time, which is
 * UTC, so that no offset from TAI is needed.
 * @param stratum - the host's own, 1 to 14
 * @param domains - how many domains it fits
 * @see chrony.conf(5), refclock PHC; the kernel's drivers/ptp/ptp_kvm_common.c; rules.d/50-udev-default.rules in systemd,
 * which names the device
 */
export function guestRefclock(stratum: number, domains: number): GuestFix {
  return {
    check: 'domain/ptp-kvm',
    about:
      "in Linux guests: lets chronyd follow the host's clock to about a microsecond, without a network; keep NTP servers beside it to find out a host that is wrong; where udev is too old to make /dev/ptp_kvm, name the /dev/ptpN whose /sys/class/ptp/ptpN/clock_name is 'KVM virtual PTP'; chrony.conf is /etc/chrony/chrony.conf in Debian and Ubuntu",
    files: [
      { path: '/etc/modules-load.d/ptp_kvm.conf', lines: ['ptp_kvm'] },
      {
        path: '/etc/chrony.conf',
        lines: [
          `refclock PHC /dev/ptp_kvm poll 2 dpoll -2 refid KVM stratum ${stratum}`,
          // A pause or a restored image leaves a guest late by any length of time, at any time.
          'makestep 1.0 -1',
        ],
      },
    ],
    activate: 'modprobe ptp_kvm && systemctl restart chronyd',
    domains,
  };
}
