import type { Finding } from '../checks/finding.js';
import type { DomainDefinition } from '../facts/definition.js';
import { kubevirtSteps } from './kubevirtSteps.js';
import { novaSteps } from './novaSteps.js';
import { ovirtSteps } from './ovirtSteps.js';
import type { OwnerFix, OwnerStep } from './ownerFix.js';

/** What names a domain in the layer that owns it; both come from its definition. */
export interface DomainIds {
  readonly name: string;
  readonly uuid: string | null;
}

type StepsOf = (
  definition: DomainDefinition,
  findings: readonly Finding[],
  ids: DomainIds,
) => readonly OwnerStep[];

interface Layer {
  readonly stepsOf: StepsOf;
  readonly undoneBy: string;
}

const LAYERS: Readonly<Record<string, Layer>> = {
  nova: {
    stepsOf: novaSteps,
    undoneBy:
      'a hard reboot, a stop and start, a resize or cold migration, an evacuation, a rebuild, an unshelve and a rescue write the definition anew',
  },
  ovirt: {
    stepsOf: ovirtSteps,
    undoneBy: 'the engine writes the definition anew whenever it starts the VM',
  },
  kubevirt: {
    stepsOf: kubevirtSteps,
    undoneBy: 'KubeVirt writes the definition anew whenever the VirtualMachineInstance starts',
  },
};

/** What may be as it is on purpose, so that nobody is to be told to change it. */
const UNDECIDED = new Set(['kvm-hidden-on-purpose', 'hidden-on-purpose']);

/**
 * What makes the fix of a domain last in the layer that writes its definition. Nothing of it is ever executed.
 * @param definition - the one that the findings are about
 * @param findings - all that was found about it; those that are no warning or failure ask for nothing
 * @returns null where nobody writes the definition anew, or that layer can do nothing about the findings
 */
export function ownerFixFor(
  definition: DomainDefinition,
  findings: readonly Finding[],
  ids: DomainIds,
): OwnerFix | null {
  const { kind, label } = definition.owner;
  const layer = LAYERS[kind];
  if (!layer) return null;
  const decided = findings.filter(({ code }) => !UNDECIDED.has(code));
  const wrong = decided.some(({ outcome }) => outcome === 'warn' || outcome === 'fail');
  const steps = wrong ? layer.stepsOf(definition, decided, ids) : [];
  return steps.length === 0 ? null : { owner: label, steps, undoneBy: layer.undoneBy };
}
