import type { Waiver } from './policy.js';
import type { TreeReader } from './treeReader.js';
import type { YamlTree } from './yamlTree.js';

/** Reads the list of waivers; two for the same check and target contradict each other. */
export function readWaivers(reader: TreeReader, tree: YamlTree): Waiver[] {
  const waivers: Waiver[] = [];
  for (const item of reader.items(tree, 'waivers')) {
    const waiver = readWaiver(reader, item);
    if (!waiver) continue;
    const { check, target } = waiver;
    const other = waivers.find((it) => it.check === check && it.target === target);
    if (other) {
      const message = `${check} is waived for ${target} already, at ${other.place}; keep one of the two`;
      reader.reject(item.at, message);
    } else waivers.push(waiver);
  }
  return waivers;
}

function readWaiver(reader: TreeReader, tree: YamlTree): Waiver | null {
  const found: Partial<Record<'check' | 'target' | 'reason' | 'owner' | 'expires', string | null>> = {};
  const textOf = (key: keyof typeof found) => (value: YamlTree) => {
    found[key] = reader.text(value, `the ${key} of a waiver`);
  };
  reader.keys(tree, 'a waiver', {
    check: textOf('check'),
    target: textOf('target'),
    reason: textOf('reason'),
    owner: textOf('owner'),
    expires: (value) => {
      found.expires = readDay(reader, value);
    },
  });
  if (tree.kind !== 'map') {
    // An empty item of the list; anything else has been rejected as no mapping.
    return tree.kind === 'scalar' && tree.value === null ? reader.reject(tree.at, 'a waiver is empty') : null;
  }
  const missing = (['check', 'target', 'reason', 'owner'] as const).filter((key) => found[key] === undefined);
  if (missing.length > 0) return reader.reject(tree.at, `a waiver needs its ${missing.join(', ')}`);
  const { check, target, reason, owner, expires = null } = found;
  if (!check || !target || !reason || !owner) return null;
  return { check, target, reason, owner, expires, place: reader.place(tree.at) };
}

function readDay(reader: TreeReader, tree: YamlTree): string | null {
  const day = tree.kind === 'scalar' && typeof tree.value === 'string' ? tree.value : '';
  if (isDay(day)) return day;
  return reader.reject(tree.at, `a waiver expires on a day such as 2027-01-31, not on '${shown(tree)}'`);
}

function shown(tree: YamlTree): string {
  return tree.kind === 'scalar' ? String(tree.value).slice(0, 60) : `a ${tree.kind}`;
}

/** True for a day of the calendar, as `2027-01-31`. */
function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  // Date would take the 31st of February for a day in March.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/**
 * Whether a waiver no longer holds. Its last day counts in full, in UTC.
 * @param collectedAt - when the facts were collected, in ISO 8601 and UTC
 */
export function isExpired({ expires }: Waiver, collectedAt: string): boolean {
  return expires !== null && expires < collectedAt.slice(0, 10);
}
