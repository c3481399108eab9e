import { beforeEnding } from './ending.js';

/**
 * Ends a process with its whole group when this one ends: in a group of its own it does not hear of a Ctrl-C at the
 * terminal.
 * @returns forgets it again
 */
export function endWithThisProcess(pid: number): () => void {
  return beforeEnding(() => killGroup(pid));
}

/** Kills a process with its group; one that has ended is no error. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
