import type { HostFacts } from '../../facts/host.js';
import { properClocksources } from './properClocksource.js';

/**
 * Whether the clocksource explains what guests are not offered; that is judged by host/clocksource.
 * @returns the remark that leads there, or null where the clocksource is right or not known
 */
export function causedByClocksource({ architecture, clocksource }: HostFacts): string | null {
  if (!architecture.known || !clocksource.known) return null;
  const { current } = clocksource.value;
  if (properClocksources(architecture.value).includes(current)) return null;
  return `the clocksource is ${current} (see host/clocksource)`;
}
