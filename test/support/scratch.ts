import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from './atExit.js';

export interface ScratchDirectory {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * Makes an empty directory that everybody may enter, removed at the latest when the test process ends.
 * Its path is short, for unix socket names end at 107 bytes.
 */
export function scratchDirectory(prefix: string): ScratchDirectory {
  const path = mkdtempSync(join(tmpdir(), `${prefix}-`));
  chmodSync(path, 0o755);
  const withdraw = atExit(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
      withdraw();
    },
  };
}

/** The user a daemon under test runs as, for child_process.spawn: nobody when the tests run as root. */
export function ordinaryUser(): { uid: number; gid: number } | Record<string, never> {
  return process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
}
