import { EMPTY_LAYER, type PolicyLayer } from '../../policy/layer.js';
import type { Mistake, Origin } from '../../policy/origin.js';
import type { GuestOsRule } from '../../policy/policy.js';
import { GUEST_FAMILIES, RTC_CONVENTIONS, rtcMistake } from '../../policy/statedGuest.js';
import { suggestion } from '../../policy/suggestion.js';
import { withSetting } from './configurationVariables.js';

/** What the command line says about the policy. */
export interface PolicyOptions {
  /** The file; false for `--no-config`. */
  readonly config?: string | false;
  readonly profile?: string;
  /** `NAME=VALUE` each. */
  readonly set?: readonly string[];
  /** `NAME=FAMILY` or `NAME=FAMILY,rtc=utc` each. */
  readonly guestOs?: readonly string[];
  /** Ids of checks, or globs of them. */
  readonly disable?: readonly string[];
}

/** Reads what the command line says. */
export function readFlags(options: PolicyOptions): { layer: PolicyLayer; mistakes: Mistake[] } {
  const mistakes: Mistake[] = [];
  const { profile, set = [], guestOs = [], disable = [] } = options;
  let layer: PolicyLayer = {
    ...EMPTY_LAYER,
    checks: disable.map((pattern) => ({ value: { pattern, enabled: false }, origin: flag('--disable') })),
  };
  const add = (name: string, value: string, origin: Origin) => {
    const next = withSetting(layer, name, value, origin);
    if (typeof next === 'string') mistakes.push({ place: origin.place, message: next });
    else layer = next;
  };
  if (profile !== undefined) add('profile', profile, flag('--profile'));
  for (const assignment of set) {
    const [, name, value] = /^([^=]+)=(.+)$/s.exec(assignment) ?? [];
    if (name !== undefined && value !== undefined) add(name, value, flag('--set'));
    else mistakes.push({ place: '--set', message: `give NAME=VALUE, not '${assignment}'` });
  }
  const guests: GuestOsRule[] = [];
  for (const text of guestOs) {
    const rule = guestRule(text);
    if (typeof rule === 'string') mistakes.push({ place: '--guest-os', message: rule });
    else guests.push(rule);
  }
  return { layer: { ...layer, guests }, mistakes };
}

function flag(place: string): Origin {
  return { layer: 'flag', place };
}

function guestRule(text: string): GuestOsRule | string {
  // Names of domains may hold '=' and ',': what is understood is taken off the end.
  const [, before = text, convention] = /^(.*),rtc=([^,=]*)$/s.exec(text) ?? [];
  const [, target, word] = /^(.+)=([^=]*)$/s.exec(before) ?? [];
  if (target === undefined || word === undefined) return `give NAME=FAMILY, not '${text}'`;
  const family = GUEST_FAMILIES.find((it) => it === word);
  if (!family) {
    return `'${word}' is no family of guests; they are ${GUEST_FAMILIES.join(', ')}${suggestion(word, GUEST_FAMILIES)}`;
  }
  const rtc = RTC_CONVENTIONS.find((it) => it === convention);
  if (convention !== undefined && !rtc) {
    return `rtc has to be one of ${RTC_CONVENTIONS.join(', ')}, not '${convention}'`;
  }
  return rtcMistake(family, rtc) ?? { target, family, rtcIsUtc: rtc === 'utc', place: '--guest-os' };
}
