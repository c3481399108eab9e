import type { HostFacts } from '../../facts/host.js';
import { given, type Verdict } from '../check.js';

/** The verdict on a host of another architecture, or null for x86. `architecture` must be among the needs. */
export function unlessX86(host: HostFacts, lacks: string): Verdict | null {
  const arch = given(host.architecture);
  if (/^(x86_64|i[3-6]86)$/.test(arch)) return null;
  return { outcome: 'not-applicable', code: 'other-architecture', observed: `${arch} has no ${lacks}` };
}
