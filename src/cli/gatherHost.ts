import { machine, release } from 'node:os';
import { type ChronycOptions, readChrony } from '../chrony/chrony.js';
import { chronydSteersClock } from '../chrony/steering.js';
import { type Fact, known, leftOut } from '../facts/fact.js';
import type { HostFacts } from '../facts/host.js';
import type { KvmProbe } from '../facts/kvmProbe.js';
import { readClockParameters } from '../host/clockParameters.js';
import { readClocksource } from '../host/clocksource.js';
import { readHardwareClock } from '../host/hardwareClock.js';
import { readKernelClock } from '../host/kernelClock.js';
import { readKvmParameters } from '../host/kvmParameters.js';
import { readLeapTable } from '../host/leapTable.js';
import { readLibvirtGuests } from '../host/libvirtGuests.js';
import { daemonNames, readTimeDaemons, timeDaemonProcesses } from '../host/timeDaemons.js';
import { readTimeZone } from '../host/timeZone.js';
import { readTscFlags } from '../host/tscFlags.js';
import { readVirtualisation } from '../host/virtualisation.js';
import { isOrdinarilyInaccessible } from '../ptp/kvmAccess.js';
import { probeKvm } from '../ptp/kvmProbe.js';
import { readPtpClocks } from '../ptp/ptpClocks.js';
import { ptpKvmOffer } from '../ptp/ptpKvmOffer.js';
import { readTimeDaemonAnswers, type TimeDaemonOptions } from '../timedaemons/answers.js';
import type { HypervisorFacts } from './hypervisorFacts.js';

/** How to look at the host. */
export interface HostOptions extends ChronycOptions, TimeDaemonOptions {
  /** The directory that stands for `/`. */
  readonly root: string;
  /** False when KVM is not to be tried out. */
  readonly probe?: boolean;
  /** What no file below the root tells of a machine that was recorded elsewhere. */
  readonly machine?: RecordedMachine;
}

/** What a recording tells besides files and the answers of commands. */
export interface RecordedMachine {
  /** `uname -m` */
  readonly architecture: Fact<string>;
  /** `uname -r` */
  readonly kernelRelease: Fact<string>;
  /** The system clock when the hardware clock was read, in seconds since 1970. */
  readonly hardwareClockReadAtSeconds: number;
}

const RECORDED = leftOut('adjtimex', 'a recorded host has no kernel to ask');

/** Reads what this machine tells by itself; the rest takes the domains (see hypervisorFacts.ts). */
export async function gatherHost(options: HostOptions): Promise<Omit<HostFacts, keyof HypervisorFacts>> {
  const { machine: recorded, nowSeconds } = options;
  const architecture = recorded?.architecture ?? known(machine(), 'uname -m');
  // An unknown one is read like the commonest; what it has a say in is unknown then, or is not there.
  const arch = architecture.known ? architecture.value : 'x86_64';
  const probing = probe(options, arch);
  const clocksource = readClocksource(options.root);
  const daemons = timeDaemonProcesses(options.root);
  const hardwareClock = readHardwareClock(
    options.root,
    recorded && { now: () => recorded.hardwareClockReadAtSeconds },
  );
  const others = readTimeDaemonAnswers(options, daemons);
  const chrony = readChrony(
    options,
    () => daemons && daemonNames(daemons),
    () => chronydSteersClock(options.root, daemons, options.chronyHost),
  );
  // All that only takes reading is read while these run; loading the C library for the kernel's view takes the longest.
  const read = {
    architecture,
    kernelRelease: recorded?.kernelRelease ?? known(release(), 'uname -r'),
    timeZone: readTimeZone(options.root),
    clocksource,
    tscFlags: readTscFlags(options.root, arch),
    timeDaemons: readTimeDaemons(options.root, daemons),
    kvmParameters: readKvmParameters(options.root),
    libvirtGuests: readLibvirtGuests(options.root),
    virtualisation: readVirtualisation(options.root, arch),
    clockParameters: readClockParameters(options.root),
    kernelClock: options.root === '/' ? readKernelClock() : RECORDED,
    leapTable: readLeapTable(options.root, nowSeconds),
    ptpClocks: readPtpClocks(options.root, daemons),
  };
  return {
    ...read,
    chrony: await chrony,
    ptpKvm: ptpKvmOffer(architecture, clocksource, await probing),
    hardwareClock: await hardwareClock,
    kvm: await probing,
    ...(await others),
  };
}

/**
 * Another root is a recording, whose KVM is not there to be tried out. An audit by a user who may not open KVM is not at
 * fault for it, so it is left out then, with what would change that.
 */
async function probe(
  { root, probe = true, deadlineSeconds }: HostOptions,
  architecture: string,
): Promise<Fact<KvmProbe>> {
  const device = '/dev/kvm';
  if (!probe) return leftOut(device, 'not tried out, as --no-probe asks');
  if (root !== '/') return leftOut(device, 'a recorded host has no KVM to try out');
  const fact = await probeKvm({ root, architecture, deadlineSeconds });
  const isLeftOut = !fact.known && isOrdinarilyInaccessible(device, fact);
  return isLeftOut ? leftOut(fact.source, `not tried out: ${fact.reason}`) : fact;
}
