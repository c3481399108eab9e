import type { CommandRun } from '../../commands/command.js';
import { sourceLines, statisticsLines } from './chronycSources.js';
import { trackingLine } from './chronycTracking.js';
import type { Collected } from './collected.js';
import { outputOf } from './commandOutput.js';

const ACTIVITY = [
  /^(\d+) sources? online$/m,
  /^(\d+) sources? offline$/m,
  /^(\d+) sources? doing burst \(return to online\)$/m,
  /^(\d+) sources? doing burst \(return to offline\)$/m,
  /^(\d+) sources? with unknown address$/m,
];

/**
 * What chronyc would have said to a program, made of what it said to people: sos only asks for the latter. Each report was
 * asked for by itself, within a second or so.
 * @returns by the questions that are put to chronyc; none for what sos did not ask
 */
export function chronycRuns(report: Collected): ReadonlyMap<string, CommandRun> {
  const tracking = outputOf(report, 'chronyc_tracking') ?? outputOf(report, 'chronyc_-n_tracking');
  const sources = outputOf(report, 'chronyc_-n_sources') ?? outputOf(report, 'chronyc_sources');
  const statistics = outputOf(report, 'chronyc_-n_sourcestats') ?? outputOf(report, 'chronyc_sourcestats');
  const activity = outputOf(report, 'chronyc_activity');
  const essential = 'chronyc -c -n -m tracking sources';
  const all = `${essential} sourcestats activity`;
  if (tracking === null) return new Map();
  const complaint = complaintOf(tracking);
  if (complaint !== null) {
    const run = { end: 'finished', exitCode: 1, output: complaint, said: '' } as const;
    return new Map([all, essential].map((question) => [question, run]));
  }
  if (sources === null) return new Map();
  const lines = [trackingLine(tracking), sourceLines(sources)] as const;
  // What cannot be understood is handed on as it is, so that it is told of as any other chronyc's.
  if (lines[0] === null || lines[1] === null) {
    return new Map([all, essential].map((question) => [question, finished(`${tracking}\n${sources}`)]));
  }
  const first = [lines[0], ...lines[1]];
  const runs = new Map<string, CommandRun>([[essential, finished(first.join('\n'))]]);
  const names = lines[1].map((line) => line.split(',')[2] ?? '');
  const more = statistics === null ? null : statisticsLines(statistics, names);
  const counts = ACTIVITY.map((form) => (activity === null ? undefined : form.exec(activity)?.[1]));
  if (more !== null && !counts.includes(undefined)) {
    runs.set(all, finished([...first, ...more, counts.join(',')].join('\n')));
  }
  return runs;
}

function finished(output: string): CommandRun {
  return { end: 'finished', exitCode: 0, output: `${output}\n`, said: '' };
}

/** What chronyc prints in place of a report, such as `506 Cannot talk to daemon`. */
function complaintOf(text: string): string | null {
  const line = /^(5\d\d .*|.*(?:Cannot talk to daemon|Could not open connection).*)$/m.exec(text)?.[1];
  return line?.slice(0, 200) ?? null;
}
