import { exitNow } from '../libvirt/exit.js';
import { hasBlockedCalls } from '../libvirt/pendingCalls.js';

/**
 * Ends the process. Node waits for its thread pool at exit, which a native call to a stopped daemon blocks
 * for ever: then only `_exit` is left. Everything has been written by now.
 */
export function leave(exitCode: number): void {
  process.exitCode = exitCode;
  if (hasBlockedCalls()) exitNow(exitCode);
}
