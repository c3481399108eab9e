import type { Facts } from '../../facts/facts.js';
import { sha256 } from '../../facts/sha256.js';
import { mismatch, type Shape } from '../../facts/shape.js';
import type { PatchFormat } from '../../remediation/forms/form.js';
import type { GuestFix } from '../../remediation/guestFix.js';
import type { HostFix } from '../../remediation/hostFix.js';
import type { OwnerFix } from '../../remediation/ownerFix.js';
import { toolVersion } from '../version.js';
import { type FormedPatch, leftRemarks } from './patchText.js';
import type { SchemaProof } from './schemaProof.js';
import type { WholeRunFixes } from './wholeRunFixes.js';

/** The file that tells what is in a directory of patches. */
export const MANIFEST_FILE = 'manifest.json';

/** What a directory of patches holds. Described by schema/patches.schema.json. */
export interface PatchManifest {
  readonly schema: 'virt-clock-audit/patches';
  /** Additions raise the second number, everything else the first. */
  readonly schemaVersion: '1.0';
  readonly tool: { readonly name: 'virt-clock-audit'; readonly version: string };
  /** ISO 8601, in UTC: when the texts were read. */
  readonly collectedAt: string;
  readonly hostname: string;
  readonly format: PatchFormat;
  readonly domains: readonly ManifestDomain[];
  /** What mends the hypervisor itself. */
  readonly hostFixes: readonly HostFix[];
  /** What can be pasted inside of guests. */
  readonly guestFixes: readonly GuestFix[];
  /** The files with those as text. */
  readonly otherFiles: readonly OtherFile[];
}

/** A file that is about no domain in particular. */
export interface OtherFile {
  /** Without a directory. */
  readonly file: string;
  readonly fileSha256: string;
}

/** One domain, with a patch or without one. */
export interface ManifestDomain {
  readonly name: string;
  readonly uuid: string | null;
  readonly source: string;
  /** The file with the patch, without a directory; null where there is none. */
  readonly file: string | null;
  /** SHA-256 of that file, in hexadecimal. */
  readonly fileSha256: string | null;
  /** SHA-256 of the definition as UTF-8, as it was read. */
  readonly beforeSha256: string | null;
  /** The same with the patch applied. */
  readonly afterSha256: string | null;
  /** Ids of the checks that the patch makes pass. */
  readonly mends: readonly string[];
  readonly unmended: readonly { readonly check: string; readonly because: string }[];
  readonly refused: string | null;
  readonly remarks: readonly string[];
  readonly validation: SchemaProof | null;
  /** Whether another layer writes the definition anew, which undoes the patch. */
  readonly temporary: boolean;
  /** The event at which it does. */
  readonly undoneBy: string | null;
  readonly ownerFix: OwnerFix | null;
}

/**
 * Describes one domain.
 * @param file - its file and what is written into that; null where there is none
 */
export function describePatch(
  patch: FormedPatch,
  file: { readonly name: string; readonly text: string } | null,
): ManifestDomain {
  const { made, undoneBy } = patch;
  return {
    name: patch.domain,
    uuid: patch.uuid,
    source: patch.source,
    file: file?.name ?? null,
    fileSha256: file && sha256(file.text),
    beforeSha256: made && sha256(made.before),
    afterSha256: made && sha256(made.after),
    mends: patch.mends,
    unmended: patch.unmended,
    refused: patch.refused,
    remarks: [...leftRemarks(patch), ...patch.remarks],
    validation: patch.validation,
    temporary: undoneBy !== null,
    undoneBy,
    ownerFix: patch.ownerFix,
  };
}

/** Describes all of a run. */
export function describeRun(
  { collectedAt, hostname }: Facts,
  format: PatchFormat,
  domains: readonly ManifestDomain[],
  { hostFixes, guestFixes }: WholeRunFixes,
  otherFiles: readonly OtherFile[],
): PatchManifest {
  return {
    schema: 'virt-clock-audit/patches',
    schemaVersion: '1.0',
    tool: { name: 'virt-clock-audit', version: toolVersion() },
    collectedAt,
    hostname,
    format,
    domains,
    hostFixes,
    guestFixes,
    otherFiles,
  };
}

const MANIFEST: Shape = {
  schema: { $is: 'virt-clock-audit/patches' },
  domains: [
    {
      name: 'string',
      uuid: { $nullable: 'string' },
      source: 'string',
      file: { $nullable: 'string' },
      fileSha256: { $nullable: 'string' },
      beforeSha256: { $nullable: 'string' },
      afterSha256: { $nullable: 'string' },
    },
  ],
  otherFiles: [{ file: 'string', fileSha256: 'string' }],
};

/** The part of a manifest that is read back. */
export type ReadManifest = Pick<PatchManifest, 'otherFiles'> & {
  readonly domains: readonly Pick<
    ManifestDomain,
    'name' | 'uuid' | 'source' | 'file' | 'fileSha256' | 'beforeSha256' | 'afterSha256'
  >[];
};

/**
 * Reads a manifest back.
 * @returns why a text is none, in words
 */
export function readManifest(text: string): ReadManifest | string {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return (error as Error).message;
  }
  return mismatch(document, MANIFEST) ?? (document as ReadManifest);
}
