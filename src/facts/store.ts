import { leftOut } from './fact.js';
import type { Facts } from './facts.js';
import type { HostFacts } from './host.js';
import { mismatch, type Shape } from './shape.js';

/** Thrown for a file that holds no facts, with what is wrong about it. */
export class FactsUnreadable extends Error {
  override readonly name = 'FactsUnreadable';
}

const LIBVIRT_ERROR: Shape = { $optional: { code: 'number', domain: 'number', message: 'string' } };

function fact(value: Shape): Shape {
  const known: Shape = { known: { $is: true }, value, source: 'string' };
  const unknown: Shape = {
    known: { $is: false },
    reason: 'string',
    cause: 'string',
    source: 'string',
    libvirtError: LIBVIRT_ERROR,
  };
  return { $oneOf: [unknown, known] };
}

const TRACKING: Shape = {
  referenceId: 'string',
  referenceName: 'string',
  stratum: 'number',
  referenceTimeSeconds: 'number',
  systemOffsetSeconds: 'number',
  rootDelaySeconds: 'number',
  rootDispersionSeconds: 'number',
  leapStatus: {
    $oneOf: ['normal', 'insert-second', 'delete-second', 'not-synchronised'].map(($is) => ({ $is })),
  },
};
const CHRONY: Shape = {
  $oneOf: [
    { daemon: { $is: 'absent' }, evidence: 'string' },
    {
      daemon: { $is: 'answers' },
      tracking: TRACKING,
      sources: [{ name: 'string', state: 'string', reach: 'number', pollLog2Seconds: 'number' }],
      sourceStatistics: { $optional: [{ name: 'string', offsetSeconds: 'number' }] },
      activity: { $optional: { $nullable: { online: 'number', offline: 'number', unresolved: 'number' } } },
      steersClock: { $optional: { $nullable: 'boolean' } },
      readAtSeconds: 'number',
    },
  ],
};
const PROOF: Shape = {
  verdict: { $oneOf: [{ $is: 'proven' }, { $is: 'refused' }, { $is: 'inconclusive' }] },
  because: 'string',
};
const KVM_PROBE: Shape = {
  capabilities: {
    apiVersion: 'number',
    clockFlags: ['string'],
    tscScaling: 'boolean',
    tscHz: { $nullable: 'number' },
    paravirtualFeatures: ['string'],
    invariantTsc: 'boolean',
    hypervTime: 'boolean',
  },
  stableKvmclock: { $nullable: PROOF },
  clockPairing: PROOF,
  measurements: {
    clockFlags: { $nullable: ['string'] },
    pvclockFlags: { $nullable: ['string'] },
    hypercall: 'string',
    bracketSeconds: { $nullable: 'number' },
    tookSeconds: 'number',
  },
};
const PTP_CLOCK: Shape = {
  device: 'string',
  clockName: 'string',
  driver: { $nullable: 'string' },
  interface: { $nullable: 'string' },
  capabilities: { $nullable: { maxAdjustmentPpb: 'number', crossTimestamping: 'boolean' } },
  offset: { $nullable: { offsetSeconds: 'number', errorBoundSeconds: 'number', method: 'string' } },
  offsetMissing: { $nullable: 'string' },
  users: { $nullable: ['string'] },
};
const TIMESYNCD: Shape = {
  synchronised: 'boolean',
  serverName: 'string',
  serverAddress: 'string',
  pollIntervalSeconds: { $nullable: 'number' },
  lastPacket: { $nullable: { stratum: 'number', leap: 'number', offsetSeconds: 'number' } },
};
const NTPD: Shape = {
  stratum: 'number',
  leap: 'string',
  referenceId: 'string',
  offsetSeconds: 'number',
  rootDelaySeconds: 'number',
  rootDispersionSeconds: 'number',
  jitterSeconds: 'number',
  peers: [{ name: 'string', state: 'string', stratum: 'number', reach: 'number', offsetSeconds: 'number' }],
};
const LINUXPTP: Shape = {
  portStates: { $nullable: ['string'] },
  grandmasterPresent: { $nullable: 'boolean' },
  masterOffsetSeconds: { $nullable: 'number' },
  systemClockBy: { $nullable: 'string' },
};
const HOST: Shape = {
  architecture: fact('string'),
  kernelRelease: fact('string'),
  timeZone: fact({ name: 'string', isUtc: 'boolean' }),
  clocksource: fact({ current: 'string', available: ['string'] }),
  chrony: fact(CHRONY),
  ptpKvm: fact({ offered: 'boolean', because: 'string', wouldNeed: { $optional: 'string' } }),
  tscFlags: fact({ $nullable: { constant: 'boolean', nonstop: 'boolean' } }),
  timeDaemons: fact(['string']),
  kvmParameters: fact({
    kvmclockPeriodicSync: { $nullable: 'boolean' },
    tscTolerancePpm: { $nullable: 'number' },
  }),
  libvirtGuests: fact({
    $nullable: {
      $oneOf: [
        { enabled: { $is: false } },
        { enabled: { $is: true }, onBoot: 'string', onShutdown: 'string', syncTime: 'boolean' },
      ],
    },
  }),
  virtualisation: fact({ $nullable: { hypervisor: 'string', evidence: 'string' } }),
  clockParameters: fact(['string']),
  kernelClock: fact({
    state: 'string',
    status: ['string'],
    maxErrorSeconds: 'number',
    estimatedErrorSeconds: 'number',
    remainingOffsetSeconds: 'number',
    frequencyPpm: 'number',
    taiOffsetSeconds: 'number',
  }),
  hardwareClock: fact({
    $nullable: {
      device: 'string',
      name: 'string',
      offsetSeconds: 'number',
      errorBoundSeconds: 'number',
      keeps: { $oneOf: [{ $is: 'utc' }, { $is: 'local' }] },
      keepsDecidedBy: 'string',
    },
  }),
  leapTable: fact({ $nullable: { path: 'string', expiresAtSeconds: 'number' } }),
  ptpClocks: fact([PTP_CLOCK]),
  kvm: fact(KVM_PROBE),
  timesyncd: fact({ $nullable: TIMESYNCD }),
  ntpd: fact({ $nullable: NTPD }),
  linuxptp: fact({ $nullable: LINUXPTP }),
  zoneinfo: fact({ $values: 'boolean' }),
  tscCounter: fact({ $nullable: { frequencyHz: 'number', scaling: { $nullable: 'boolean' } } }),
  libvirtVersion: fact('string'),
  qemuVersion: fact('string'),
};
/** What facts that were saved before it was collected do not have. */
const ADDED_TO_HOST: readonly (keyof HostFacts)[] = [
  ...(['tscFlags', 'timeDaemons', 'kvmParameters', 'libvirtGuests'] as const),
  ...(['zoneinfo', 'tscCounter', 'libvirtVersion', 'qemuVersion'] as const),
  ...(['virtualisation', 'clockParameters', 'kernelClock', 'hardwareClock', 'leapTable'] as const),
  ...(['ptpClocks', 'kvm', 'timesyncd', 'ntpd', 'linuxptp'] as const),
];
const TEXT: Shape = {
  xml: 'string',
  origin: { $oneOf: [{ $is: 'dumpxml' }, { $is: 'file' }, { $is: 'status' }] },
};
const FACTS: Shape = {
  schemaVersion: { $is: '1.0' },
  toolVersion: 'string',
  collectedAt: 'string',
  hostname: 'string',
  sources: [
    {
      kind: 'string',
      location: 'string',
      libvirtVersion: { $optional: 'string' },
    },
  ],
  host: { $nullable: HOST },
  hostNote: 'string',
  domains: [
    {
      name: 'string',
      uuid: { $optional: 'string' },
      source: 'string',
      state: fact('string'),
      persistent: fact('boolean'),
      managedSave: fact('boolean'),
      definitions: { $values: fact(TEXT) },
      savedDefinition: { $optional: fact(TEXT) },
      process: {
        $optional: fact({
          pid: 'number',
          args: ['string'],
          tz: { $nullable: 'string' },
          tzRead: { $optional: { $is: false } },
        }),
      },
      taints: { $optional: fact(['string']) },
    },
  ],
  narrowed: { $optional: { $is: true } },
  problems: [
    {
      target: 'string',
      cause: 'string',
      reason: 'string',
      line: { $optional: 'number' },
      column: { $optional: 'number' },
      libvirtError: LIBVIRT_ERROR,
    },
  ],
  notes: ['string'],
};

