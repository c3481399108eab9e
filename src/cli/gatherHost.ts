import { machine, release } from 'node:os';
import { type ChronycOptions, readChrony } from '../chrony/chrony.js';
import { known } from '../facts/fact.js';
import type { HostFacts } from '../facts/host.js';
import { readClocksource } from '../host/clocksource.js';
import { runningTimeDaemons } from '../host/timeDaemons.js';
import { readTimeZone } from '../host/timeZone.js';
import { ptpKvmOffer } from '../ptp/ptpKvmOffer.js';

/** How to look at the host. */
export interface HostOptions extends ChronycOptions {
  /** The directory that stands for `/`. */
  readonly root: string;
}

/** Reads everything about this machine that a guest's clock depends on. */
export async function gatherHost(options: HostOptions): Promise<HostFacts> {
  const architecture = known(machine(), 'uname -m');
  const clocksource = readClocksource(options.root);
  return {
    architecture,
    kernelRelease: known(release(), 'uname -r'),
    timeZone: readTimeZone(options.root),
    clocksource,
    chrony: await readChrony(options, () => runningTimeDaemons(options.root)),
    ptpKvm: ptpKvmOffer(architecture, clocksource),
  };
}
