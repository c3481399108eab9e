import { DOMAIN_CHECKS } from '../../checks/registry.js';
import type { GuestOs } from '../../facts/definition.js';
import type { DomainFacts } from '../../facts/domain.js';
import type { Facts } from '../../facts/facts.js';
import { isMended, waiversFor } from '../../policy/judgement.js';
import type { Policy } from '../../policy/policy.js';
import { libvirtVersions, situationOf } from '../situation.js';

/** A check that is not mended unless somebody asks for it by name. */
export interface Reservation {
  /** The check's id. */
  readonly check: string;
  /** One sentence without a full stop. */
  readonly because: string;
}

/** The checks whose mending moves a guest's RTC by hours. */
const ABOUT_THE_BASE = ['domain/clock-offset', 'domain/timezone'];

/**
 * What is right to put into a patch for somebody to read, but not to change in many domains at once: the RTC of a guest
 * of which nobody knows for sure how it reads it, and a device more.
 */
export function reservationsOn(facts: Facts, policy: Policy): (domain: DomainFacts) => Reservation[] {
  const versionFor = libvirtVersions(facts);
  return (domain) => {
    const { inactive, live } = situationOf(domain, versionFor(domain), policy).definitions;
    const fact = inactive ?? live;
    return [...(fact?.known ? aboutTheGuest(fact.value.guestOs) : []), NEW_DEVICE];
  };
}

/** The checks that would be mended if nobody had waived them. */
export function waivedOn({ collectedAt }: Facts, policy: Policy): (domain: DomainFacts) => Reservation[] {
  const mended = DOMAIN_CHECKS.map(({ id }) => id as string).filter((id) => isMended(policy, id));
  return (domain) =>
    mended.flatMap((check) => {
      const [waiver] = waiversFor(policy, collectedAt, check, domain);
      if (waiver === undefined) return [];
      const { expires, owner, reason } = waiver;
      const until = expires === null ? '' : ` until ${expires}`;
      return [{ check, because: `it is waived${until} (${owner}: ${reason})` }];
    });
}

const NEW_DEVICE: Reservation = {
  check: 'domain/agent-channel',
  because:
    'it adds a device, which a guest without the agent and its driver has no use for; --only domain/agent-channel adds it',
};

function aboutTheGuest({ confidence, evidence }: GuestOs): Reservation[] {
  if (confidence === 'strong') return [];
  const because = `what the guest runs is not certain (${evidence}); say it with --guest-os, or name the check with --only`;
  return ABOUT_THE_BASE.map((check) => ({ check, because }));
}
