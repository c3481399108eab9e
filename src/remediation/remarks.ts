import type { DomainDefinition, GuestOs } from '../facts/definition.js';
import type { DefinitionText, DomainFacts } from '../facts/domain.js';
import { libvirtUri } from '../facts/facts.js';
import { abiRemarks } from './abiRemarks.js';
import type { PatchPlan } from './patch.js';
import { shellCommand } from './shellCommand.js';

/** The checks whose mending moves a guest's RTC. */
const ABOUT_THE_BASE = new Set(['domain/clock-offset', 'domain/timezone']);

/** How the remark begins that something may bring an old definition back. */
export const MANAGED_SAVE = 'a managed save image';

/**
 * What an operator must know before and after applying a patch, most important first: one line each, without a full stop.
 * @param definition - what its text was read as: tells who will write it again, and what the guest is
 */
export function remarksOnPatch(
  domain: DomainFacts,
  { xml, origin }: DefinitionText,
  definition: DomainDefinition | null,
  { mends, steps }: Extract<PatchPlan, { kind: 'patch' }>,
): string[] {
  const { definitions, managedSave } = domain;
  const { owner, guestOs } = definition ?? {};
  const found: string[] = [];
  if (owner?.rewrittenBy) found.push(`temporary: the domain belongs to ${owner.label}; ${owner.rewrittenBy}`);
  if (guestOs && guestOs.confidence !== 'strong') found.push(...doubts(guestOs, mends));
  if (guestOs?.family === 'windows' && steps.some(({ check }) => ABOUT_THE_BASE.has(check))) {
    found.push(
      "the guest's RTC shifts at the next start: its clock is wrong from the boot until its time service corrects it, minutes later",
    );
    if (!guestOs.rtcIsUtc) {
      found.push(
        'right unless the guest has RealTimeIsUniversal set: --guest-os NAME=windows,rtc=utc says so',
      );
    }
  }
  const along = new Set(steps.map(({ check }) => check).filter((check) => !mends.includes(check)));
  if (along.size > 0) {
    found.push(
      `also edits for ${[...along].join(', ')}, which would only come to light with the rest of the patch`,
    );
  }
  found.push(...abiRemarks(steps));
  found.push('takes effect at a full stop and start of the guest; a reboot inside the guest is not enough');
  if (managedSave.known && managedSave.value) {
    found.push(
      `${MANAGED_SAVE} brings the old definition back at the next start; ${discardCommand(domain)} discards it, and the guest's memory with it`,
    );
  }
  if (origin === 'file' && definitions.live) {
    found.push('made from the XML of a running domain; define from virsh dumpxml --inactive instead');
  }
  if (/AUTO-GENERATED FILE/.test(xml))
    found.push("libvirt overwrites this file; use the result with 'virsh define'");
  return found;
}

/** What to do without, of that which is mended, where the guest is not what it is taken for. */
const IN_DOUBT: readonly (readonly [check: string, what: string])[] = [
  ['domain/clock-offset', 'keep its clock offset if it is Windows'],
  ['domain/kvmclock', 'keep KVM hidden, and kvm-clock off, if it has to see no hypervisor'],
  ['domain/hypervclock', 'it has no use for the Hyper-V reference time if it is not Windows'],
];

function doubts({ evidence }: GuestOs, mends: readonly string[]): string[] {
  const what = IN_DOUBT.flatMap(([check, text]) => (mends.includes(check) ? [text] : []));
  return what.length === 0 ? [] : [`what the guest runs is not certain (${evidence}): ${what.join('; ')}`];
}

/**
 * The command that discards a managed save image, with the domain named so that neither a shell nor virsh takes it for something else: virsh looks for an id
 * and a UUID before it looks for a name.
 */
export function discardCommand({
  name,
  uuid,
  source,
}: Pick<DomainFacts, 'name' | 'uuid' | 'source'>): string {
  const isPlain = /^[A-Za-z_][\w.+-]{0,99}$/.test(name) && !/^[\da-f-]{32,36}$/i.test(name);
  const argument = isPlain ? name : /^[\da-f-]{32,36}$/i.test(uuid ?? '') ? (uuid ?? '') : 'DOMAIN';
  const uri = libvirtUri(source);
  // libvirt's own files, as a recording has them where virsh did not answer, are those of the default.
  const connection = uri === 'qemu:///system' || uri.startsWith('/') ? [] : ['-c', uri];
  return shellCommand('virsh', ...connection, 'managedsave-remove', argument);
}
