import type { DomainSituation } from '../facts/situation.js';

/** Why there is no definition that runs: the domain does not, or nobody could tell. */
export function whyNotRunning({ state }: DomainSituation): string {
  return state.known ? 'the domain does not run' : state.reason;
}
