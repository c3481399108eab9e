import type { DomainDefinition, GuestOs } from '../facts/definition.js';
import type { GuestOsRule, Policy } from './policy.js';
import type { TreeReader } from './treeReader.js';
import type { YamlTree } from './yamlTree.js';

/** The families of guests that an operator can name. */
export const GUEST_FAMILIES = [
  'windows',
  'linux',
  'bsd',
  'solaris',
  'dos',
  'other',
] as const satisfies readonly GuestOs['family'][];

/** How a guest may read its RTC. */
export const RTC_CONVENTIONS = ['utc', 'localtime'] as const;

/** Says what a guest is, where an operator told; what its definition suggests does not count then. */
export function withStatedGuest(
  definition: DomainDefinition,
  { guests, matches }: Pick<Policy, 'guests' | 'matches'>,
): DomainDefinition {
  const rule = guests.find(({ target }) => matches(target, definition));
  if (!rule) return definition;
  const { family, rtcIsUtc, place } = rule;
  const evidence = `said by ${place}${rtcIsUtc ? ', with the RTC in UTC' : ''}`;
  const guestOs: GuestOs = { family, confidence: 'strong', evidence, ...(rtcIsUtc && { rtcIsUtc }) };
  return { ...definition, guestOs };
}

/** Reads the list of what the guests are. */
export function readGuestRules(reader: TreeReader, tree: YamlTree): GuestOsRule[] {
  const rules: GuestOsRule[] = [];
  for (const item of reader.items(tree, 'guests')) {
    const rule = readGuestRule(reader, item);
    if (!rule) continue;
    const other = rules.find(({ target }) => target === rule.target);
    if (other) reader.reject(item.at, `what ${rule.target} is was said already, at ${other.place}`);
    else rules.push(rule);
  }
  return rules;
}

function readGuestRule(reader: TreeReader, tree: YamlTree): GuestOsRule | null {
  let target: string | null | undefined;
  let family: GuestOsRule['family'] | null | undefined;
  let rtc: (typeof RTC_CONVENTIONS)[number] | null | undefined;
  reader.keys(tree, 'a guest', {
    match: (value) => {
      target = reader.text(value, 'the match of a guest');
    },
    os: (value) => {
      family = reader.choice(value, 'the os of a guest', GUEST_FAMILIES);
    },
    rtc: (value) => {
      rtc = reader.choice(value, 'the rtc of a guest', RTC_CONVENTIONS);
    },
  });
  if (tree.kind !== 'map') {
    return tree.kind === 'scalar' && tree.value === null ? reader.reject(tree.at, 'a guest is empty') : null;
  }
  if (target === undefined || family === undefined) {
    return reader.reject(tree.at, 'a guest needs its match (a name, UUID or glob) and its os');
  }
  if (!target || !family || rtc === null) return null;
  const mistake = rtcMistake(family, rtc);
  if (mistake) return reader.reject(tree.at, mistake);
  return { target, family, rtcIsUtc: rtc === 'utc', place: reader.place(tree.at) };
}

/** Only Windows and DOS keep their RTC in local time; for others there is no such thing to be told. */
export function rtcMistake(
  family: GuestOsRule['family'],
  rtc: (typeof RTC_CONVENTIONS)[number] | undefined,
): string | null {
  if (rtc !== 'localtime' || family === 'windows' || family === 'dos') return null;
  return `a ${family} guest with its RTC in local time cannot be told; waive domain/clock-offset for it`;
}
