import type { DomainDefinition } from '../facts/definition.js';
import { qemuGuest } from './check.js';

/** True for an x86 guest of QEMU, and otherwise why a question about x86 timers makes no sense. */
export function x86Guest(definition: DomainDefinition): true | string {
  const guest = qemuGuest(definition);
  if (guest !== true) return guest;
  // An architecture that nobody wrote down has been inferred from the machine there.
  if (definition.effectiveClock.hvTime !== 'not-applicable') return true;
  return `${definition.arch ?? 'this architecture'} has none of the x86 timers`;
}

/** True for an x86 guest that KVM runs, and otherwise why there is nothing of KVM's to ask about. */
export function x86KvmGuest(definition: DomainDefinition): true | string {
  const guest = x86Guest(definition);
  if (guest !== true) return guest;
  return (
    definition.effectiveClock.kvmclock !== 'inert' || `a domain of type '${definition.virtType}' has no KVM`
  );
}
