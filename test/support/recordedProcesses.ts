import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TimeDaemonProcess } from '../../src/host/timeDaemons.js';

/** A process as a recorded host's `/proc` shows it; by default one of root's, which may set the clock. */
export interface RecordedProcess extends TimeDaemonProcess {
  /** Its command line, with its own name. */
  readonly args?: readonly string[];
  readonly capabilities?: string;
}

const ALL = '000001ffffffffff';

/** Writes the processes below `root`, beside the first one, whose presence shows that none is hidden. */
export function recordProcesses(root: string, ...processes: readonly RecordedProcess[]): void {
  for (const { pid, name, args = [], capabilities = ALL } of [{ pid: '1', name: 'init' }, ...processes]) {
    const directory = join(root, 'proc', pid);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'comm'), `${name}\n`);
    writeFileSync(join(directory, 'status'), `Name:\t${name}\nCapEff:\t${capabilities}\n`);
    writeFileSync(join(directory, 'uid_map'), '         0          0 4294967295\n');
    writeFileSync(join(directory, 'cmdline'), args.map((word) => `${word}\0`).join(''));
  }
}
