import type { Setting } from './origin.js';
import type { GuestOsRule, Severity, Waiver } from './policy.js';
import type { ThresholdName } from './thresholdDescriptions.js';

/** What one place says about the policy: a profile, a file, the environment or the command line. */
export interface PolicyLayer {
  readonly profile?: Setting<string>;
  readonly thresholds: Readonly<Partial<Record<ThresholdName, Setting<number>>>>;
  readonly fleetTimeZone?: Setting<string>;
  readonly checks: readonly Setting<CheckDecision>[];
  readonly waivers: readonly Waiver[];
  readonly guests: readonly GuestOsRule[];
}

/** What is decided about some checks. */
export interface CheckDecision {
  /** An id, or a glob of ids. */
  readonly pattern: string;
  readonly enabled?: boolean;
  readonly severity?: Severity;
}

/** Says nothing. */
export const EMPTY_LAYER: PolicyLayer = { thresholds: {}, checks: [], waivers: [], guests: [] };
