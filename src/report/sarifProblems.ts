import type { ReportedProblem } from './report.js';
import { type LogicalLocations, problemLocation } from './sarifLocations.js';
import { fingerprint, sarifMessage } from './sarifText.js';

/** The rule of what could not be read. It is no check's: the id of a check has a slash. */
export const PROBLEM_RULE = {
  id: 'problem',
  name: 'Problem',
  shortDescription: { text: 'Something could not be read' },
  fullDescription: {
    text: 'Everything that is to be audited can be read. What cannot be read may be wrong in any way, and what was found about it before is not mended because it is missing here.',
  },
  help: { text: 'Do what the message says, and audit again.' },
};

/**
 * What could not be read as a result: servers that only look at results would take a run without any for one in which
 * all is well.
 * @param ruleIndex - where {@link PROBLEM_RULE} is
 */
export function problemResult(
  problem: ReportedProblem,
  host: string,
  ruleIndex: number,
  logical: LogicalLocations,
) {
  const { cause, reason, target, outcome } = problem;
  return {
    ruleId: PROBLEM_RULE.id,
    ruleIndex,
    kind: 'open',
    level: 'none',
    message: sarifMessage(`${target}: ${reason}`),
    locations: [problemLocation(problem, logical)],
    partialFingerprints: { 'checkAndSubject/v1': fingerprint(PROBLEM_RULE.id, host, target, cause) },
    properties: { code: cause, outcome },
  };
}
