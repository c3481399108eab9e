import { createRequire } from 'node:module';
import type Koffi from 'koffi';

/**
 * Ends the process without waiting for native calls that are still blocked. Everything to be written must
 * have been written synchronously before.
 * @param code - the exit code, 0 to 255
 * @see _exit(2)
 */
export function exitNow(code: number): never {
  const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
  koffi.load('libc.so.6').func('void _exit(int status)')(code);
  throw new Error('_exit returned');
}
