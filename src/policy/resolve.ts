import { contradictions } from './contradictions.js';
import type { CheckDecision, PolicyLayer } from './layer.js';
import type { Mistake, Origin, Setting } from './origin.js';
import { DEFAULT_POLICY, type PatternMatcher, type Policy } from './policy.js';
import { isProfileName, PROFILES, type Profile } from './profiles.js';
import { THRESHOLD_DESCRIPTIONS, THRESHOLD_NAMES, type ThresholdName } from './thresholdDescriptions.js';
import { DEFAULT_THRESHOLDS } from './thresholds.js';

/** A policy, and where each of its values comes from. */
export interface EffectivePolicy {
  readonly policy: Policy;
  readonly profile: Setting<string>;
  readonly thresholds: Readonly<Record<ThresholdName, Setting<number>>>;
  readonly fleetTimeZone: Setting<string> | null;
  /** By a check's id, for those about which something was decided. */
  readonly checks: Readonly<Record<string, DecidedCheck>>;
}

/** What was decided about one check; each part may come from another place. */
export interface DecidedCheck {
  readonly enabled?: Setting<boolean>;
  readonly severity?: Setting<NonNullable<CheckDecision['severity']>>;
}

/** What resolving needs to know besides the layers. */
export interface ResolveContext {
  /** The ids of all checks there are. */
  readonly checkIds: readonly string[];
  readonly matches: PatternMatcher;
  /** The configuration files that were read. */
  readonly sources: readonly string[];
}

/**
 * Puts layers on top of each other and the profile that they choose beneath them.
 * @param layers - the one that counts least first
 * @returns what holds, with the mistakes that only show when all is put together
 */
export function resolvePolicy(
  layers: readonly PolicyLayer[],
  context: ResolveContext,
): { effective: EffectivePolicy; mistakes: Mistake[] } {
  const chosen = layers.findLast((layer) => layer.profile)?.profile;
  const profile = chosen ?? { value: 'default', origin: DEFAULT_ORIGIN };
  const all = [profileLayer(profile.value), ...layers];
  const thresholds = resolveThresholds(all);
  const checks = decide(all, context);
  const fleetTimeZone = all.findLast((layer) => layer.fleetTimeZone)?.fleetTimeZone ?? null;
  const policy: Policy = {
    profile: profile.value,
    thresholds: mapValues(thresholds, ({ value }) => value),
    fleetTimeZone: fleetTimeZone?.value ?? DEFAULT_POLICY.fleetTimeZone,
    checks: mapValues(checks, ({ enabled, severity }) => ({
      ...(enabled && { enabled: enabled.value }),
      ...(severity && { severity: severity.value }),
    })),
    // The first that matches counts, so those of the higher layers come first.
    guests: all.toReversed().flatMap(({ guests }) => guests),
    waivers: all.flatMap(({ waivers }) => waivers),
    sources: context.sources,
    matches: context.matches,
  };
  const mistakes = contradictions(layers, thresholds, context);
  return { effective: { policy, profile, thresholds, fleetTimeZone, checks }, mistakes };
}

const DEFAULT_ORIGIN: Origin = { layer: 'profile', place: 'default' };

/** The patterns of all layers and of the profile that they choose, for whoever makes the matcher. */
export function patternsOf(layers: readonly PolicyLayer[]): string[] {
  const profile = layers.findLast((layer) => layer.profile)?.profile?.value ?? 'default';
  return [profileLayer(profile), ...layers].flatMap(({ checks, waivers, guests }) => [
    ...checks.map(({ value }) => value.pattern),
    ...waivers.flatMap(({ check, target }) => [check, target]),
    ...guests.map(({ target }) => target),
  ]);
}

function profileLayer(name: string): PolicyLayer {
  const profile: Profile = PROFILES[isProfileName(name) ? name : 'default'];
  const origin = (because: string, source: string): Origin => ({
    layer: 'profile',
    place: `profile ${name}`,
    because,
    source,
  });
  const thresholds: Partial<Record<ThresholdName, Setting<number>>> = {};
  for (const [key, { value, because, source }] of Object.entries(profile.thresholds)) {
    thresholds[key as ThresholdName] = { value, origin: origin(because, source) };
  }
  const checks = Object.entries(profile.checks).map(([pattern, { severity, because, source }]) => ({
    value: { pattern, severity },
    origin: origin(because, source),
  }));
  return { thresholds, checks, waivers: [], guests: [] };
}

function resolveThresholds(layers: readonly PolicyLayer[]): Record<ThresholdName, Setting<number>> {
  const entries = THRESHOLD_NAMES.map((name) => {
    const { because, source } = THRESHOLD_DESCRIPTIONS[name];
    const origin: Origin = { layer: 'profile', place: 'profile default', because, source };
    const setting = layers.findLast((layer) => layer.thresholds[name])?.thresholds[name];
    return [name, setting ?? { value: DEFAULT_THRESHOLDS[name], origin }];
  });
  return Object.fromEntries(entries);
}

/** A later layer counts more than an earlier one, and within a layer an id counts more than a glob. */
function decide(
  layers: readonly PolicyLayer[],
  { checkIds, matches }: ResolveContext,
): Record<string, DecidedCheck> {
  const decided: Record<string, DecidedCheck> = {};
  for (const id of checkIds) {
    const about = layers.flatMap(({ checks }) => {
      const matching = checks.filter(({ value }) => matches(value.pattern, { name: id }));
      return [...matching].sort(
        (left, right) => Number(left.value.pattern === id) - Number(right.value.pattern === id),
      );
    });
    let check: DecidedCheck = {};
    for (const { value, origin } of about) {
      const { enabled, severity } = value;
      if (enabled !== undefined) check = { ...check, enabled: { value: enabled, origin } };
      if (severity !== undefined) check = { ...check, severity: { value: severity, origin } };
    }
    if (about.length > 0) decided[id] = check;
  }
  return decided;
}

function mapValues<Key extends string, From, To>(
  record: Readonly<Record<Key, From>>,
  change: (value: From) => To,
): Record<Key, To> {
  const entries = Object.entries<From>(record).map(([key, value]) => [key, change(value)]);
  return Object.fromEntries(entries) as Record<Key, To>;
}
