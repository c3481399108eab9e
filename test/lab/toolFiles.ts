import { join } from 'node:path';
import { projectRoot } from '../support/runTool.js';
import type { UnpackedPackage } from './debianPackage.js';
import type { ArchivedFile } from './newcArchive.js';
import { directoryFiles, type FileTree, merged } from './programFiles.js';

const PASSWD =
  'root:x:0:0::/tmp:/bin/sh\noperator:x:1000:1000::/tmp:/bin/sh\nnobody:x:65534:65534::/tmp:/bin/sh\n';
const GROUP = 'root:x:0:\nkvm:x:104:operator\noperator:x:1000:\nnobody:x:65534:\n';
/** Directories that the kernel's own file systems are mounted on; an archive only has files. */
const MOUNT_POINTS = ['dev', 'proc', 'sys', 'tmp', 'run'];

/** What every machine of the laboratory has: a shell, its first process and places to mount on. */
export function bareSystem(busybox: UnpackedPackage, init: string): FileTree {
  return new Map<string, ArchivedFile>([
    ['/init', { from: join(import.meta.dirname, init) }],
    ['/bin/busybox', { from: busybox.file(/\/bin\/busybox$/) }],
    ...MOUNT_POINTS.map((name) => [`/${name}/.keep`, { text: '' }] as const),
  ]);
}

/** What a hypervisor of the laboratory has besides: users, and the built tool without the native part of koffi. */
export function toolFiles(resultsConsole: string, modules: readonly string[]): FileTree {
  const texts: Readonly<Record<string, string>> = {
    '/etc/passwd': PASSWD,
    '/etc/group': GROUP,
    '/etc/os-release': 'ID=lab\n',
    '/etc/modules': `${modules.join('\n')}\n`,
    '/etc/results-console': `${resultsConsole}\n`,
  };
  const parts = ['bin', 'dist', 'schema', 'node_modules/koffi'];
  return merged(
    new Map(Object.entries(texts).map(([path, text]) => [path, { text }])),
    new Map([['/tool/package.json', { from: join(projectRoot, 'package.json') }]]),
    ...parts.map((part) => directoryFiles(join(projectRoot, part), `/tool/${part}`)),
  );
}

/**
 * What a hypervisor of the laboratory starts its guest with.
 * @param machine - the emulator with the board
 */
export function guestFiles(kernel: string, initrd: string, machine: string, console: string): FileTree {
  return new Map<string, ArchivedFile>([
    ['/l2/vmlinuz', { from: kernel }],
    ['/l2/initrd', { from: initrd }],
    ['/l2/machine', { text: `${machine}\n` }],
    ['/l2/console', { text: `${console}\n` }],
  ]);
}
