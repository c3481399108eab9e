import { hasUnfinishedReads } from '../domxml/inputBytes.js';
import { exitNow } from '../libvirt/exit.js';
import { hasBlockedCalls } from '../libvirt/pendingCalls.js';
import { tell } from './descriptors.js';
import { EXIT_USAGE } from './exitCode.js';
import { writeEndedRun } from './scheduled/endedRun.js';
import { internalError } from './usageError.js';

/**
 * Ends the process. Node waits for its thread pool at exit, which a native call to a stopped daemon blocks
 * for ever: then only `_exit` is left. Everything has been written by now.
 */
export function leave(exitCode: number): void {
  process.exitCode = exitCode;
  if (hasBlockedCalls() || hasUnfinishedReads()) endNow(exitCode);
}

/** Ends the process after an error that nobody expected. */
export function crash(error: unknown): void {
  const message = internalError(error);
  tell(`virt-clock-audit: ${message}\n`);
  try {
    writeEndedRun(message);
  } catch {
    // An error here would come back to where this is called from.
  }
  if (hasBlockedCalls() || hasUnfinishedReads()) endNow(EXIT_USAGE);
  process.exit(EXIT_USAGE);
}

function endNow(exitCode: number): never {
  try {
    exitNow(exitCode);
  } catch {
    // Where koffi is missing no native call blocks anything.
    process.exit(exitCode);
  }
}
