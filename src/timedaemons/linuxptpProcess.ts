import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { TimeDaemonProcess } from '../host/timeDaemons.js';
import { type Options, parseConfiguration, parseOptions, type ShortOptions } from './linuxptpArguments.js';

/** A process of linuxptp with what it was told. */
export interface LinuxptpProcess {
  readonly name: string;
  readonly args: readonly string[];
  readonly options: Options;
  /** The setting of that name: by the command line, by the configuration file, or undefined for the default. */
  setting(name: string): string | undefined;
}

const LONGEST_COMMAND_LINE = 16 * 1024;
const LONGEST_CONFIGURATION = 64 * 1024;

/**
 * Reads what a process was told; null when it has ended, or may not be looked at.
 * @param root - the directory that stands for `/`
 * @throws Error when its configuration file cannot be read
 */
export function readLinuxptpProcess(
  root: string,
  { pid, name }: TimeDaemonProcess,
  short: ShortOptions,
): LinuxptpProcess | null {
  let text: string;
  try {
    text = readFileSync(join(root, 'proc', pid, 'cmdline'), 'utf8');
  } catch {
    return null;
  }
  const args = text.slice(0, LONGEST_COMMAND_LINE).replace(/\0$/, '').split('\0').slice(1);
  const options = parseOptions(args, short);
  const file = options.get('f')?.at(-1);
  // A name without a slash is relative to a directory that the process may have left.
  const settings = parseConfiguration(file?.startsWith('/') ? readStart(join(root, file)) : '');
  return { name, args, options, setting: (key) => options.get(key)?.at(-1) ?? settings.get(key) };
}

/** The path comes from a command line: what is no regular file is not read, and nothing can hold it up. */
function readStart(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    if (!fstatSync(file).isFile()) throw new Error(`${path} is no file`);
    const buffer = Buffer.alloc(LONGEST_CONFIGURATION);
    return buffer.toString('utf8', 0, readSync(file, buffer));
  } finally {
    closeSync(file);
  }
}
