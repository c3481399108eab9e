import { machine, release } from 'node:os';
import { type ChronycOptions, readChrony } from '../chrony/chrony.js';
import { known, leftOut } from '../facts/fact.js';
import type { HostFacts } from '../facts/host.js';
import { readClocksource } from '../host/clocksource.js';
import { readKvmParameters } from '../host/kvmParameters.js';
import { readLibvirtGuests } from '../host/libvirtGuests.js';
import { daemonNames, readTimeDaemons, timeDaemonProcesses } from '../host/timeDaemons.js';
import { readTimeZone } from '../host/timeZone.js';
import { readTscFlags } from '../host/tscFlags.js';
import { ptpKvmOffer } from '../ptp/ptpKvmOffer.js';
import type { HypervisorFacts } from './hypervisorFacts.js';

/** How to look at the host. */
export interface HostOptions extends ChronycOptions {
  /** The directory that stands for `/`. */
  readonly root: string;
}

const NOT_YET = leftOut('host', 'not collected');

/** Reads what this machine tells by itself; the rest takes the domains (see hypervisorFacts.ts). */
export async function gatherHost(options: HostOptions): Promise<Omit<HostFacts, keyof HypervisorFacts>> {
  const architecture = known(machine(), 'uname -m');
  const clocksource = readClocksource(options.root);
  const daemons = timeDaemonProcesses(options.root);
  return {
    architecture,
    kernelRelease: known(release(), 'uname -r'),
    timeZone: readTimeZone(options.root),
    clocksource,
    chrony: await readChrony(options, () => daemons && daemonNames(daemons)),
    ptpKvm: ptpKvmOffer(architecture, clocksource),
    tscFlags: readTscFlags(options.root, architecture.value),
    timeDaemons: readTimeDaemons(options.root, daemons),
    kvmParameters: readKvmParameters(options.root),
    libvirtGuests: readLibvirtGuests(options.root),
    virtualisation: NOT_YET,
    clockParameters: NOT_YET,
    kernelClock: NOT_YET,
    hardwareClock: NOT_YET,
    leapTable: NOT_YET,
    ptpClocks: NOT_YET,
    kvm: NOT_YET,
    timesyncd: NOT_YET,
    ntpd: NOT_YET,
    linuxptp: NOT_YET,
  };
}
