/** What must not be left undone, in one synchronous go; the signal is null where the process ends by itself. */
export type LastDeed = (signal: NodeJS.Signals | null) => void;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** In the order in which they were asked for. */
const deeds = new Set<LastDeed>();

/**
 * Has something done before this process ends, by a signal or by itself, but not by SIGKILL. Handlers are only there
 * while there is something to do; a process that a signal ends does end by that signal, once all is done.
 * Until this is taken back, nothing may block this process that has no end of its own: it would be deaf to signals.
 * @returns takes it back
 */
export function beforeEnding(deed: LastDeed): () => void {
  if (deeds.size === 0) {
    for (const name of SIGNALS) process.on(name, endBy);
    process.on('exit', endByItself);
  }
  deeds.add(deed);
  return () => {
    if (deeds.delete(deed) && deeds.size === 0) forget();
  };
}

function endBy(name: NodeJS.Signals): void {
  doAll(name);
  process.kill(process.pid, name);
}

function endByItself(): void {
  doAll(null);
}

function doAll(signal: NodeJS.Signals | null): void {
  const left = [...deeds];
  deeds.clear();
  forget();
  for (const deed of left) {
    try {
      deed(signal);
    } catch {
      // One that fails must not keep the others from being done.
    }
  }
}

function forget(): void {
  for (const name of SIGNALS) process.off(name, endBy);
  process.off('exit', endByItself);
}
