import { loadFormat } from '../report/formats.js';
import { failedRun, identity, type OutputWish, outputWish, writeForm } from './outputs.js';
import { complain } from './problems.js';
import { UsageError } from './usageError.js';

/**
 * Writes what stands for a run without a report where a form has that, so that nobody takes the last result for this
 * run's. The command line itself may be what was wrong, so it is only searched for outputs here.
 * @param args - the arguments without node's and the script's path
 */
export async function reportFailedRun(args: readonly string[], messages: readonly string[]): Promise<void> {
  const failed = failedRun(messages);
  // Two things in one place are a mistake of the command line, which is not made worse here.
  const places = [...wishes(args).map(({ file }) => place(file)), ...valuesOf(args, '--state').map(place)];
  let isPrinted = false;
  for (const { format, file } of wishes(args)) {
    const form = await loadFormat(format);
    if (!form.renderFailure) continue;
    const own = place(file);
    if (own === null ? isPrinted : places.filter((it) => it === own).length > 1) continue;
    isPrinted ||= own === null;
    try {
      writeForm(form, form.renderFailure(failed), own === null ? undefined : file);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      for (const mistake of error.mistakes) complain(mistake);
    }
  }
}

/** What tells files from each other; null for standard output. */
function place(file: string | undefined): string | null {
  return file === undefined || file === '-' ? null : identity(file);
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
