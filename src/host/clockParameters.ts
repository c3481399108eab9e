import { join } from 'node:path';
import { type Fact, known, unknown } from '../facts/fact.js';
import { errorCode, readBounded } from './boundedFile.js';

const PATH = '/proc/cmdline';

/** No architecture's kernel takes more than 4 KiB (`COMMAND_LINE_SIZE`), but a boot configuration is added to it. */
const LIMIT_BYTES = 64 * 1024;
const LONGEST_WORD = 200;

/**
 * The parameters that have a say in which clock the kernel keeps time by, and whether it watches over it.
 * @see Documentation/admin-guide/kernel-parameters.txt in the kernel
 */
const ABOUT_CLOCKS: ReadonlySet<string> = new Set([
  ...['clock', 'clocksource', 'tsc', 'notsc', 'tsc_early_khz', 'no_kvmclock', 'no_kvmclock_vsyscall'],
  ...['hpet', 'nohpet', 'pmtmr', 'acpi_pm_good', 'nopv'],
  ...['clocksource.arm_arch_timer.evtstrm', 'clocksource.verify_n_cpus', 'clocksource.max_cswd_read_retries'],
]);

/** A word ends at a blank outside of quotes. */
const WORD = /(?:"[^"]*(?:"|$)|[^\s"])+/g;

/**
 * Reads the words of the kernel's command line that concern clocks, in their order; of two alike the last counts.
 * What follows `--` is for the first process.
 * @param root - the directory that stands for `/`
 * @see proc(5), /proc/cmdline; `next_arg` in the kernel's lib/cmdline.c
 */
export function readClockParameters(root: string): Fact<readonly string[]> {
  try {
    const text = readBounded(join(root, PATH), LIMIT_BYTES);
    const words = (text.match(WORD) ?? []).map((word) => word.replaceAll('"', ''));
    const end = words.indexOf('--');
    const kernels = end < 0 ? words : words.slice(0, end);
    return known(kernels.filter(isAboutClocks).map(shortened), PATH);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EFBIG') {
      const reason = `${PATH} is longer than any kernel's command line, so it is none`;
      return unknown(PATH, 'cmdline-garbled', reason);
    }
    return unknown(PATH, 'cmdline-unreadable', `${PATH} cannot be read (${code}); is /proc mounted?`);
  }
}

function isAboutClocks(word: string): boolean {
  const [name = ''] = word.split('=', 1);
  // The kernel takes a dash for an underscore.
  return ABOUT_CLOCKS.has(name.replaceAll('-', '_'));
}

function shortened(word: string): string {
  return word.length > LONGEST_WORD ? `${word.slice(0, LONGEST_WORD)}…` : word;
}
