/** The ssh processes that run, each the leader of a group that its ProxyCommand belongs to. */
const running = new Set<number>();

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Ends a process with its whole group when this one is told to end: in a group of its own it does not hear of a Ctrl-C
 * at the terminal.
 * @returns forgets it again
 */
export function endWithThisProcess(pid: number): () => void {
  if (running.size === 0) {
    for (const name of SIGNALS) process.on(name, passOn);
    process.on('exit', killAll);
  }
  running.add(pid);
  return () => {
    running.delete(pid);
    if (running.size > 0) return;
    for (const name of SIGNALS) process.off(name, passOn);
    process.off('exit', killAll);
  };
}

/** Kills a process with its group; one that has ended is no error. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

function killAll(): void {
  for (const pid of running) killGroup(pid);
}

/** Ends this process by the same signal, as it would have without a handler. */
function passOn(name: NodeJS.Signals): void {
  killAll();
  for (const it of SIGNALS) process.off(it, passOn);
  process.kill(process.pid, name);
}
