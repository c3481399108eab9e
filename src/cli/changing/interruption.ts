/**
 * Lets the change that is being made be finished when the run is to end: the domains after it are not tried. A second
 * signal ends the process at once; then a definition is still the old or the new one.
 */
export function watchInterruption(): Interruption {
  let signal: NodeJS.Signals | null = null;
  const note = (received: NodeJS.Signals) => {
    signal = received;
  };
  for (const name of SIGNALS) process.once(name, note);
  return {
    interrupted: () => signal !== null,
    stop: () => {
      for (const name of SIGNALS) process.off(name, note);
    },
  };
}

/** Whether the run is to end. */
export interface Interruption {
  readonly interrupted: () => boolean;
  readonly stop: () => void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