/** Writes facts as a JSON document. */
export function saveFacts(facts: Facts): string {
  return `${JSON.stringify(facts, null, 1)}\n`;
}

/**
 * Reads facts back.
 * @throws FactsUnreadable when the text is not what {@link saveFacts} writes
 */
export function loadFacts(text: string): Facts {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new FactsUnreadable(`is no JSON: ${(error as Error).message}`);
  }
  completeHost(document);
  const wrong = mismatch(document, FACTS);
  if (wrong) throw new FactsUnreadable(`holds no facts that this version can read: ${wrong}`);
  return document as Facts;
}

/** What chronyd's answer did not have in facts that were saved before it was collected. */
const ADDED_TO_CHRONY = { sourceStatistics: [], activity: null, steersClock: null };

function completeHost(document: unknown): void {
  const host = (document as { host?: unknown } | null)?.host;
  if (typeof host !== 'object' || host === null) return;
  const absent = leftOut('saved facts', 'the version that saved these facts did not collect it');
  for (const member of ADDED_TO_HOST) {
    if (!(member in host)) Object.assign(host, { [member]: absent });
  }
  const answer = (host as { chrony?: { value?: { daemon?: unknown } } }).chrony?.value;
  if (answer?.daemon === 'answers') {
    for (const [member, value] of Object.entries(ADDED_TO_CHRONY)) {
      if (!(member in answer)) Object.assign(answer, { [member]: value });
    }
  }
}
