import type { HostFacts } from '../../facts/host.js';
import { overridingWords } from './properClocksource.js';

/** What to look for in the kernel's log when it has found a TSC unreliable. */
const LOG =
  "'Marking TSC unstable' and 'timekeeping watchdog' in the kernel's log (journalctl -k) tell when and why";

/**
 * Why the kernel does not keep time by the proper clocksource, as far as the other facts tell.
 * @param proper - the clocksources that are right for the architecture
 */
export function clocksourceCause(host: HostFacts, proper: readonly string[]): string {
  const available = host.clocksource.known ? host.clocksource.value.available : null;
  const words = host.clockParameters.known ? host.clockParameters.value : [];
  const overriding = overridingWords(words, proper, available);
  if (overriding.length > 0) return `the kernel's command line asks for it: ${overriding.join(' ')}`;
  if (proper.some((name) => available?.includes(name))) {
    return 'the proper one is still available: somebody chose otherwise';
  }
  if (!proper.includes('tsc') || !host.tscFlags.known || !host.tscFlags.value) {
    return 'the kernel found the proper one unreliable, or does not have it';
  }
  const { constant, nonstop } = host.tscFlags.value;
  if (!constant || !nonstop) {
    return 'the TSC is not among the available ones, and is not invariant; see host/tsc-flags';
  }
  return `the CPUs' TSC is invariant, and yet the kernel does not list it: it has marked it as unstable; ${LOG}`;
}

/** The hypervisor that this host is a guest of, in words, or null where it is none or that is not known. */
export function guestOf({ virtualisation }: HostFacts): string | null {
  if (!virtualisation.known || !virtualisation.value) return null;
  const { hypervisor } = virtualisation.value;
  return hypervisor === 'other' ? 'an unknown hypervisor' : hypervisor;
}
