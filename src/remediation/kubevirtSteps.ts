import type { Finding } from '../checks/finding.js';
import type { DomainDefinition } from '../facts/definition.js';
import { type KubevirtRemedy, kubevirtRemedy, type MergePatch, mergePatches } from './kubevirtPatch.js';
import type { OwnerStep } from './ownerFix.js';
import { shellCommand } from './shellCommand.js';

/**
 * What has to be changed in the VirtualMachine of a domain: one patch, and a restart that makes it effective.
 * @see `kubectl patch` and `virtctl restart`
 */
export function kubevirtSteps(
  definition: DomainDefinition,
  findings: readonly Finding[],
  { name }: { readonly name: string },
): OwnerStep[] {
  const found = findings.flatMap((finding) => {
    const remedy = kubevirtRemedy(definition, finding);
    return remedy ? [{ check: finding.check, remedy }] : [];
  });
  if (found.length === 0) return [];
  const [namespace, vm] = namesIn(name);
  const edits = found.flatMap(({ check, remedy }): OwnerStep[] =>
    remedy.kind === 'edit' ? [{ about: remedy.about, command: null, checks: [check] }] : [],
  );
  const checks = [...new Set(found.map(({ check }) => check))];
  const restarted = found.some(({ remedy }) => remedy.kind === 'restart');
  return [
    ...patchSteps(found, namespace, vm),
    ...edits,
    {
      about: restarted
        ? 'restarts the VM, for which KubeVirt writes the definition anew; what KubeVirt cannot have written and is there again comes from a hook sidecar (the annotation hooks.kubevirt.io/hookSidecars)'
        : 'restarts the VM, for which KubeVirt writes the definition anew',
      command: shellCommand('virtctl', 'restart', vm, '--namespace', namespace),
      checks,
    },
  ];
}

/** KubeVirt names its domains NAMESPACE_NAME; neither part can hold a `_`. See DNS labels in RFC 1123. */
const NAMES = /^([a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)_([a-z\d](?:[a-z\d.-]{0,251}[a-z\d])?)$/;

function namesIn(domain: string): [namespace: string, vm: string] {
  const [, namespace = 'NAMESPACE', vm = 'VM'] = NAMES.exec(domain) ?? [];
  return [namespace, vm];
}

function patchSteps(
  found: readonly { readonly check: string; readonly remedy: KubevirtRemedy }[],
  namespace: string,
  vm: string,
): OwnerStep[] {
  const patches = found.flatMap(({ check, remedy }) => (remedy.kind === 'patch' ? [{ check, remedy }] : []));
  if (patches.length === 0) return [];
  const domain = patches.map(({ remedy }) => remedy.domain).reduce(mergePatches, {});
  const patch: MergePatch = { spec: { template: { spec: { domain } } } };
  const words = ['--namespace', namespace, '--type', 'merge', '--patch', JSON.stringify(patch)];
  const about = [...new Set(patches.map(({ remedy }) => remedy.about))].join('; ');
  return [
    {
      about: `${about} (a VirtualMachineInstance without a VirtualMachine has to be made anew with the same change)`,
      command: shellCommand('kubectl', 'patch', 'virtualmachine', vm, ...words),
      checks: [...new Set(patches.map(({ check }) => check))],
    },
  ];
}
