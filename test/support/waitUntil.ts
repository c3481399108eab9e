import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  /** How long to wait at most, in milliseconds. */
  timeoutMs?: number;
  /** The pause between two probes, in milliseconds. */
  intervalMs?: number;
  /** False as soon as waiting has become pointless, such as when the process waited for has ended. */
  worthWaiting?: () => boolean;
}

/**
 * Repeats a probe until it returns something other than undefined or false, and returns that.
 * A probe that rejects has not succeeded yet; its last error is part of the message when the time is up.
 */
export async function waitUntil<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  { timeoutMs = 20_000, intervalMs = 50, worthWaiting = () => true }: WaitOptions = {},
): Promise<T> {
  const start = performance.now();
  for (;;) {
    let lastError = '';
    try {
      const result = await probe();
      if (result !== undefined && result !== false) return result;
    } catch (error) {
      lastError = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    const elapsed = Math.round(performance.now() - start);
    if (elapsed > timeoutMs || !worthWaiting())
      throw new Error(`${what}: not after ${elapsed} ms${lastError}`);
    await sleep(intervalMs);
  }
}
