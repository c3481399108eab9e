import { relative } from 'node:path';
import type { Finding } from '../checks/finding.js';
import type { DomainDefinition } from '../facts/definition.js';
import type { DefinitionText, DomainFacts } from '../facts/domain.js';
import type { Fact } from '../facts/fact.js';
import { libvirtUri } from '../facts/facts.js';
import type { MadePatch } from './forms/form.js';
import type { OwnerFix } from './ownerFix.js';
import { type PatchContext, planPatch, type Unmended } from './patch.js';
import { remarksOnPatch } from './remarks.js';

/** What remediation has to say about one domain. */
export interface DomainPatch {
  readonly domain: string;
  readonly uuid: string | null;
  /** Where the domain was found: a libvirt URI or a file. */
  readonly source: string;
  /** A file name for the patch, without its ending; safe whatever the domain is called. */
  readonly fileName: string;
  /** null when there is nothing to fix or nothing can be offered. */
  readonly made: MadePatch | null;
  readonly mends: readonly string[];
  /** The checks that there is a remedy for, and yet no edit of this text that helps. */
  readonly unmended: readonly Unmended[];
  /** Why there is no patch although something is wrong. */
  readonly refused: string | null;
  /** What makes the fix last, where another layer writes the definition; null where none does, or nothing is wrong. */
  readonly ownerFix: OwnerFix | null;
  /** What an operator must know before and after applying it. */
  readonly remarks: readonly string[];
}

/**
 * Makes the patch for a domain: for its persistent definition, or for the file that was read.
 * @param definition - what its text was read as: tells who will write it again, and what the guest is
 */
export function patchDomain(
  domain: DomainFacts,
  definition: DomainDefinition | null,
  context: PatchContext,
): DomainPatch {
  const base = {
    domain: domain.name,
    uuid: domain.uuid ?? null,
    fileName: safeFileName(domain),
    source: domain.source,
    made: null,
    ownerFix: null,
    mends: [],
    unmended: [],
    refused: null,
    remarks: [],
  };
  const target = patchTarget(domain);
  if (!target?.known) return { ...base, refused: target?.reason ?? 'there is no definition to patch' };
  const { xml, origin } = target.value;
  const plan = planPatch(xml, context);
  if (plan.kind === 'nothing-to-fix') return base;
  const because = plan.kind === 'refused' ? plan.because : unpatchable(domain, origin);
  if (plan.kind === 'refused' || because) return { ...base, unmended: plan.unmended, refused: because };
  return {
    ...base,
    made: {
      domain: domain.name,
      uuid: domain.uuid ?? null,
      uri: origin === 'dumpxml' ? libvirtUri(domain.source) : null,
      path: patchPath(domain, origin),
      before: xml,
      after: plan.after,
      steps: plan.steps,
      // A read-only connection gets no passwords; whoever dumped a file may have asked for them.
      lacksSecrets: origin === 'dumpxml' && !target.value.secrets,
    },
    mends: plan.mends,
    unmended: plan.unmended,
    remarks: remarksOnPatch(domain, target.value, definition, plan),
  };
}

/** Whether a patch can be made for a finding: it must be about the definition that a patch would change. */
export function canBePatched(domain: DomainFacts, { definition }: Pick<Finding, 'definition'>): boolean {
  const target = patchTarget(domain);
  const changed = domain.definitions.inactive ? 'inactive' : 'live';
  if (!target?.known || (definition !== undefined && definition !== changed)) return false;
  return unpatchable(domain, target.value.origin) === null;
}

/** The next start uses the inactive definition; a transient domain or a file may only have the live one. */
function patchTarget({ definitions }: DomainFacts): Fact<DefinitionText> | undefined {
  return definitions.inactive ?? definitions.live;
}

function unpatchable({ definitions }: DomainFacts, origin: DefinitionText['origin']): string | null {
  if (origin === 'status') {
    return "this is libvirt's own record of the running domain; audit its persistent definition to get a patch";
  }
  if (origin === 'dumpxml' && !definitions.inactive) {
    return 'the domain is transient and has no persistent definition; mend it where it is created';
  }
  return null;
}

/** `patch -p1` refuses paths that climb, so those are given from the root. */
function patchPath(domain: DomainFacts, origin: DefinitionText['origin']): string {
  if (origin === 'dumpxml') return `${safeFileName(domain)}.xml`;
  if (domain.source === '-') return 'stdin.xml';
  const path = relative('', domain.source);
  return path.startsWith('..') ? relative('/', domain.source) : path;
}

function safeFileName({ name, uuid, source }: DomainFacts): string {
  if (/^[\w@+=:,][\w.@+=:,-]{0,99}$/.test(name)) return name;
  if (uuid !== undefined && /^[\da-f-]{1,40}$/i.test(uuid)) return uuid;
  return `domain-${Buffer.from(name || source)
    .toString('hex')
    .slice(0, 40)}`;
}
