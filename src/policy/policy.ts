import type { GuestOs } from '../facts/definition.js';
import { DEFAULT_THRESHOLDS, type Thresholds } from './thresholds.js';

/** How severe a finding of a check is made, instead of what the check itself says. */
export type Severity = 'info' | 'warn' | 'fail';

/** What an operator decided about checks, limits and guests. */
export interface Policy {
  /** The profile that it is based on. */
  readonly profile: string;
  readonly thresholds: Thresholds;
  /** The time zone that every hypervisor of the fleet is in; null when nobody said. */
  readonly fleetTimeZone: string | null;
  /** By a check's id: whether it is asked at all, and how severe its warnings and failures are made. */
  readonly checks: Readonly<Record<string, { readonly enabled?: boolean; readonly severity?: Severity }>>;
  readonly waivers: readonly Waiver[];
  /** The first that matches a guest counts. */
  readonly guests: readonly GuestOsRule[];
  /** The configuration files that were read. */
  readonly sources: readonly string[];
  /** Understands the patterns of this policy; in a policy without any, plain names and UUIDs. */
  readonly matches: PatternMatcher;
}

/** Something that a pattern may name: a domain, the host, or a check by its id. */
export interface Named {
  readonly name: string;
  readonly uuid?: string;
}

/** Whether a name, UUID or glob means something. */
export type PatternMatcher = (pattern: string, candidate: Named) => boolean;

/** The name that waivers give the hypervisor. */
export const HOST_TARGET = 'host';

/** A finding that an operator knows of and accepts for a time. */
export interface Waiver {
  /** A check's id, or a glob of ids. */
  readonly check: string;
  /** `host`, or a domain's name, UUID or a glob of names. */
  readonly target: string;
  readonly reason: string;
  /** Who answers for it. */
  readonly owner: string;
  /** The last day that it holds, as `2027-01-31`, in UTC; null for one without an end. */
  readonly expires: string | null;
  /** Where it is written, for messages: `/etc/virt-clock-audit.yaml:12:5`. */
  readonly place: string;
}

/** What an operator says about a guest's operating system. The first that matches counts. */
export interface GuestOsRule {
  /** A domain's name, UUID or a glob of names. */
  readonly target: string;
  readonly family: GuestOs['family'];
  /** True when the guest reads its RTC as UTC although its family does not (Windows with RealTimeIsUniversal). */
  readonly rtcIsUtc: boolean;
  /** Where it was said, for the evidence: `--guest-os` or a place in a file. */
  readonly place: string;
}

/** What holds when nobody decided anything. */
export const DEFAULT_POLICY: Policy = {
  profile: 'default',
  thresholds: DEFAULT_THRESHOLDS,
  fleetTimeZone: null,
  checks: {},
  waivers: [],
  guests: [],
  sources: [],
  matches: matchesExactly,
};

/** Understands plain names, and UUIDs in whatever case. */
export function matchesExactly(pattern: string, { name, uuid }: Named): boolean {
  return name === pattern || uuid?.toLowerCase() === pattern.toLowerCase();
}
