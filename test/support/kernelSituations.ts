import type { ChronyAnswer, ChronyTracking } from '../../src/facts/chrony.js';
import { known } from '../../src/facts/fact.js';
import type { KernelClock } from '../../src/facts/kernelClock.js';
import type { LinuxptpAnswer, NtpAnswer, TimesyncdAnswer } from '../../src/facts/timeDaemons.js';
import { answering, healthy, NOW } from './chronyAnswers.js';

export const SYNCHRONISED: KernelClock = {
  state: 'ok',
  status: ['pll', 'nano'],
  maxErrorSeconds: 0.02,
  estimatedErrorSeconds: 0.001,
  remainingOffsetSeconds: 0,
  frequencyPpm: -12.3,
  taiOffsetSeconds: 0,
};
export const FLAG_ONLY: KernelClock = { ...SYNCHRONISED, state: 'error', status: ['unsync'] };
export const NOBODY: KernelClock = {
  ...FLAG_ONLY,
  maxErrorSeconds: 16,
  estimatedErrorSeconds: 16,
  frequencyPpm: 0,
};

export const kernel = (clock: KernelClock) => ({ kernelClock: known(clock, 'adjtimex') });
export const running = (...names: string[]) => ({ timeDaemons: known(names, '/proc') });

export function chrony(tracking: Partial<ChronyTracking> = {}, steersClock: boolean | null = true) {
  const answer: ChronyAnswer = {
    daemon: 'answers',
    tracking: { ...healthy, ...tracking },
    sources: [answering],
    sourceStatistics: [],
    activity: null,
    steersClock,
    readAtSeconds: NOW,
  };
  return { chrony: known(answer, 'the test'), ...(steersClock !== false && running('chronyd')) };
}
export const noChronyd = {
  chrony: known<ChronyAnswer>({ daemon: 'absent', evidence: 'nothing' }, 'the test'),
};
export const timesyncd = (synchronised: boolean) => {
  const answer: TimesyncdAnswer = {
    synchronised,
    serverName: 'ntp',
    serverAddress: '192.0.2.1',
    pollIntervalSeconds: 64,
    lastPacket: null,
  };
  return { timesyncd: known(answer, 'busctl'), ...running('systemd-timesyncd') };
};
export const ntpd = (leap: NtpAnswer['leap']) => {
  const answer: NtpAnswer = {
    stratum: leap === 'none' ? 3 : 16,
    leap,
    referenceId: '192.0.2.1',
    offsetSeconds: 0,
    rootDelaySeconds: 0,
    rootDispersionSeconds: 0,
    jitterSeconds: 0,
    lastUpdateAgeSeconds: null,
    peers: [],
  };
  return { ntpd: known(answer, 'ntpq'), ...running('ntpd') };
};
export const linuxptp = (portState: string) => {
  const answer: LinuxptpAnswer = {
    portStates: [portState],
    grandmasterPresent: true,
    masterOffsetSeconds: 0,
    systemClockBy: 'phc2sys -a -r',
    systemClockFrom: null,
  };
  return { linuxptp: known(answer, 'pmc'), ...running('phc2sys', 'ptp4l') };
};
export const never = { referenceId: '00000000', stratum: 0, leapStatus: 'not-synchronised' } as const;
export const local = { referenceId: '7F7F0101', stratum: 10 };
