import type { RecordedRecord } from './records.js';

/** Why the recording has no answer of virsh about a UUID, `version` or `capabilities`. */
export type VirshSilence = (subject: string) => string;

/** Reads what the collector tells of questions that virsh did not answer in time, or was not asked after that. */
export function virshSilence(
  records: readonly RecordedRecord[],
  deadlineSeconds: number | undefined,
): VirshSilence {
  const of = (kind: string) => new Set(records.filter((it) => it.kind === kind).map(({ words }) => words));
  const hung = of('virsh-hung');
  const notAsked = of('virsh-not-asked');
  const time = deadlineSeconds === undefined ? 'in time' : `within ${deadlineSeconds} s`;
  return (subject) => {
    if (hung.has(subject)) return `virsh gave no answer to this ${time}`;
    if (notAsked.has(subject))
      return `virsh was not asked this, after it had given no answer ${time} for three domains in a row`;
    return 'the recording does not hold what virsh said of this';
  };
}
