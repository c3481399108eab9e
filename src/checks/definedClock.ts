import type { EffectiveClock } from '../facts/clock.js';
import type { DomainDefinition } from '../facts/definition.js';

/** What the definition alone comes to, whatever the running QEMU was once given. */
export function clockAsDefined({ effectiveClock, definedClock }: DomainDefinition): EffectiveClock {
  return definedClock ?? effectiveClock;
}
