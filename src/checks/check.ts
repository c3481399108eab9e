import type { DomainDefinition } from '../facts/definition.js';
import type { Fact } from '../facts/fact.js';
import type { HostFacts } from '../facts/host.js';
import { isQemuType } from '../facts/qemuTypes.js';
import type { DomainSituation } from '../facts/situation.js';
import type { Policy } from '../policy/policy.js';
import type { Intent } from './intent.js';

/**
 * How a check came out. `info` is true and worth knowing, but asks nothing of anybody. `unknown` means that it could not be looked at, and is never written by a check:
 * the engine finds it when a needed fact is missing. `not-applicable` always says why.
 */
export type Outcome = 'pass' | 'info' | 'warn' | 'fail' | 'unknown' | 'not-applicable';

/** What a check concludes from facts. */
export interface Verdict {
  readonly outcome: Exclude<Outcome, 'unknown'>;
  /** A stable identifier of the case, for programs: `local-stratum-only`, `kvm-hidden`. */
  readonly code: string;
  /** What was found, and which element or argument decided it. */
  readonly observed: string;
  /** What would pass, where it does not. */
  readonly expected?: string;
  /** What else the reader should know. */
  readonly detail?: string;
  /** What would mend the definition. */
  readonly remedy?: readonly Intent[];
}

/** The name of something read from the host. */
export type HostFactName = keyof HostFacts;

/** A page or manual section that a check rests on. */
export interface Reference {
  readonly title: string;
  readonly url: string;
}

interface CheckDescription {
  /** A noun, for ever. */
  readonly id: `${'host' | 'domain'}/${string}`;
  /** What holds when it passes. */
  readonly title: string;
  /** What is wrong when it does not. */
  readonly failureTitle: string;
  readonly rationale: string;
  /** When each outcome is given, for the documentation. */
  readonly outcomes: Readonly<Partial<Record<Outcome, string>>>;
  /** What an operator does about it. */
  readonly fix: string;
  readonly references: readonly Reference[];
}

/** A question about the hypervisor itself. */
export interface HostCheck extends CheckDescription {
  readonly scope: 'host';
  readonly needs: readonly HostFactName[];
  /** What is needed as well, by what the other facts are. */
  needsMore?(host: HostFacts, guests: readonly DomainDefinition[]): readonly HostFactName[];
  /** What the guests alone tell where a fact could not be read; null where it takes the fact. */
  evaluateWithoutFacts?(guests: readonly DomainDefinition[]): Verdict | null;
  /** @param guests - the definitions of the domains on this host, as far as they could be read */
  evaluate(host: HostFacts, policy: Policy, guests: readonly DomainDefinition[]): Verdict;
}

/** A question about one definition of one domain. */
export interface DefinitionCheck extends CheckDescription {
  readonly scope: 'domain';
  readonly judges: 'definition';
  /** The host facts without which there is no verdict; those that only refine one are not listed. */
  needs(definition: DomainDefinition): readonly HostFactName[];
  /** True, or why the question makes no sense for this domain. */
  appliesTo(definition: DomainDefinition): true | string;
  evaluate(definition: DomainDefinition, host: HostFacts, policy: Policy): Verdict;
}

/** A question about a domain as a whole, such as whether its two definitions agree. */
export interface SituationCheck extends CheckDescription {
  readonly scope: 'domain';
  readonly judges: 'situation';
  /** True, or why the question makes no sense for this domain. */
  appliesTo(domain: DomainSituation): true | string;
  /** The facts without which there is no verdict. */
  needs(domain: DomainSituation): readonly Fact<unknown>[];
  evaluate(domain: DomainSituation, host: HostFacts, policy: Policy): Verdict;
}

export type DomainCheck = DefinitionCheck | SituationCheck;

export type Check = HostCheck | DomainCheck;

/** The value of a fact that the engine has made sure of, because the check listed it in `needs`. */
export function given<T>(fact: Fact<T>): T {
  if (!fact.known) throw new TypeError(`used without being listed in needs: ${fact.reason}`);
  return fact.value;
}

/** True for a QEMU guest, and otherwise why its clock cannot be judged. */
export function qemuGuest({ virtType }: DomainDefinition): true | string {
  return isQemuType(virtType) || `a domain of type '${virtType}' is not run by QEMU`;
}

/** Why there is nothing to judge about an RTC. */
export function noRtc({ arch, machine }: DomainDefinition): string {
  return machine === 'microvm'
    ? 'a microvm has no RTC under KVM unless it is asked for'
    : `${arch} machines have no RTC`;
}
