import { printable } from '../../report/printable.js';
import type { PolicyOptions } from '../configuration/configurationFlags.js';
import { loadConfiguration } from '../configuration/loadConfiguration.js';
import { writeOutput } from '../output.js';
import { complain } from '../problems.js';
import type { Ending } from '../program.js';

/**
 * Reads the configuration as an audit would, and says that it is right or what it comes to.
 * @throws UsageError with every mistake in it
 */
export async function config(
  parsed: PolicyOptions & { effective: boolean; format: 'text' | 'json' },
): Promise<Ending> {
  const { effective, warnings } = await loadConfiguration(parsed);
  for (const warning of warnings) complain(warning, 'warning');
  if (parsed.effective || parsed.format === 'json') {
    const { effectiveJson, effectiveText } = await import('../configuration/configurationListing.js');
    writeOutput(parsed.format === 'json' ? effectiveJson(effective) : effectiveText(effective), undefined);
  } else {
    const [file] = effective.policy.sources;
    const read = file === undefined ? 'no configuration file was read' : `read ${file}`;
    writeOutput(printable(`ok, ${read}; profile ${effective.policy.profile}`).concat('\n'), undefined);
  }
  return { exitCode: 0, audited: false };
}
