import { planApplication } from '../changing/applyPlan.js';
import { type ChangingOptions, changeDefinitions } from '../changing/changeDefinitions.js';
import {
  type ChangeReportOptions,
  changeReport,
  requireWritable,
  writeChanges,
} from '../changing/changeReports.js';
import { isAsked, requireConsent } from '../changing/consent.js';
import { ReviewedPatches } from '../changing/reviewedPatches.js';
import type { PolicyOptions } from '../configuration/configurationFlags.js';
import { loadPolicy } from '../configuration/loadConfiguration.js';
import { gatherFacts } from '../gather.js';
import { sourceOptions } from '../options.js';
import { wantedChecks } from '../patching/checkSelection.js';
import type { Ending } from '../program.js';
import { UsageError } from '../usageError.js';

type ApplyOptions = ChangingOptions &
  ChangeReportOptions &
  PolicyOptions & {
    readonly only?: readonly string[];
    readonly temporary: boolean;
    readonly reviewed?: string;
  };

/** Mends the persistent definitions of domains: the only command that writes to libvirt but `rollback`. */
export async function apply(
  domains: readonly string[],
  parsed: Record<string, unknown> & ApplyOptions,
): Promise<Ending> {
  requireConsent(parsed);
  requireWritable(parsed.output);
  const startedAt = new Date().toISOString();
  const wanted = await wantedChecks(parsed.only);
  const reviewed = parsed.reviewed === undefined ? null : ReviewedPatches.read(parsed.reviewed);
  const policy = await loadPolicy(parsed);
  const facts = await gatherFacts(
    sourceOptions({ ...parsed, domain: selected(domains, reviewed), probe: false }),
  );
  const uri = facts.sources[0]?.location ?? '';
  const plans = await planApplication(facts, policy, { wanted, temporary: parsed.temporary, reviewed });
  const undertakings = plans.flatMap((plan) => (plan.kind === 'undertaking' ? [plan.undertaking] : []));
  const made = undertakings.length > 0 ? await changeDefinitions(uri, undertakings, parsed) : [];
  const next = made.values();
  const changes = plans.flatMap((plan) =>
    plan.kind === 'settled' ? [plan.change] : (next.next().value ?? []),
  );
  const report = changeReport('apply', { startedAt, uri, dryRun: parsed.dryRun }, changes, facts.problems);
  await writeChanges(report, parsed, isAsked(parsed));
  return { exitCode: report.exitCode, audited: true };
}

/** The domains that are named; without a name those of the patches that were reviewed. */
function selected(names: readonly string[], reviewed: ReviewedPatches | null): readonly string[] {
  if (names.includes('')) throw new UsageError("an empty argument names no domain; '*' means all");
  if (names.length > 0) return names;
  if (reviewed === null) throw new UsageError("name the domains that are to be mended; '*' means all");
  if (reviewed.uuids.length === 0) throw new UsageError('the manifest has no patch for a domain of libvirt');
  return reviewed.uuids;
}
