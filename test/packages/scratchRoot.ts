import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ForegroundProcess, startForeground } from '../support/foregroundProcess.js';
import { runProcess, type ToolRun } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';

/** A copy of this machine's root file system that only its own processes see; what they write goes with it. */
export interface ScratchRoot {
  /** Runs a command in the copy, with a PATH as cron and little else has it. */
  run(command: string, ...args: string[]): Promise<ToolRun>;
  /** The same for a shell's command line. */
  shell(line: string): Promise<ToolRun>;
  remove(): Promise<void>;
}

const ENVIRONMENT = ['PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LC_ALL=C'];

/** Mounts the copy, keeps it as long as it is not killed, and takes $2 in as its /packages. */
const MOUNTS = `
set -e
mount -t tmpfs tmpfs "$1"
mkdir "$1/written" "$1/work" "$1/root"
mount -t overlay -o "lowerdir=/,upperdir=$1/written,workdir=$1/work" overlay "$1/root"
mkdir -p "$1/root/packages"
mount --bind "$2" "$1/root/packages"
mount --rbind /dev "$1/root/dev"
mount --rbind /proc "$1/root/proc"
mount -t tmpfs tmpfs "$1/root/tmp"
mount -t tmpfs tmpfs "$1/root/run"
echo mounted
exec sleep 600
`;

/**
 * Makes a copy; takes root and overlayfs.
 * @param packages - a directory of this machine that is /packages there
 * @returns null where this machine does not let root mount overlays
 */
export async function scratchRoot(packages: string): Promise<ScratchRoot | null> {
  const scratch = scratchDirectory('vca-root');
  const place = join(scratch.path, 'mounts');
  mkdirSync(place);
  const log = join(scratch.path, 'log');
  const holder = await startForeground(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-c', MOUNTS, 'mounts', place, packages],
    log,
  );
  if (!(await mounted(holder))) {
    process.stderr.write(`no scratch root: ${holder.log()}\n`);
    await holder.kill();
    await scratch.remove();
    return null;
  }
  const run = (...command: string[]) =>
    runProcess('nsenter', [
      ...['--target', String(holder.pid), '--mount', '--', 'chroot', join(place, 'root')],
      ...['env', '-i', '-C', '/', ...ENVIRONMENT, ...command],
    ]);
  return {
    run,
    shell: (line) => run('/bin/sh', '-c', line),
    async remove() {
      await holder.kill();
      await scratch.remove();
    },
  };
}

async function mounted(holder: ForegroundProcess): Promise<boolean> {
  for (const deadline = performance.now() + 10_000; performance.now() < deadline; await delay(20)) {
    if (/^mounted$/m.test(holder.log())) return true;
    if (!holder.running) return false;
  }
  return false;
}
