import type { PolicyLayer } from './layer.js';
import type { Mistake, Setting } from './origin.js';
import { HOST_TARGET } from './policy.js';
import type { ResolveContext } from './resolve.js';
import { suggestion } from './suggestion.js';
import { THRESHOLD_DESCRIPTIONS, THRESHOLD_NAMES, type ThresholdName } from './thresholdDescriptions.js';

/** What only shows to be wrong when the layers are seen together, and together with the checks there are. */
export function contradictions(
  layers: readonly PolicyLayer[],
  thresholds: Readonly<Record<ThresholdName, Setting<number>>>,
  context: Pick<ResolveContext, 'checkIds' | 'matches'>,
): Mistake[] {
  return [
    ...unknownChecks(layers, context),
    ...misdirectedWaivers(layers, context),
    ...invertedThresholds(thresholds),
  ];
}

function unknownChecks(
  layers: readonly PolicyLayer[],
  { checkIds, matches }: Pick<ResolveContext, 'checkIds' | 'matches'>,
): Mistake[] {
  const named = layers.flatMap(({ checks, waivers }) => [
    ...checks.map(({ value, origin }) => ({ pattern: value.pattern, place: origin.place })),
    ...waivers.map(({ check, place }) => ({ pattern: check, place })),
  ]);
  return named
    .filter(({ pattern }) => !checkIds.some((id) => matches(pattern, { name: id })))
    .map(({ pattern, place }) => {
      const close = suggestion(pattern, checkIds) || '; virt-clock-audit checks lists them';
      return { place, message: `there is no check '${pattern}'${close}`, ...lineOf(place) };
    });
}

/** The host is the only target of a check of the host. */
function misdirectedWaivers(
  layers: readonly PolicyLayer[],
  { checkIds, matches }: Pick<ResolveContext, 'checkIds' | 'matches'>,
): Mistake[] {
  const waivers = layers.flatMap((layer) => layer.waivers);
  return waivers.flatMap(({ check, target, place }) => {
    const about = checkIds.filter((id) => matches(check, { name: id }));
    const hostOnly = about.length > 0 && about.every((id) => id.startsWith('host/'));
    const domainOnly = about.length > 0 && about.every((id) => id.startsWith('domain/'));
    if (domainOnly && target === HOST_TARGET) {
      const message = `${check} is about domains: its target has to be a domain, not ${HOST_TARGET}`;
      return [{ place, message, ...lineOf(place) }];
    }
    if (!hostOnly || matches(target, { name: HOST_TARGET })) return [];
    const message = `${check} is about the host: its target has to be ${HOST_TARGET}, not '${target}'`;
    return [{ place, message, ...lineOf(place) }];
  });
}

function invertedThresholds(thresholds: Readonly<Record<ThresholdName, Setting<number>>>): Mistake[] {
  return THRESHOLD_NAMES.flatMap((name) => {
    const { upTo } = THRESHOLD_DESCRIPTIONS[name];
    const lower = thresholds[name];
    const upper = upTo && thresholds[upTo];
    if (!upper || lower.value <= upper.value) return [];
    // The one that an operator wrote is the one to mend.
    const { place } = upper.origin.layer === 'profile' ? lower.origin : upper.origin;
    const message = `${name} (${lower.value}, from ${lower.origin.place}) is above ${upTo} (${upper.value}, from ${upper.origin.place})`;
    return [{ place, message, ...lineOf(place) }];
  });
}

function lineOf(place: string): { line?: number } {
  const line = /:(\d+):\d+$/.exec(place)?.[1];
  return line === undefined ? {} : { line: Number(line) };
}
