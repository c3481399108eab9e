import type { Origin, Setting } from '../../policy/origin.js';
import type { EffectivePolicy } from '../../policy/resolve.js';
import { THRESHOLD_NAMES } from '../../policy/thresholdDescriptions.js';
import { printable, printableJson } from '../../report/printable.js';

/** Each value of a policy and where it comes from, for people: one a line. */
export function effectiveText({
  policy,
  profile,
  thresholds,
  fleetTimeZone,
  checks,
}: EffectivePolicy): string {
  const rows: (readonly [string, string, string])[] = [
    ['profile', profile.value, describe(profile.origin)],
    ...THRESHOLD_NAMES.map(
      (name) => [name, String(thresholds[name].value), describe(thresholds[name].origin)] as const,
    ),
    fleetTimeZone
      ? ['fleetTimeZone', fleetTimeZone.value, describe(fleetTimeZone.origin)]
      : ['fleetTimeZone', 'not set', 'default'],
    ...Object.entries(checks).flatMap(([id, { enabled, severity }]) => [
      ...(enabled ? [[id, enabled.value ? 'enabled' : 'disabled', describe(enabled.origin)] as const] : []),
      ...(severity ? [[id, `severity ${severity.value}`, describe(severity.origin)] as const] : []),
    ]),
    ...policy.guests.map(
      ({ target, family, rtcIsUtc, place }) =>
        [`guest ${target}`, family + (rtcIsUtc ? ', RTC in UTC' : ''), place] as const,
    ),
    ...policy.waivers.map(({ check, target, expires, owner, reason, place }) => {
      const until = expires === null ? 'without an end' : `until ${expires}`;
      return [`waiver ${check} for ${target}`, `${until} by ${owner}: ${reason}`, place] as const;
    }),
  ];
  const shown = rows.map((row) => row.map(printable));
  const width = (column: number) =>
    Math.max(...shown.map((row) => Math.min(row[column]?.length ?? 0, 40))) + 2;
  const [first, second] = [width(0), width(1)];
  return shown
    .map(([name = '', value = '', from = '']) => `${padded(name, first)}${padded(value, second)}${from}\n`)
    .join('');
}

/** The same as one JSON document. */
export function effectiveJson({
  policy,
  profile,
  thresholds,
  fleetTimeZone,
  checks,
}: EffectivePolicy): string {
  const document = {
    schema: 'virt-clock-audit/configuration',
    schemaVersion: '1.0',
    sources: policy.sources,
    profile: flat(profile),
    thresholds: Object.fromEntries(THRESHOLD_NAMES.map((name) => [name, flat(thresholds[name])])),
    fleetTimeZone: fleetTimeZone && flat(fleetTimeZone),
    checks: Object.fromEntries(
      Object.entries(checks).map(([id, { enabled, severity }]) => [
        id,
        { ...(enabled && { enabled: flat(enabled) }), ...(severity && { severity: flat(severity) }) },
      ]),
    ),
    waivers: policy.waivers,
    guests: policy.guests,
  };
  return `${printableJson(JSON.stringify(document, null, 1))}\n`;
}

function describe({ place, because, source }: Origin): string {
  return because === undefined ? place : `${place}: ${because} (${source})`;
}

/** Something long still has a gap behind it. */
function padded(text: string, width: number): string {
  return `${text.padEnd(width - 2)}  `;
}

function flat<T>({ value, origin }: Setting<T>) {
  const { layer, place, because, source } = origin;
  return { value, layer, place, ...(because !== undefined && { because, source }) };
}
