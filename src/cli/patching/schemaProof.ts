import pLimit from 'p-limit';
import type { DomainPatch } from '../../remediation/domainPatch.js';
import { type SchemaVerdict, validateDefinition } from '../../schema/libvirtSchema.js';

/** What libvirt's schema says about a definition, as it was and as it would be. */
export interface SchemaProof {
  readonly before: SchemaVerdict;
  readonly after: SchemaVerdict;
}

/** A patch with what libvirt's schema says about it; null where there is no patch. */
export type ProvenPatch<Patch extends DomainPatch> = Patch & { readonly validation: SchemaProof | null };

/** Each is a process of about 10 ms; more than a few at once only wait for each other. */
const MAX_PROCESSES = 4;

/** Compares the patched texts with libvirt's schema, and takes back what that does not accept because of the patch. */
export function proveAll<Patch extends DomainPatch>(
  patches: readonly Patch[],
  validate: (xml: string) => Promise<SchemaVerdict> = validateDefinition,
): Promise<ProvenPatch<Patch>[]> {
  const limit = pLimit(MAX_PROCESSES);
  return Promise.all(patches.map((patch) => limit(() => prove(patch, validate))));
}

async function prove<Patch extends DomainPatch>(
  patch: Patch,
  validate: (xml: string) => Promise<SchemaVerdict>,
): Promise<ProvenPatch<Patch>> {
  if (patch.made === null) return { ...patch, validation: null };
  const before = await validate(patch.made.before);
  const after = await validate(patch.made.after);
  const validation = { before, after };
  if (before.kind === 'valid' && after.kind === 'invalid') {
    const refused = `libvirt's schema does not accept the patched text (${after.reason}); this is a fault of virt-clock-audit, please report it`;
    return { ...patch, validation, made: null, mends: [], refused };
  }
  if (before.kind !== 'invalid') return { ...patch, validation };
  const consequence =
    after.kind === 'valid'
      ? 'with the patch it is valid'
      : 'virsh define --validate refuses it as it was, and with the patch';
  const remark = `was invalid before: ${before.reason}; ${consequence}`;
  return { ...patch, validation, remarks: [...patch.remarks, remark] };
}

/** How many patches were not compared with libvirt's schema, and why; null when all were. */
export function whyUnproven(patches: readonly { readonly validation: SchemaProof | null }[]): string | null {
  const proofs = patches.flatMap(({ validation }) => validation ?? []);
  const reasons = proofs.flatMap(({ before, after }) => {
    const verdict = [before, after].find(({ kind }) => kind === 'not-checked');
    return verdict?.kind === 'not-checked' ? [verdict.because] : [];
  });
  const [reason] = reasons;
  if (reason === undefined) return null;
  const which =
    reasons.length === proofs.length
      ? 'the patches were'
      : `${reasons.length} of ${proofs.length} patches were`;
  return `${which} not compared with libvirt's schema: ${reason}`;
}
