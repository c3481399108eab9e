import { EMPTY_LAYER, type PolicyLayer } from '../../policy/layer.js';
import type { Mistake, Origin } from '../../policy/origin.js';
import { isProfileName, PROFILE_NAMES } from '../../policy/profiles.js';
import { suggestion } from '../../policy/suggestion.js';
import { THRESHOLD_NAMES, thresholdMistake } from '../../policy/thresholdDescriptions.js';
import { timeZoneMistake } from '../../policy/timeZone.js';

const PREFIX = 'VIRT_CLOCK_AUDIT_';

/** Names the configuration file. */
export const CONFIGURATION_VARIABLE = `${PREFIX}CONFIG`;

/** The variable of a setting: `hostOffsetWarnSeconds` is `VIRT_CLOCK_AUDIT_HOST_OFFSET_WARN_SECONDS`. */
export function variableOf(setting: string): string {
  return PREFIX + setting.replace(/[A-Z]/g, '_$&').toUpperCase();
}

/** Reads what the environment says. An empty variable counts as one that is not set. */
export function readVariables(env: NodeJS.ProcessEnv): { layer: PolicyLayer; mistakes: Mistake[] } {
  const mistakes: Mistake[] = [];
  const settings = new Map<string, string>(
    ['profile', 'fleetTimeZone', ...THRESHOLD_NAMES].map((name) => [variableOf(name), name]),
  );
  let layer = EMPTY_LAYER;
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith(PREFIX) || !value || variable === CONFIGURATION_VARIABLE) continue;
    const name = settings.get(variable);
    if (name === undefined) {
      const close = suggestion(variable, [CONFIGURATION_VARIABLE, ...settings.keys()]);
      mistakes.push({ place: variable, message: `is no variable of virt-clock-audit${close}` });
      continue;
    }
    const set = withSetting(layer, name, value, { layer: 'environment', place: variable });
    if (typeof set === 'string') mistakes.push({ place: variable, message: set });
    else layer = set;
  }
  return { layer, mistakes };
}

/**
 * A layer with one setting more.
 * @returns what is wrong with it instead, where it is not understood
 */
export function withSetting(
  layer: PolicyLayer,
  name: string,
  value: string,
  origin: Origin,
): PolicyLayer | string {
  if (name === 'profile') {
    const unknown = profileMistake(value);
    return unknown ?? { ...layer, profile: { value, origin } };
  }
  if (name === 'fleetTimeZone') {
    return timeZoneMistake(value) ?? { ...layer, fleetTimeZone: { value, origin } };
  }
  const threshold = THRESHOLD_NAMES.find((it) => it === name);
  if (!threshold) {
    const names = ['fleetTimeZone', ...THRESHOLD_NAMES];
    return `there is no setting '${name}'${suggestion(name, names) || `; the settings are ${names.join(', ')}`}`;
  }
  if (!/^\d*\.?\d+(e[+-]?\d+)?$/i.test(value)) return `${name} has to be a number, not '${value}'`;
  const limit = Number(value);
  const mistake = thresholdMistake(threshold, limit);
  return mistake ?? { ...layer, thresholds: { ...layer.thresholds, [threshold]: { value: limit, origin } } };
}

/** What is wrong with the name of a profile, or null. */
export function profileMistake(name: string): string | null {
  if (isProfileName(name)) return null;
  return `there is no profile '${name}'; the profiles are ${PROFILE_NAMES.join(', ')}${suggestion(name, PROFILE_NAMES)}`;
}
