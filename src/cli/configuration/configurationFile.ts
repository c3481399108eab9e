import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { inWords } from '../output.js';
import { UsageError } from '../usageError.js';

/** The file that is read when nobody names another; it need not exist. */
export const DEFAULT_CONFIGURATION_FILE = '/etc/virt-clock-audit.yaml';

/** Far more than any configuration needs. */
const MAX_BYTES = 1024 * 1024;

/** A configuration file as it was read. */
export interface ConfigurationFile {
  readonly text: string;
  /** True when somebody else than its owner may write it. */
  readonly writableByOthers: boolean;
}

/**
 * Reads a configuration file.
 * @returns null when there is none
 * @throws UsageError for anything but a readable regular file of UTF-8 text up to 1 MiB
 */
export function readConfigurationFile(path: string): ConfigurationFile | null {
  let descriptor: number;
  try {
    // A pipe without a writer would keep the open waiting for ever.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new UsageError(`the configuration ${path} cannot be read: ${inWords(error)}`);
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new UsageError(`the configuration ${path} is no regular file`);
    const text = decode(path, readUpTo(descriptor, path));
    return { text, writableByOthers: (stats.mode & 0o022) !== 0 };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`the configuration ${path} cannot be read: ${inWords(error)}`);
  } finally {
    closeSync(descriptor);
  }
}

/** Reads what is there and not what its size promises, since files of /proc and /sys promise nothing. */
function readUpTo(descriptor: number, path: string): Buffer {
  const bytes = Buffer.alloc(MAX_BYTES + 1);
  let length = 0;
  while (length < bytes.length) {
    const count = readSync(descriptor, bytes, length, bytes.length - length, null);
    if (count === 0) return bytes.subarray(0, length);
    length += count;
  }
  throw new UsageError(`the configuration ${path} is larger than 1 MiB`);
}

function decode(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`the configuration ${path} is not UTF-8 text`);
  }
}
