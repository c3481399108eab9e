import { join } from 'node:path';
import { projectRoot } from '../support/runTool.js';
import { type UnpackedPackage, unpackedPackage } from './debianPackage.js';
import type { LabMachine } from './labMachine.js';
import { writeArchive } from './newcArchive.js';
import { directoryFiles, type FileTree, merged, programFiles } from './programFiles.js';
import { bareSystem, guestFiles, toolFiles } from './toolFiles.js';

/** In the order that they are loaded in; the last one is only for the guest. */
const HOST_MODULES = ['irqbypass', 'ccp', 'kvm', 'kvm-amd', 'e1000e'];
const GUEST_MODULE = 'ptp_kvm';
const NATIVE_KOFFI = 'node_modules/@koromix/koffi-linux-x64';
/** What QEMU's board `pc` needs to boot a kernel without a screen, and where Debian has it. */
const FIRMWARE = [
  '/usr/share/seabios/bios-256k.bin',
  '/usr/share/qemu/linuxboot_dma.bin',
  '/usr/share/qemu/kvmvapic.bin',
];

/**
 * Makes the image of a hypervisor: this system's node and QEMU, the built tool, Debian's kernel with its KVM for AMD's
 * virtualisation, which TCG emulates, and a guest of its own.
 * @param home - a directory for the images, some 180 MB
 * @returns what starts such a machine with more kernel parameters
 */
export async function x86Lab(home: string): Promise<(parameters: readonly string[]) => LabMachine> {
  const modules = [...HOST_MODULES, GUEST_MODULE].map((name) => `*/${name}.ko*`);
  const kernel = await unpackedPackage('amd64', 'linux-image-amd64', ['./boot/vmlinuz-*', ...modules]);
  const busybox = await unpackedPackage('amd64', 'busybox-static', ['*bin/busybox']);
  const bzImage = kernel.file(/\/boot\/vmlinuz-/);
  const guestInitrd = join(home, 'l2.cpio');
  writeArchive(guestInitrd, merged(bareSystem(busybox, 'l2.sh'), moduleFiles(kernel, [GUEST_MODULE])));
  const initrd = join(home, 'l1.cpio');
  writeArchive(
    initrd,
    merged(
      bareSystem(busybox, 'l1.sh'),
      moduleFiles(kernel, HOST_MODULES),
      await programFiles('node', process.execPath),
      await programFiles('qemu-system-x86_64'),
      new Map(FIRMWARE.map((path) => [path, { from: path }])),
      toolFiles('/dev/ttyS1', HOST_MODULES),
      directoryFiles(join(projectRoot, NATIVE_KOFFI), `/tool/${NATIVE_KOFFI}`),
      guestFiles(bzImage, guestInitrd, 'qemu-system-x86_64 -machine pc', 'ttyS0'),
    ),
  );
  return (parameters) => ({
    // The network card is there for its PTP clock; it leads nowhere.
    command: [
      ...['qemu-system-x86_64', '-machine', 'q35', '-cpu', 'max'],
      ...['-netdev', 'user,id=n0,restrict=on', '-device', 'e1000e,netdev=n0,romfile='],
    ],
    kernel: bzImage,
    initrd,
    console: 'ttyS0',
    resultsConsole: ['-serial', 'file:%'],
    // The TSC that TCG emulates lacks the flag for ticking evenly; it does all the same.
    kernelParameters: ['tsc=reliable', ...parameters],
  });
}

function moduleFiles(kernel: UnpackedPackage, names: readonly string[]): FileTree {
  return new Map(
    names.map((name) => [`/modules/${name}.ko`, { from: kernel.file(new RegExp(`/${name}\\.ko$`)) }]),
  );
}
