import { loadFormat } from '../report/formats.js';
import { writeOutput } from './output.js';
import { failedRun, type OutputWish, outputWish } from './outputs.js';
import { complain } from './problems.js';
import { UsageError } from './usageError.js';

/**
 * Writes what stands for a run without a report where a form has that, so that nobody takes the last result for this
 * run's. The command line itself may be what was wrong, so it is only searched for outputs here.
 * @param args - the arguments without node's and the script's path
 */
export async function reportFailedRun(args: readonly string[], messages: readonly string[]): Promise<void> {
  const failed = failedRun(messages);
  for (const { format, file } of wishes(args)) {
    const { renderFailure } = await loadFormat(format);
    if (!renderFailure) continue;
    try {
      writeOutput(renderFailure(failed), file);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      for (const mistake of error.mistakes) complain(mistake);
    }
  }
}

function wishes(args: readonly string[]): OutputWish[] {
  const output = valuesOf(args, '--output', '-o').at(-1);
  return valuesOf(args, '--format').flatMap((value) => {
    const wish = outputWish(value);
    return wish ? [{ ...(output !== undefined && { file: output }), ...wish }] : [];
  });
}

/** The values of an option in both of its spellings; a short one may have `-v`, which takes none, before it. */
function valuesOf(args: readonly string[], long: string, short?: string): string[] {
  return args.flatMap((arg, index) => {
    const isShort =
      short !== undefined && /^-v*[^-v]/.test(arg) && arg.replace(/^-v*/, '-').startsWith(short);
    if (arg === long) return args[index + 1] ?? [];
    if (arg.startsWith(`${long}=`)) return arg.slice(long.length + 1);
    if (!isShort) return [];
    return arg.replace(/^-v*/, '-').slice(short.length) || (args[index + 1] ?? []);
  });
}
