import type { Severity } from './policy.js';
import type { ThresholdName } from './thresholdDescriptions.js';

/** A limit of a profile, with the reason for its number. */
export interface ProfileThreshold {
  readonly value: number;
  readonly because: string;
  readonly source: string;
}

/** What a profile decides about a check, with the reason. */
export interface ProfileDecision {
  readonly severity: Severity;
  readonly because: string;
  readonly source: string;
}

/** A set of limits and severities for one kind of place; whatever it does not name is that of `default`. */
export interface Profile {
  /** For whom it is, in one sentence. */
  readonly about: string;
  readonly references: readonly { readonly title: string; readonly url: string }[];
  readonly thresholds: Readonly<Partial<Record<ThresholdName, ProfileThreshold>>>;
  /** By a check's id, or a glob of ids. */
  readonly checks: Readonly<Record<string, ProfileDecision>>;
}

const CEPH = 'https://docs.ceph.com/en/latest/rados/configuration/mon-config-ref/#clock';
const COCKROACH =
  'https://www.cockroachlabs.com/docs/stable/recommended-production-settings#clock-synchronization';
const ETCD = 'https://github.com/etcd-io/etcd/blob/main/server/etcdserver/api/rafthttp/probing_status.go';
const SCS_0129 =
  'https://github.com/SovereignCloudStack/standards/blob/main/Standards/scs-0129-v1-time-sync-decisions.md';
const NOVA_GUEST = 'https://opendev.org/openstack/nova/src/branch/master/nova/virt/libvirt/driver.py';
const IMAGE_PROPERTIES = 'https://docs.openstack.org/glance/latest/admin/useful-image-properties.html';
const BUSINESS_CLOCKS = 'https://eur-lex.europa.eu/eli/reg_del/2025/1155/oj';
const RTS_25 = 'https://eur-lex.europa.eu/eli/reg_del/2017/574/oj';

const PAIR_OF_50_MS =
  "half of Ceph's 50 ms between any two monitors (mon_clock_drift_allowed), as two hosts may be wrong in opposite directions";
const WITHIN_CEPH = {
  hostOffsetFailSeconds: { value: 0.025, because: PAIR_OF_50_MS, source: CEPH },
  hostRootDistanceFailSeconds: { value: 0.025, because: PAIR_OF_50_MS, source: CEPH },
};

const HUNDRED_MICROSECONDS =
  'at most 100 µs from UTC for high-frequency algorithmic trading (annex, table 2); other algorithms may have 1 ms';
const HALF_OF_IT = 'half of the limit, so that there is time to act';

/** The profiles, by their names. */
export const PROFILES = {
  default: {
    about: 'Any hypervisor: the limits that monitoring commonly uses.',
    references: [],
    thresholds: {},
    checks: {},
  },
  nova: {
    about: 'Compute nodes of OpenStack: what nova writes on its own is nothing to act on.',
    references: [
      { title: "nova's libvirt driver", url: NOVA_GUEST },
      { title: 'glance: useful image properties', url: IMAGE_PROPERTIES },
    ],
    thresholds: {},
    checks: {
      'domain/agent-channel': {
        severity: 'info',
        because: 'nova adds the channel only for images with hw_qemu_guest_agent=yes',
        source: IMAGE_PROPERTIES,
      },
      'domain/hyperv-stimer': {
        severity: 'info',
        because: 'nova gives Windows guests synic and vpindex, but no stimer',
        source: NOVA_GUEST,
      },
    },
  },
  'scs-0129': {
    about:
      'Providers of the Sovereign Cloud Stack. SCS-0129 is a draft of a decision record and sets no number: it names quorum services such as Ceph as what limits should be derived from, prefers NTP, and leaves paravirtual clocks to the provider. That is what this profile does.',
    references: [
      { title: 'SCS-0129: Decision on Standardized Time Synchronization (draft)', url: SCS_0129 },
      { title: 'Ceph: monitor configuration, clock', url: CEPH },
    ],
    thresholds: WITHIN_CEPH,
    checks: {
      'domain/ptp-kvm': {
        severity: 'info',
        because: 'the record favours NTP as the portable way, and paravirtual clocks are an offer beyond it',
        source: SCS_0129,
      },
    },
  },
  strict: {
    about: 'Trading systems that have to show 100 µs to UTC: every warning is a failure.',
    references: [
      {
        title: 'Delegated Regulation (EU) 2025/1155, synchronisation of business clocks',
        url: BUSINESS_CLOCKS,
      },
      { title: 'Delegated Regulation (EU) 2017/574 (RTS 25), its predecessor, annex, table 2', url: RTS_25 },
    ],
    thresholds: {
      hostOffsetWarnSeconds: { value: 0.00005, because: HALF_OF_IT, source: RTS_25 },
      hostOffsetFailSeconds: { value: 0.0001, because: HUNDRED_MICROSECONDS, source: RTS_25 },
      hostRootDistanceWarnSeconds: { value: 0.00005, because: HALF_OF_IT, source: RTS_25 },
      hostRootDistanceFailSeconds: {
        value: 0.0001,
        because: `${HUNDRED_MICROSECONDS}; an estimate shows nothing, only its bound does`,
        source: RTS_25,
      },
    },
    checks: {
      '*': {
        severity: 'fail',
        because: 'a doubt about a clock that has to be shown right is a failure to show it',
        source: RTS_25,
      },
    },
  },
  cluster: {
    about:
      'Hosts whose services compare clocks with each other: Ceph (50 ms), CockroachDB (80 % of 500 ms), etcd (1 s). The tightest counts.',
    references: [
      { title: 'Ceph: monitor configuration, clock', url: CEPH },
      { title: 'CockroachDB: clock synchronization', url: COCKROACH },
      { title: 'etcd: the warning of its prober', url: ETCD },
    ],
    thresholds: WITHIN_CEPH,
    checks: {},
  },
} as const satisfies Record<string, Profile>;

export type ProfileName = keyof typeof PROFILES;

/** The names of all profiles, in the order of the documentation. */
export const PROFILE_NAMES = Object.keys(PROFILES) as readonly ProfileName[];

/** True for the name of a profile. */
export function isProfileName(name: string): name is ProfileName {
  return Object.hasOwn(PROFILES, name);
}
