import type { Outcome, Reference } from '../checks/check.js';
import type { EffectiveClock } from '../facts/clock.js';
import type { GuestOs, Owner } from '../facts/definition.js';
import type { DefinitionKind } from '../facts/domain.js';
import type { LibvirtErrorRecord } from '../facts/fact.js';
import type { Problem, SourceFacts } from '../facts/facts.js';
import type { HostFacts } from '../facts/host.js';

/** The result of an audit: plain data that every format is made from. */
export interface Report {
  readonly schema: 'virt-clock-audit/report';
  /** Additions raise the second number, everything else the first. */
  readonly schemaVersion: '1.1';
  readonly tool: { readonly name: 'virt-clock-audit'; readonly version: string };
  readonly run: {
    /** ISO 8601, in UTC: when the facts were collected. */
    readonly collectedAt: string;
    /** What the machine calls itself. */
    readonly hostname: string;
    /** What `--ssh` or `report --as` called the machine; tells those apart that call themselves alike. Since 1.1. */
    readonly target?: string;
    readonly sources: readonly SourceFacts[];
    /** Whose clock the host part is about, or why there is none. */
    readonly hostNote: string;
  };
  readonly policy: ReportedPolicy;
  readonly summary: Summary;
  readonly checks: readonly CheckDescription[];
  /** Null when the host was left out. */
  readonly host: { readonly facts: HostFacts; readonly findings: readonly ReportedFinding[] } | null;
  readonly domains: readonly DomainReport[];
  /** What could not be read at all. */
  readonly problems: readonly ReportedProblem[];
  readonly notes: readonly string[];
}

/** A problem as it is reported: always something that could not be checked. */
export interface ReportedProblem extends Problem {
  readonly outcome: 'unknown';
}

/** How many findings came out how, and what that amounts to. */
export interface Summary {
  /** The worst outcome: could not check, then failures, then warnings. */
  readonly outcome: Exclude<Outcome, 'not-applicable' | 'info'>;
  /** What the process exits with, after `--fail-on`. */
  readonly exitCode: number;
  readonly domains: number;
  readonly problems: number;
  /** Without the waived ones. */
  readonly findings: Readonly<Record<Outcome, number>>;
  /** How many findings are waived, and so count neither in `findings` nor in the exit code. */
  readonly waived: number;
}

/** A check's words, once a report rather than with every finding. */
export interface CheckDescription {
  readonly id: string;
  readonly title: string;
  readonly failureTitle: string;
  readonly rationale: string;
  readonly fix: string;
  readonly references: readonly Reference[];
}

/** A finding as it is reported. */
export interface ReportedFinding {
  readonly check: string;
  readonly outcome: Outcome;
  readonly code: string;
  readonly title: string;
  readonly observed: string;
  readonly expected?: string;
  readonly detail?: string;
  readonly definition?: DefinitionKind;
  /** Where the element stands that decided it; present for definitions that were read from files. Since 1.1. */
  readonly place?: Place;
  /** What the check itself says, where the policy makes it milder or more severe. */
  readonly judgedAs?: 'warn' | 'fail';
  /** Present where somebody accepts the finding for the time being. */
  readonly waiver?: AppliedWaiver;
  readonly evidence: readonly { readonly fact: string; readonly source: string }[];
  /** Whether `remediate` knows an edit for it. */
  readonly fixable: boolean;
  readonly libvirtError?: LibvirtErrorRecord;
}

/** A place in a file of a definition. */
export interface Place {
  /** The path as it was given, or on the host that was recorded. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 code units; a byte order mark is not counted. */
  readonly column: number;
}

/** One domain, with everything that was found about it. */
export interface DomainReport {
  readonly name: string;
  readonly uuid: string | null;
  readonly source: string;
  /** In virsh's words; null when it is not known. */
  readonly state: string | null;
  readonly persistent: boolean | null;
  readonly managedSave: boolean | null;
  /** The definition that the next members describe: the running one where there is one. */
  readonly definition: DefinitionKind | null;
  readonly virtType: string | null;
  readonly arch: string | null;
  readonly machine: string | null;
  readonly owner: Owner | null;
  readonly guestOs: GuestOs | null;
  readonly effectiveClock: EffectiveClock | null;
  /** What the next start will get, where that differs from what runs. */
  readonly nextEffectiveClock?: EffectiveClock;
  readonly findings: readonly ReportedFinding[];
}

/** The waiver that a finding is covered by. */
export interface AppliedWaiver {
  readonly reason: string;
  readonly owner: string;
  /** The last day that it holds, in UTC; null for one without an end. */
  readonly expires: string | null;
  /** Where it is written. */
  readonly place: string;
}

/**
 * What became of a waiver: it covers findings, it has expired, there was nothing to cover, or what it is about
 * was not looked at completely.
 */
export type WaiverState = 'applied' | 'expired' | 'unmatched' | 'not-tested';

/** A waiver with what became of it. */
export interface ReportedWaiver extends AppliedWaiver {
  readonly check: string;
  readonly target: string;
  readonly state: WaiverState;
  /** How many findings it covers. */
  readonly findings: number;
}

/** What an operator decided, as far as it went into the report. */
export interface ReportedPolicy {
  readonly profile: string;
  /** The configuration files that were read. */
  readonly sources: readonly string[];
  /** By name, with the unit in the name. */
  readonly thresholds: Readonly<Record<string, number>>;
  readonly fleetTimeZone: string | null;
  /** The checks that were not asked. */
  readonly disabledChecks: readonly string[];
  /** By a check's id: what its warnings and failures are made. */
  readonly severities: Readonly<Record<string, 'info' | 'warn' | 'fail'>>;
  readonly waivers: readonly ReportedWaiver[];
  readonly guests: readonly {
    readonly target: string;
    readonly family: GuestOs['family'];
    readonly rtcIsUtc: boolean;
    readonly place: string;
  }[];
}
