import { exitNow } from '../libvirt/exit.js';
import { hasBlockedCalls } from '../libvirt/pendingCalls.js';
import { EXIT_USAGE } from './exitCode.js';
import { writeAll } from './output.js';
import { writeEndedRun } from './scheduled/endedRun.js';

/**
 * Ends the process. Node waits for its thread pool at exit, which a native call to a stopped daemon blocks
 * for ever: then only `_exit` is left. Everything has been written by now.
 */
export function leave(exitCode: number): void {
  process.exitCode = exitCode;
  if (hasBlockedCalls()) exitNow(exitCode);
}

/** Ends the process after an error that nobody expected. */
export function crash(error: unknown): void {
  const message = `internal error: ${(error as Error)?.stack ?? error}`;
  writeAll(2, `virt-clock-audit: ${message}\n`);
  writeEndedRun(message);
  if (hasBlockedCalls()) exitNow(EXIT_USAGE);
  process.exit(EXIT_USAGE);
}
