import { CHRONY } from './chronyShape.js';
import { leftOut } from './fact.js';
import { fact, type MemberShapes } from './factShape.js';
import type {
  Clocksource,
  HostFacts,
  KvmParameters,
  LibvirtGuestsSettings,
  PtpKvmOffer,
  TimeZone,
  TscCounter,
  TscFlags,
} from './host.js';
import { HARDWARE_CLOCK, KERNEL_CLOCK, LEAP_TABLE, PTP_CLOCK, VIRTUALISATION } from './hostClockShapes.js';
import { KVM_PROBE } from './kvmProbeShape.js';
import type { Shape } from './shape.js';
import { LINUXPTP, NTPD, TIMESYNCD } from './timeDaemonShapes.js';

const TIME_ZONE: Shape = { name: 'string', isUtc: 'boolean' } satisfies MemberShapes<TimeZone>;
const CLOCKSOURCE: Shape = { current: 'string', available: ['string'] } satisfies MemberShapes<Clocksource>;
const PTP_KVM: Shape = {
  offered: 'boolean',
  because: 'string',
  wouldNeed: { $optional: 'string' },
} satisfies MemberShapes<PtpKvmOffer>;
const TSC_FLAGS: Shape = { constant: 'boolean', nonstop: 'boolean' } satisfies MemberShapes<TscFlags>;
const KVM_PARAMETERS: Shape = {
  kvmclockPeriodicSync: { $nullable: 'boolean' },
  tscTolerancePpm: { $nullable: 'number' },
} satisfies MemberShapes<KvmParameters>;
const LIBVIRT_GUESTS: Shape = {
  enabled: { $is: true },
  onBoot: 'string',
  onShutdown: 'string',
  syncTime: 'boolean',
} satisfies MemberShapes<LibvirtGuestsSettings>;
const TSC_COUNTER: Shape = {
  frequencyHz: 'number',
  scaling: { $nullable: 'boolean' },
} satisfies MemberShapes<TscCounter>;

/** The host's facts, as they are saved. */
export const HOST: Shape = {
  architecture: fact('string'),
  kernelRelease: fact('string'),
  timeZone: fact(TIME_ZONE),
  clocksource: fact(CLOCKSOURCE),
  chrony: fact(CHRONY),
  ptpKvm: fact(PTP_KVM),
  tscFlags: fact({ $nullable: TSC_FLAGS }),
  virtualisation: fact({ $nullable: VIRTUALISATION }),
  clockParameters: fact(['string']),
  kernelClock: fact(KERNEL_CLOCK),
  hardwareClock: fact({ $nullable: HARDWARE_CLOCK }),
  leapTable: fact({ $nullable: LEAP_TABLE }),
  ptpClocks: fact([PTP_CLOCK]),
  kvm: fact(KVM_PROBE),
  timesyncd: fact({ $nullable: TIMESYNCD }),
  ntpd: fact({ $nullable: NTPD }),
  linuxptp: fact({ $nullable: LINUXPTP }),
  timeDaemons: fact(['string']),
  kvmParameters: fact(KVM_PARAMETERS),
  libvirtGuests: fact({ $nullable: { $oneOf: [{ enabled: { $is: false } }, LIBVIRT_GUESTS] } }),
  zoneinfo: fact({ $values: 'boolean' }),
  tscCounter: fact({ $nullable: TSC_COUNTER }),
  libvirtVersion: fact('string'),
  qemuVersion: fact('string'),
} satisfies MemberShapes<HostFacts>;

/** What facts that were saved before it was collected do not have. */
const ADDED_TO_HOST: readonly (keyof HostFacts)[] = [
  ...(['tscFlags', 'timeDaemons', 'kvmParameters', 'libvirtGuests'] as const),
  ...(['zoneinfo', 'tscCounter', 'libvirtVersion', 'qemuVersion'] as const),
  ...(['virtualisation', 'clockParameters', 'kernelClock', 'hardwareClock', 'leapTable'] as const),
  ...(['ptpClocks', 'kvm', 'timesyncd', 'ntpd', 'linuxptp'] as const),
];

/** What chronyd's answer did not have in facts that were saved before it was collected. */
const ADDED_TO_CHRONY = { sourceStatistics: [], activity: null, steersClock: null };

/** Gives facts of an older version the members that it did not collect, as left out. */
export function completeHost(host: object): void {
  const absent = leftOut('saved facts', 'the version that saved these facts did not collect it');
  for (const member of ADDED_TO_HOST) {
    if (!(member in host)) Object.assign(host, { [member]: absent });
  }
  const answer = (host as { chrony?: { value?: { daemon?: unknown } } }).chrony?.value;
  if (answer?.daemon !== 'answers') return;
  for (const [member, value] of Object.entries(ADDED_TO_CHRONY)) {
    if (!(member in answer)) Object.assign(answer, { [member]: value });
  }
}
