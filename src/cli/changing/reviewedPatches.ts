import { readFileSync } from 'node:fs';
import { mismatch, type Shape } from '../../facts/shape.js';
import { type ManifestDomain, type PatchManifest, sha256 } from '../patching/patchManifest.js';
import { UsageError } from '../usageError.js';

/** The patches that somebody has looked at: no other change may be made than theirs. */
export class ReviewedPatches {
  readonly #path: string;
  readonly #domains: ReadonlyMap<string, ManifestDomain>;

  private constructor(path: string, domains: ReadonlyMap<string, ManifestDomain>) {
    this.#path = path;
    this.#domains = domains;
  }

  /**
   * Reads the manifest that `remediate --output` wrote.
   * @throws UsageError when it cannot be read, or is none
   */
  static read(path: string): ReviewedPatches {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      throw new UsageError(`${path} cannot be read: ${(error as Error).message}`);
    }
    const { domains } = parse(text, path);
    return new ReviewedPatches(path, new Map(domains.map((domain) => [domain.uuid ?? '', domain])));
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
    if (!reviewed || reviewed.beforeSha256 === null) return `${this.#path} has no patch for it`;
    const befores = texts.filter(({ before }) => sha256(before) === reviewed.beforeSha256);
    if (befores.length === 0) {
      return `its definition is not the one that the patch in ${this.#path} was made for; make and review a new one`;
    }
    if (befores.some(({ after }) => sha256(after) === reviewed.afterSha256)) return null;
    return `what would be done now is not what the patch in ${this.#path} does; give the same options, or review a new one`;
  }
}

const CHECKSUMS: Shape = {
  schema: { $is: 'virt-clock-audit/patches' },
  domains: [
    {
      uuid: { $nullable: 'string' },
      beforeSha256: { $nullable: 'string' },
      afterSha256: { $nullable: 'string' },
    },
  ],
};

function parse(text: string, path: string): PatchManifest {
  const unusable = (why: string) =>
    new UsageError(`${path} is no manifest of patches, as remediate --output writes it: ${why}`);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw unusable((error as Error).message);
  }
  const why = mismatch(document, CHECKSUMS);
  if (why !== null) throw unusable(why);
  return document as PatchManifest;
}
