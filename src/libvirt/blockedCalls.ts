let blocked = 0;

/** Counts a native call until it returns, if it ever does. */
export function trackCall(answer: Promise<unknown>): void {
  blocked++;
  const returned = () => {
    blocked--;
  };
  answer.then(returned, returned);
}

/**
 * Whether a native call is still waiting for a daemon that does not answer. The process can then only be
 * ended by `_exit` (see exit.ts): Node's own exit waits for its thread pool.
 */
export function hasBlockedCalls(): boolean {
  return blocked > 0;
}
