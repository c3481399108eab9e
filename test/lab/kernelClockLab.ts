import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { projectRoot } from '../support/runTool.js';
import { unpackedPackage } from './debianPackage.js';
import type { LabMachine } from './labMachine.js';
import { writeArchive } from './newcArchive.js';
import { directoryFiles, merged, programFiles } from './programFiles.js';
import { bareSystem, toolFiles } from './toolFiles.js';

const NATIVE_KOFFI = 'node_modules/@koromix/koffi-linux-x64';
/** Serves the machine's own time to it. */
const SERVER =
  "import { startNtpServer } from './support/ntpServer.js';\nawait startNtpServer({ port: 10123 });\nsetInterval(() => {}, 60_000);\n";

/**
 * Makes a machine with a hardware clock, a chronyd of this system's and a server of time for it.
 * @param home - a directory for its image, some 130 MB
 */
export async function kernelClockLab(home: string): Promise<LabMachine> {
  const kernel = await unpackedPackage('amd64', 'linux-image-amd64', [
    './boot/vmlinuz-*',
    ...['irqbypass', 'ccp', 'kvm', 'kvm-amd', 'e1000e', 'ptp_kvm'].map((name) => `*/${name}.ko*`),
  ]);
  const busybox = await unpackedPackage('amd64', 'busybox-static', ['*bin/busybox']);
  const bundle = (outfile: string, from: object) =>
    buildSync({ bundle: true, platform: 'node', format: 'esm', outfile: join(home, outfile), ...from });
  bundle('hardwareClock.mjs', { entryPoints: [join(projectRoot, 'src/host/hardwareClock.ts')] });
  const resolveDir = join(import.meta.dirname, '..');
  bundle('ntpServer.mjs', { stdin: { contents: SERVER, resolveDir, loader: 'ts' } });
  const initrd = join(home, 'clock.cpio');
  writeArchive(
    initrd,
    merged(
      bareSystem(busybox, 'kernelClock.sh'),
      await programFiles('node', process.execPath),
      await programFiles('chronyd'),
      await programFiles('chronyc'),
      toolFiles('/dev/ttyS1', []),
      directoryFiles(join(projectRoot, NATIVE_KOFFI), `/tool/${NATIVE_KOFFI}`),
      new Map(
        ['hardwareClock.mjs', 'ntpServer.mjs'].map((name) => [`/tool/${name}`, { from: join(home, name) }]),
      ),
    ),
  );
  return {
    command: ['qemu-system-x86_64', '-machine', 'q35', '-cpu', 'max', '-rtc', 'base=utc'],
    kernel: kernel.file(/\/boot\/vmlinuz-/),
    initrd,
    console: 'ttyS0',
    resultsConsole: ['-serial', 'file:%'],
    kernelParameters: ['tsc=reliable', 'hpet=disable'],
  };
}
