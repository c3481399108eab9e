import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../support/runCommand.js';
import { type DebianArchitecture, DebianMirror, LAB_CACHE, type OfferedPackage } from './debianMirror.js';

/** How long a package serves before the mirror is asked for a newer one, in milliseconds. */
const SERVES_FOR = 30 * 86_400_000;

/** Files of a Debian package, unpacked without being installed. */
export class UnpackedPackage {
  readonly #files: readonly string[];

  constructor(
    /** The directory that stands for `/`; its name tells the version. */
    readonly root: string,
  ) {
    this.#files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  }

  /** The path of the file that the pattern fits; there has to be one. */
  file(pattern: RegExp): string {
    const found = this.#files.find((name) => pattern.test(`/${name}`));
    if (found === undefined) throw new Error(`no file ${pattern} in ${this.root}`);
    return join(this.root, found);
  }
}

/** What is kept of a package. */
export type Wanted =
  /** The files that these patterns of tar(1) fit. */
  | readonly string[]
  /** Everything but documents and data, with what it and these further packages depend on. */
  | { readonly programsWith: readonly string[] };

/**
 * Files of a Debian package, fetched from the configured mirror once for each version. Takes no root. Without a mirror
 * the newest version fetched before serves.
 * @throws when the mirror has no such package or cannot be reached, and none was fetched before
 */
export async function unpackedPackage(
  architecture: DebianArchitecture,
  name: string,
  wanted: Wanted,
): Promise<UnpackedPackage> {
  // Who wants other files of the same package does not find these.
  const selection = createHash('sha256').update(JSON.stringify(wanted)).digest('hex').slice(0, 8);
  const home = join(LAB_CACHE, architecture, `${name}-${selection}`);
  mkdirSync(home, { recursive: true });
  const [newest] = versions(home);
  if (newest !== undefined && Date.now() - statSync(newest).mtimeMs < SERVES_FOR)
    return new UnpackedPackage(newest);
  try {
    return new UnpackedPackage(await fetchPackage(new DebianMirror(architecture), name, wanted, home));
  } catch (error) {
    if (newest !== undefined) return new UnpackedPackage(newest);
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `the Debian package ${name} for ${architecture} cannot be fetched, is a mirror in reach? ${why}`,
      {
        cause: error,
      },
    );
  }
}

/** What was fetched before, the latest first. */
function versions(home: string): string[] {
  const paths = readdirSync(home)
    .filter((entry) => !entry.startsWith('.'))
    .map((entry) => join(home, entry));
  return paths.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
}

async function fetchPackage(
  mirror: DebianMirror,
  name: string,
  wanted: Wanted,
  home: string,
): Promise<string> {
  if (mirror.hasLists) {
    try {
      return await unpack(mirror, await mirror.offer(name), wanted, home);
    } catch {
      // The lists may be older than the mirror, which keeps no former versions.
    }
  }
  await mirror.renew();
  return unpack(mirror, await mirror.offer(name), wanted, home);
}

async function unpack(
  mirror: DebianMirror,
  offered: OfferedPackage,
  wanted: Wanted,
  home: string,
): Promise<string> {
  const complete = join(home, `${offered.name}_${offered.version.replaceAll(':', '%3a')}`);
  if (!existsSync(complete)) {
    const partial = mkdtempSync(join(home, '.partial-'));
    try {
      const root = join(partial, 'root');
      mkdirSync(root);
      if ('programsWith' in wanted) {
        const names = [`${offered.name}=${offered.version}`, ...wanted.programsWith];
        await mirror.downloadWithDependencies(names, partial);
      } else await mirror.download(offered, partial);
      const kept = 'programsWith' in wanted ? ['--exclude=./usr/share'] : ['--wildcards', ...wanted];
      for (const archive of readdirSync(partial).filter((entry) => entry.endsWith('.deb')))
        await unpackArchive(join(partial, archive), root, kept);
      // Newer kernels' modules are compressed, which busybox's insmod does not know.
      await runCommand('find', [root, '-name', '*.ko.xz', '-exec', 'xz', '-d', '{}', '+']);
      renameSync(root, complete);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  }
  const now = new Date();
  utimesSync(complete, now, now);
  return complete;
}

async function unpackArchive(archive: string, root: string, kept: readonly string[]): Promise<void> {
  const files = `${archive}.tar`;
  await runCommand('sh', ['-c', 'dpkg-deb --fsys-tarfile "$1" > "$2"', 'sh', archive, files]);
  await runCommand('tar', ['-x', '-f', files, '-C', root, ...kept]);
  rmSync(files);
}
