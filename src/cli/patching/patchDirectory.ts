import {
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { makeDirectories } from '../../apply/directories.js';
import type { Facts } from '../../facts/facts.js';
import { sha256 } from '../../facts/sha256.js';
import { plural } from '../../report/plural.js';
import { inWords } from '../output.js';
import { UsageError } from '../usageError.js';
import { type EarlierRun, NO_EARLIER_RUN, readEarlierRun, untold } from './earlierRun.js';
import { MANIFEST_FILE } from './patchManifest.js';

/** A thousand domains with all their remarks take a few megabytes. */
const MAX_MANIFEST_BYTES = 256 * 1024 * 1024;
const MAX_PATCH_BYTES = 64 * 1024 * 1024;

/** A directory that holds the patches of one run, and those of an earlier one until they are replaced. */
export class PatchDirectory {
  readonly #path: string;
  readonly #mode: number;
  readonly #earlier: EarlierRun;
  readonly #written = new Set<string>();

  private constructor(path: string, mode: number, earlier: EarlierRun) {
    this.#path = path;
    this.#mode = mode;
    this.#earlier = earlier;
  }

  /**
   * Makes the directory where there is none, before anything else is done.
   * @param isSecret - whether passwords will be in it: then nobody else may read it
   * @param option - the option that named it, for the message
   * @throws UsageError when it cannot be used
   */
  static open(path: string, isSecret: boolean, option: '--output' | '--patch' = '--output'): PatchDirectory {
    try {
      // Only a directory that is made here gets another mode: it might be a place like /tmp.
      makeDirectories(path, isSecret ? 0o700 : 0o777);
      return new PatchDirectory(path, isSecret ? 0o600 : 0o644, earlierRun(path));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      if (code === 'EEXIST' || code === 'ENOTDIR') {
        throw new UsageError(
          `${path} is no directory; patches are written into a directory, one file a domain (${ELSEWHERE[option]})`,
        );
      }
      throw new UsageError(`cannot make the directory ${path}: ${inWords(error)}`);
    }
  }

  /** Where it is, as it was named. */
  get path(): string {
    return this.#path;
  }

  /**
   * Makes sure that nothing is removed of domains that a run did not look at.
   * @throws UsageError where the earlier run has patches for such
   */
  expectSameDomains(facts: Facts): void {
    const reason = untold(this.#earlier, facts);
    if (reason !== null) {
      throw new UsageError(`${this.#path} holds ${reason}: give another directory, or patch all of them`);
    }
  }

  /** A file name that no other domain has: `web1.patch`, `web1-2.patch`. */
  freeName(stem: string, extension: string): string {
    let name = `${stem}${extension}`;
    for (let copy = 2; this.#written.has(name) || name === MANIFEST_FILE; copy++) {
      name = `${stem}-${copy}${extension}`;
    }
    return name;
  }

  /**
   * Writes a file, all or nothing. A link of that name is replaced and not followed, since others may have put it there.
   * @throws UsageError when it cannot be written; what was there before is then still there
   */
  write(name: string, text: string): void {
    const file = join(this.#path, name);
    const temporary = join(this.#path, `.${name}.${process.pid}.tmp`);
    try {
      try {
        this.#writeSynced(temporary, text);
        renameSync(temporary, file);
      } catch (error) {
        rmSync(temporary, { force: true });
        throw error;
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      throw new UsageError(`cannot write ${file}: ${inWords(error)}`);
    }
    this.#written.add(name);
  }

  /**
   * Removes the patches of an earlier run that this one did not write anew: the domains have changed since. What
   * somebody has changed by hand stays.
   * @returns what was kept and removed, in sentences
   * @throws UsageError when one cannot be removed
   */
  removeStale(): string[] {
    const said: string[] = [];
    const removed: string[] = [];
    for (const [name, checksum] of this.#earlier.files) {
      const file = join(this.#path, name);
      if (this.#written.has(name) || !isPlainName(name)) continue;
      try {
        const stats = lstatSync(file, { throwIfNoEntry: false });
        if (!stats) continue;
        if (!stats.isFile() || stats.size > MAX_PATCH_BYTES || sha256(readFileSync(file)) !== checksum) {
          said.push(
            `${file} is of an earlier run and was changed since; it is kept, see whether it is still right`,
          );
          continue;
        }
        rmSync(file);
        removed.push(name);
      } catch (error) {
        throw new UsageError(`cannot remove ${file}, which is out of date: ${inWords(error)}`);
      }
    }
    if (removed.length > 0) {
      const names = removed.slice(0, 3).join(', ');
      said.push(
        `removed ${removed.length} ${plural(removed.length, 'file')} of an earlier run from ${this.#path}, out of date now: ${names}${removed.length > 3 ? ', …' : ''}`,
      );
    }
    return said;
  }

  #writeSynced(path: string, text: string): void {
    const descriptor = openSync(path, 'wx', this.#mode);
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
}

const ELSEWHERE = {
  '--output': 'without --output they go to standard output, which can be redirected',
  '--patch': '--patch names it; for a report in a file there is --output',
} as const;

function earlierRun(directory: string): EarlierRun {
  const file = join(directory, MANIFEST_FILE);
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (!stats) return NO_EARLIER_RUN;
  const readable = stats.isFile() && stats.size <= MAX_MANIFEST_BYTES;
  const earlier = readable ? readEarlierRun(readFileSync(file, 'utf8')) : null;
  if (earlier) return earlier;
  throw new UsageError(`${file} is no manifest of virt-clock-audit; give a directory of its own`);
}

/** What this tool may have written: a manifest that somebody else made must not lead elsewhere. */
function isPlainName(name: string): boolean {
  return /^[\w@+=:,][\w.@+=:,-]{0,200}$/.test(name) && name !== MANIFEST_FILE;
}
