const pending = new Set<() => void>();

function runAll(): void {
  // Latest first: processes are ended before the directory they write to is removed.
  for (const action of [...pending].reverse()) {
    try {
      action();
    } catch {
      // The process is leaving: the other clean-ups matter more than this one's failure.
    }
  }
}

function listen(): void {
  if (process.listeners('exit').includes(runAll)) return;
  process.on('exit', runAll);
  // These signals, which mocha passes on at Ctrl-C, would otherwise end the process without an exit event.
  process.once('SIGTERM', () => process.exit(143));
  process.once('SIGHUP', () => process.exit(129));
}

/**
 * Registers a synchronous clean-up for the case that the test process ends before the normal one was done.
 * The returned function withdraws it.
 */
export function atExit(action: () => void): () => void {
  listen();
  pending.add(action);
  return () => pending.delete(action);
}
