import type { Facts } from '../../facts/facts.js';
import type { Policy } from '../../policy/policy.js';
import type { PolicyOptions } from '../configuration/configurationFlags.js';
import { loadPolicy } from '../configuration/loadConfiguration.js';
import { gatherEach } from '../gather.js';
import { judge } from '../judge.js';
import type { ReportOptions } from '../options.js';
import { sourceOptions } from '../options.js';
import { openOutputs } from '../outputs.js';
import type { Ending } from '../program.js';
import { UsageError } from '../usageError.js';

/** The main job: gather, judge, report. */
export async function audit(
  parsed: Record<string, unknown> & ReportOptions & PolicyOptions & { patch?: string },
): Promise<Ending> {
  const options = sourceOptions(parsed);
  // Loading modules takes the thread pool, which calls to a stopped daemon may fill for good: load them first.
  const outputs = await openOutputs(parsed);
  outputs.expectHosts(options.ssh?.length ?? 1);
  if (parsed.patch !== undefined && (options.ssh?.length ?? 1) > 1) {
    throw new UsageError('--patch writes the patches of one host; name one with --ssh');
  }
  const patches = parsed.patch === undefined ? null : await openPatches(parsed.patch);
  const policy = await loadPolicy(parsed);
  const hosts = await gatherEach(options);
  for (const facts of hosts) patches?.check(facts);
  const reports = hosts.map((facts) => judge(facts, parsed.failOn, policy));
  outputs.write(reports);
  for (const facts of hosts) await patches?.write(facts, policy);
  return { exitCode: Math.max(...reports.map(({ summary }) => summary.exitCode)), audited: true };
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
