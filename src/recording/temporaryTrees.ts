import { rmSync } from 'node:fs';

/** The trees that are laid out at the moment. */
const trees = new Set<string>();

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Removes a directory with this process, however it ends but by SIGKILL: what is in it is another machine's.
 * @returns removes it now
 */
export function removeWithThisProcess(root: string): () => void {
  if (trees.size === 0) {
    for (const name of SIGNALS) process.on(name, passOn);
    process.on('exit', removeAll);
  }
  trees.add(root);
  return () => {
    rmSync(root, { recursive: true, force: true });
    trees.delete(root);
    if (trees.size === 0) forget();
  };
}

function forget(): void {
  for (const name of SIGNALS) process.off(name, passOn);
  process.off('exit', removeAll);
}

function removeAll(): void {
  for (const root of trees) {
    try {
      rmSync(root, { recursive: true, force: true });
    } catch {
      // Nobody is there to be told any more.
    }
  }
  trees.clear();
}

/** Ends this process by the same signal, as it would have without a handler. */
function passOn(name: NodeJS.Signals): void {
  removeAll();
  forget();
  // Another handler, such as that of the ssh processes, ends it when it has done its part.
  if (process.listenerCount(name) === 0) process.kill(process.pid, name);
}
