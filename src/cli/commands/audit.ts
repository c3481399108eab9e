import type { Facts } from '../../facts/facts.js';
import type { Policy } from '../../policy/policy.js';
import type { PolicyOptions } from '../configuration/configurationFlags.js';
import { loadPolicy } from '../configuration/loadConfiguration.js';
import { EXIT_USAGE } from '../exitCode.js';
import { gatherEach } from '../gather.js';
import { judge } from '../judge.js';
import type { ReportOptions } from '../options.js';
import { sourceOptions } from '../options.js';
import { openOutputs } from '../outputs.js';
import { complain } from '../problems.js';
import type { Ending } from '../program.js';
import { tellWhenEnded } from '../scheduled/endedRun.js';
import type { Schedule, ScheduleOptions } from '../scheduled/schedule.js';
import type { NamedFiles } from '../scheduled/statePlace.js';
import { UsageError } from '../usageError.js';
import { Writing } from '../writing.js';

/** The main job: gather, judge, report. */
export async function audit(
  parsed: Record<string, unknown> & ReportOptions & PolicyOptions & ScheduleOptions & { patch?: string },
): Promise<Ending> {
  const options = sourceOptions(parsed);
  // Loading modules takes the thread pool, which calls to a stopped daemon may fill for good: load them first.
  const outputs =
    parsed.state === undefined
      ? await openOutputs(parsed)
      : await (await import('../scheduled/quietOutputs.js')).openQuietOutputs(parsed);
  outputs.expectHosts(options.ssh?.length ?? 1);
  if (parsed.patch !== undefined && (options.ssh?.length ?? 1) > 1) {
    throw new UsageError('--patch writes the patches of one host; name one with --ssh');
  }
  const policy = await loadPolicy(parsed);
  const schedule = await beginSchedule(parsed);
  if (schedule === 'another run') return { exitCode: EXIT_USAGE, audited: false };
  const written = await tellWhenEnded(parsed);
  const patches = parsed.patch === undefined ? null : await openPatches(parsed.patch);
  const hosts = await gatherEach(options);
  for (const facts of hosts) patches?.check(facts);
  const reports = hosts.map((facts) => judge(facts, parsed.failOn, policy));
  const writing = new Writing(outputs, reports);
  try {
    await writing.attempt(async () => {
      for (const facts of hosts) await patches?.write(facts, policy);
    });
    writing.writeFiles();
  } finally {
    written();
  }
  // What is printed may wait for its reader. From here on the result is in the files, and a signal ends the run at once.
  await writing.attempt(() => schedule?.end(reports, parsed.failOn));
  writing.writeStreams();
  try {
    writing.end();
  } finally {
    schedule?.release();
  }
  return { exitCode: Math.max(...reports.map(({ summary }) => summary.exitCode)), audited: true };
}

/** `--state` and `--jitter`; the lock comes first, so that runs which wait do not pile up either. */
async function beginSchedule({
  state,
  jitter,
  ...named
}: ScheduleOptions & NamedFiles): Promise<Schedule | null | 'another run'> {
  if (state === undefined && jitter === undefined) return null;
  const [{ Schedule, waitUpTo }, { LockUnavailable }] = await Promise.all([
    import('../scheduled/schedule.js'),
    import('../../apply/lock.js'),
  ]);
  try {
    const schedule = state === undefined ? null : await Schedule.begin(state, named);
    if (jitter !== undefined) await waitUpTo(jitter);
    return schedule;
  } catch (error) {
    if (!(error instanceof LockUnavailable)) throw error;
    complain(error.message);
    return 'another run';
  }
}

/** `--patch`: makes the directory before anything is looked at, and loads what writes into it. */
async function openPatches(path: string): Promise<{
  check: (facts: Facts) => void;
  write: (facts: Facts, policy: Policy) => Promise<void>;
}> {
  const [{ PatchDirectory }, { writeDiffs }] = await Promise.all([
    import('../patching/patchDirectory.js'),
    import('../patching/writtenDiffs.js'),
  ]);
  const directory = PatchDirectory.open(path, false, '--patch');
  return {
    check: (facts) => directory.expectSameDomains(facts),
    write: (facts, policy) => writeDiffs(directory, facts, policy),
  };
}
