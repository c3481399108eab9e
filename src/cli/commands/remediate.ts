import { isatty } from 'node:tty';
import type { PatchFormat } from '../../remediation/forms/form.js';
import { printable } from '../../report/printable.js';
import type { PolicyOptions } from '../configuration/configurationFlags.js';
import { loadPolicy } from '../configuration/loadConfiguration.js';
import type { FailOn } from '../exitCode.js';
import { gatherFacts } from '../gather.js';
import { judge } from '../judge.js';
import { sourceOptions } from '../options.js';
import { writeOutput } from '../output.js';
import { expectEnabled, wantedChecks } from '../patching/checkSelection.js';
import { openFindings } from '../patching/openFindings.js';
import { PatchDirectory } from '../patching/patchDirectory.js';
import { planPatches } from '../patching/patches.js';
import { inForm, isWorthSaying } from '../patching/patchText.js';
import { whyUnproven } from '../patching/schemaProof.js';
import { showPatches } from '../patching/shownPatches.js';
import { wholeRunFixes } from '../patching/wholeRunFixes.js';
import { writePatches } from '../patching/writtenPatches.js';
import { complain, complainOf } from '../problems.js';
import type { Ending } from '../program.js';
import { UsageError } from '../usageError.js';

/** What `remediate` understands besides the options of an audit. */
export interface RemediateOptions {
  readonly format: PatchFormat;
  /** A directory. */
  readonly output?: string;
  readonly only?: readonly string[];
  readonly securityInfo?: true;
  readonly failOn: FailOn;
}

/** Prints or writes the patches; ends with the exit code that the audit of the same facts has. */
export async function remediate(
  parsed: Record<string, unknown> & PolicyOptions & RemediateOptions,
): Promise<Ending> {
  const { securityInfo = false, output } = parsed;
  const options = sourceOptions(parsed);
  if (securityInfo && (options.domxml ?? options.from ?? options.ssh) !== undefined) {
    throw new UsageError(
      '--security-info reads passwords from libvirt; it does not go with --domxml, --from and --ssh, whose texts have them or not',
    );
  }
  const only = await wantedChecks(parsed.only, 'all');
  const policy = await loadPolicy(parsed);
  await expectEnabled(parsed.only, policy);
  // Loading modules takes the thread pool, which calls to a stopped daemon may fill for good: load them first.
  const secrets = securityInfo ? await import('../patching/secureDefinitions.js') : null;
  const { FORMS } = await import('../../remediation/forms/forms.js');
  const form = FORMS[parsed.format];
  const directory = output === undefined || output === '-' ? null : PatchDirectory.open(output, securityInfo);
  const facts = await gatherFacts(options);
  directory?.expectSameDomains(facts);
  const patches = await planPatches(facts, policy, {
    only,
    ...(secrets && { complete: (domains) => secrets.withSecrets(domains, options.timeout) }),
  });
  const isSaved = (options.from ?? options.ssh) !== undefined;
  const formed = patches.map((patch) =>
    inForm(form, isSaved && patch.made ? { ...patch, made: { ...patch.made, isSaved } } : patch),
  );
  const fixes = wholeRunFixes(facts, policy, only);
  if (directory) {
    for (const line of writePatches(directory, form, facts, formed, fixes)) complain(line);
    for (const { domain, refused } of formed) {
      if (refused !== null) complain(`domain ${domain}: no patch: ${refused}`);
    }
  } else {
    const { text, aside } = showPatches(form, formed, fixes);
    const isShown = isatty(1);
    // A patch only applies when it is exact; what a person looks at had better be harmless.
    writeOutput(isShown ? text.split('\n').map(printable).join('\n') : text, undefined);
    for (const line of aside) complain(line);
    if (isShown && securityInfo && text !== '')
      complain('what was just shown may hold passwords of VNC and SPICE');
  }
  const unproven = whyUnproven(patches);
  if (unproven !== null) complain(unproven);
  complainOf(facts.problems);
  const report = judge(facts, parsed.failOn, policy);
  const open = openFindings(report, only, fixes);
  if (open.length > 0) complain(`no patch for ${open.join(', ')}; explain CHECK tells the fix`);
  else if (!formed.some(isWorthSaying) && fixes.hostFixes.length === 0 && facts.problems.length === 0) {
    complain('nothing to mend');
  }
  return { exitCode: report.summary.exitCode, audited: true };
}
