import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `/proc` would show of a process. */
export interface FakeProcess {
  readonly pid: number;
  readonly argv: readonly string[];
  readonly environment?: readonly string[];
  readonly children?: readonly number[];
  readonly startTime?: number;
}

/** Writes a process below a directory that stands for `/`. */
export function writeFakeProcess(root: string, process: FakeProcess): void {
  const { pid, argv, environment = [], children = [], startTime = 1_151_798 } = process;
  const directory = join(root, 'proc', `${pid}`);
  mkdirSync(join(directory, 'task', `${pid}`), { recursive: true });
  const words = (list: readonly string[]) => list.map((word) => `${word}\0`).join('');
  writeFileSync(join(directory, 'cmdline'), words(argv));
  writeFileSync(join(directory, 'environ'), words(environment));
  // The name in brackets may hold anything, brackets and blanks among it.
  const fields = Array.from({ length: 52 - 2 }, (_, index) => (index === 19 ? startTime : 0));
  writeFileSync(join(directory, 'stat'), `${pid} (qemu) 1 (x) ${fields.join(' ')}\n`);
  writeFileSync(join(directory, 'task', `${pid}`, 'children'), children.map((child) => `${child} `).join(''));
}

/** Writes what libvirt keeps of a running domain: the pid file. */
export function writePidFile(root: string, directory: string, name: string, text: string): void {
  mkdirSync(join(root, directory), { recursive: true });
  writeFileSync(join(root, directory, `${name}.pid`), text);
}
