import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../usageError.js';
import { filesOf, MANIFEST_FILE, sha256 } from './patchManifest.js';

/** A thousand domains with all their remarks take a few megabytes. */
const MAX_MANIFEST_BYTES = 256 * 1024 * 1024;
const MAX_PATCH_BYTES = 64 * 1024 * 1024;

/** A directory that holds the patches of one run, and those of an earlier one until they are replaced. */
export class PatchDirectory {
  readonly #path: string;
  readonly #mode: number;
  /** The files of the earlier run, with their checksums. */
  readonly #earlier: ReadonlyMap<string, string>;
  readonly #written = new Set<string>();

  private constructor(path: string, mode: number, earlier: ReadonlyMap<string, string>) {
    this.#path = path;
    this.#mode = mode;
    this.#earlier = earlier;
  }

  /**
   * Makes the directory where there is none, before anything else is done.
   * @param isSecret - whether passwords will be in it: then nobody else may read it
   * @throws UsageError when it cannot be used
   */
  static open(path: string, isSecret: boolean): PatchDirectory {
    try {
      // Only a directory that is made here gets another mode: it might be a place like /tmp.
      mkdirSync(path, { recursive: true, mode: isSecret ? 0o700 : 0o777 });
      return new PatchDirectory(path, isSecret ? 0o600 : 0o644, earlierFiles(path));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      if (code === 'EEXIST') {
        throw new UsageError(
          `${path} is no directory; patches are written into a directory, one file a domain (without --output they go to standard output, which can be redirected)`,
        );
      }
      throw new UsageError(`cannot make the directory ${path}: ${message}`);
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
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      throw new UsageError(`cannot write ${file}: ${message}`);
    }
    this.#written.add(name);
  }

  /**
   * Removes the patches of an earlier run that this one did not write anew: the domains have changed since. What
   * somebody has changed by hand stays.
   * @returns what became of each, one sentence each
   * @throws UsageError when one cannot be removed
   */
  removeStale(): string[] {
    const said: string[] = [];
    for (const [name, checksum] of this.#earlier) {
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
        said.push(`removed ${file}, which is of an earlier run and out of date`);
      } catch (error) {
        throw new UsageError(`cannot remove ${file}, which is out of date: ${(error as Error).message}`);
      }
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

function earlierFiles(directory: string): ReadonlyMap<string, string> {
  const file = join(directory, MANIFEST_FILE);
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (!stats) return new Map();
  const readable = stats.isFile() && stats.size <= MAX_MANIFEST_BYTES;
  const files = readable ? filesOf(readFileSync(file, 'utf8')) : null;
  if (files) return files;
  throw new UsageError(`${file} is no manifest of virt-clock-audit; give a directory of its own`);
}

/** What this tool may have written: a manifest that somebody else made must not lead elsewhere. */
function isPlainName(name: string): boolean {
  return /^[\w@+=:,][\w.@+=:,-]{0,200}$/.test(name) && name !== MANIFEST_FILE;
}
