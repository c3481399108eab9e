import { basename, dirname, join } from 'node:path';
import { FileUnusable, readRegularFile } from '../../apply/regularFile.js';
import { sha256 } from '../../facts/sha256.js';
import { type ReadManifest, readManifest } from '../patching/patchManifest.js';
import { UsageError } from '../usageError.js';

/** The patches that somebody has looked at: no other change may be made than theirs. */
export class ReviewedPatches {
  readonly #path: string;
  readonly #domains: ReadonlyMap<string, ReadManifest['domains'][number]>;

  private constructor(path: string, domains: ReadonlyMap<string, ReadManifest['domains'][number]>) {
    this.#path = path;
    this.#domains = domains;
  }

  /**
   * Reads the manifest that `remediate --output` wrote.
   * @throws UsageError when it cannot be read, or is none
   */
  static read(path: string): ReviewedPatches {
    const manifest = readManifest(readOrGiveUp(path));
    if (typeof manifest === 'string') {
      throw new UsageError(`${path} is no manifest of patches, as remediate --output writes it: ${manifest}`);
    }
    return new ReviewedPatches(path, new Map(manifest.domains.map((domain) => [domain.uuid ?? '', domain])));
  }

  /** The UUIDs of the domains that there are patches for. */
  get uuids(): string[] {
    return [...this.#domains]
      .filter(([uuid, { file }]) => uuid !== '' && file !== null)
      .map(([uuid]) => uuid);
  }

  /**
   * Why a change is not the one that was looked at; null when it is.
   * @param texts - the definition before and after the change: as an audit reads it, and with passwords
   */
  objection(
    uuid: string,
    texts: readonly { readonly before: string; readonly after: string }[],
  ): string | null {
    const reviewed = this.#domains.get(uuid);
    if (!reviewed || reviewed.beforeSha256 === null || reviewed.file === null) {
      return `${this.#path} has no patch for it`;
    }
    const file = join(dirname(this.#path), basename(reviewed.file));
    const edited = whyNot(file, reviewed.fileSha256);
    if (edited !== null) return edited;
    const befores = texts.filter(({ before }) => sha256(before) === reviewed.beforeSha256);
    if (befores.length === 0) {
      return `its definition is not the one that the patch in ${this.#path} was made for; make and review a new one`;
    }
    if (befores.some(({ after }) => sha256(after) === reviewed.afterSha256)) return null;
    return `what would be done now is not what the patch in ${this.#path} does; give the options that remediate was given (such as --no-host, --only and --guest-os), or review a new one`;
  }
}

/** Who takes a patch away or edits it means that it is not to be applied as it was made. */
function whyNot(file: string, checksum: string | null): string | null {
  try {
    return sha256(readRegularFile(file)) === checksum
      ? null
      : `the patch ${file} was edited since remediate wrote it; only what remediate makes is applied`;
  } catch (error) {
    if (!(error instanceof FileUnusable)) throw error;
    return `the patch that was to be reviewed is not there: ${error.message}`;
  }
}

function readOrGiveUp(path: string): string {
  try {
    return readRegularFile(path);
  } catch (error) {
    if (error instanceof FileUnusable) throw new UsageError(error.message);
    throw error;
  }
}
