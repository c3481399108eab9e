import { known } from '../../src/facts/fact.js';
import type { HostFacts } from '../../src/facts/host.js';

type ClockFacts = Pick<
  HostFacts,
  | 'chrony'
  | 'virtualisation'
  | 'clockParameters'
  | 'kernelClock'
  | 'hardwareClock'
  | 'leapTable'
  | 'ptpClocks'
  | 'kvm'
  | 'timesyncd'
  | 'ntpd'
  | 'linuxptp'
>;

const fact = <T>(value: T) => known(value, 'the test');

/** What a host with every sort of clock and time daemon would tell, with a value for every member. */
export const EVERY_CLOCK: ClockFacts = {
  chrony: fact({
    daemon: 'answers',
    tracking: {
      referenceId: '0A000001',
      referenceName: '10.0.0.1',
      stratum: 3,
      referenceTimeSeconds: 1_767_225_580.5,
      systemOffsetSeconds: -0.000012,
      lastOffsetSeconds: 0.000001,
      rmsOffsetSeconds: 0.000015,
      frequencyPpm: -12.345,
      residualFrequencyPpm: 0.001,
      skewPpm: 0.02,
      rootDelaySeconds: 0.0003,
      rootDispersionSeconds: 0.0002,
      updateIntervalSeconds: 64.2,
      leapStatus: 'normal',
    },
    sources: [
      {
        mode: 'server',
        state: 'selected',
        name: '10.0.0.1',
        stratum: 2,
        pollLog2Seconds: 6,
        reach: 255,
        lastSampleAgeSeconds: 20,
        offsetSeconds: -0.000012,
        errorBoundSeconds: 0.0004,
      },
    ],
    sourceStatistics: [
      {
        name: '10.0.0.1',
        samples: 20,
        runs: 9,
        spanSeconds: 1200,
        frequencyPpm: 0.001,
        skewPpm: 0.02,
        offsetSeconds: -0.000001,
        standardDeviationSeconds: 0.00001,
      },
    ],
    activity: { online: 1, offline: 0, burstOnline: 0, burstOffline: 0, unresolved: 0 },
    steersClock: true,
    readAtSeconds: 1_767_225_600,
  }),
  virtualisation: fact({ hypervisor: 'kvm', evidence: "DMI system vendor 'QEMU'" }),
  clockParameters: fact(['tsc=reliable']),
  kernelClock: fact({
    state: 'error',
    status: ['unsync'],
    maxErrorSeconds: 16,
    estimatedErrorSeconds: 16,
    remainingOffsetSeconds: -0.001,
    frequencyPpm: -12.3,
    taiOffsetSeconds: 37,
  }),
  hardwareClock: fact({
    device: '/dev/rtc0',
    name: 'rtc_cmos',
    offsetSeconds: -0.4,
    errorBoundSeconds: 0.001,
    keeps: 'utc',
    keepsDecidedBy: '/etc/adjtime',
  }),
  leapTable: fact({
    path: '/usr/share/zoneinfo/leap-seconds.list',
    expiresAtSeconds: 1_782_604_800,
    readAtSeconds: 1_767_225_600,
  }),
  ptpClocks: fact([
    {
      device: '/dev/ptp0',
      clockName: 'igb PHC',
      driver: 'igb',
      interfaces: ['eth0', 'eth1'],
      capabilities: {
        maxAdjustmentPpb: 62_500_000,
        alarms: 0,
        externalTimestamps: 2,
        periodicOutputs: 2,
        pps: true,
        crossTimestamping: false,
      },
      offset: { offsetSeconds: 37.000001, errorBoundSeconds: 4e-7, method: 'extended' },
      offsetMissing: null,
      users: ['phc2sys', 'ptp4l'],
    },
    {
      device: '/dev/ptp1',
      clockName: '',
      driver: null,
      interfaces: [],
      capabilities: null,
      offset: null,
      offsetMissing: '/dev/ptp1 may not be opened (EACCES)',
      users: null,
    },
  ]),
  kvm: fact({
    capabilities: {
      apiVersion: 12,
      clockFlags: ['tsc-stable', 'realtime', 'host-tsc'],
      tscScaling: true,
      tscHz: 2_596_148_000,
      paravirtualFeatures: ['clocksource', 'clocksource2', 'clocksource-stable'],
      invariantTsc: true,
      hypervTime: true,
    },
    stableKvmclock: { verdict: 'proven', because: 'KVM_GET_CLOCK says so' },
    clockPairing: { verdict: 'inconclusive', because: 'the instruction was never executed' },
    measurements: {
      clockFlags: ['tsc-stable', 'realtime', 'host-tsc'],
      pvclockFlags: ['tsc-stable'],
      hypercall: '0',
      bracketSeconds: 0.00001,
      tookSeconds: 0.005,
    },
  }),
  timesyncd: fact({
    synchronised: true,
    serverName: 'ntp.example',
    serverAddress: '192.0.2.1',
    pollIntervalSeconds: 64,
    lastPacket: {
      stratum: 2,
      leap: 0,
      offsetSeconds: 0.001,
      rootDelaySeconds: 0.01,
      rootDispersionSeconds: 0.02,
      delaySeconds: 0.005,
      jitterSeconds: 0.001,
      packetCount: 12,
      ageSeconds: 30,
    },
  }),
  ntpd: fact({
    stratum: 3,
    leap: 'none',
    referenceId: '192.0.2.1',
    offsetSeconds: -0.001,
    rootDelaySeconds: 0.01,
    rootDispersionSeconds: 0.02,
    jitterSeconds: 0.001,
    lastUpdateAgeSeconds: 64,
    peers: [{ name: '192.0.2.1', state: 'selected', stratum: 2, reach: 255, offsetSeconds: -0.001 }],
  }),
  linuxptp: fact({
    portStates: ['SLAVE'],
    grandmasterPresent: true,
    masterOffsetSeconds: 2e-8,
    systemClockBy: 'phc2sys -s eth0 -w',
    systemClockFrom: 'eth0',
  }),
};

/** What a host without any of them would tell. */
export const NO_CLOCK: ClockFacts = {
  ...EVERY_CLOCK,
  chrony: fact({ daemon: 'absent', evidence: 'no time daemon runs' }),
  virtualisation: fact(null),
  clockParameters: fact([]),
  hardwareClock: fact(null),
  leapTable: fact(null),
  ptpClocks: fact([]),
  kvm: fact({
    capabilities: {
      apiVersion: 12,
      clockFlags: [],
      tscScaling: false,
      tscHz: null,
      paravirtualFeatures: ['features', 'ptp'],
      invariantTsc: false,
      hypervTime: false,
    },
    stableKvmclock: null,
    clockPairing: { verdict: 'refused', because: 'the counter is another one' },
    measurements: {
      clockFlags: null,
      pvclockFlags: null,
      hypercall: '-1',
      bracketSeconds: null,
      tookSeconds: 0.005,
    },
  }),
  timesyncd: fact(null),
  ntpd: fact(null),
  linuxptp: fact(null),
};
