import type { TscCounter } from '../facts/host.js';
import { child, childrenNamed, parseXml } from './tree.js';

const KEPT = new Set(['host', 'cpu', 'counter']);

/**
 * Finds the TSC in libvirt's capabilities of a host.
 * @returns null where libvirt saw no invariant TSC
 * @throws XmlError when the text is malformed
 * @see {@link https://libvirt.org/formatcaps.html}, `virCPUDefFormatBuf` in libvirt's src/conf/cpu_conf.c
 */
export function readTscCounter(capabilities: string): TscCounter | null {
  const root = parseXml(capabilities, (_, name) => KEPT.has(name));
  const counters = childrenNamed(child(child(root, 'host'), 'cpu'), 'counter');
  const tsc = counters.find(({ attributes }) => attributes.name === 'tsc')?.attributes;
  const frequencyHz = Number(tsc?.frequency);
  if (!(frequencyHz > 0 && Number.isFinite(frequencyHz))) return null;
  const scaling = tsc?.scaling === 'yes' ? true : tsc?.scaling === 'no' ? false : null;
  return { frequencyHz, scaling };
}
