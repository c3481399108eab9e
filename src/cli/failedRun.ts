import { loadFormat } from '../report/formats.js';
import { identity } from './fileIdentity.js';
import { inputFiles, lostTo, type NamedFile } from './inputFiles.js';
import { destination, failedRun, isStream, type OutputWish, outputWish, writeForm } from './outputs.js';
import { complain } from './problems.js';
import { forgetEndedRun } from './scheduled/endedRun.js';
import { mistakesOf } from './usageError.js';

/**
 * Writes what stands for a run without a report where a form has that, so that nobody takes the last result for this
 * run's. The command line itself may be what was wrong, so it is only searched for outputs here.
 * @param args - the arguments without node's and the script's path
 */
export async function reportFailedRun(args: readonly string[], messages: readonly string[]): Promise<void> {
  const failed = failedRun(messages);
  // Two things in one place are a mistake of the command line, which is not made worse here.
  const places = [...wishes(args).map(({ file }) => place(file)), ...valuesOf(args, '--state').map(place)];
  const inputs = namedInputs(args);
  const written = new Set<string | null>();
  const write = async ({ format, file }: OutputWish): Promise<void> => {
    const own = place(file);
    if (own === null ? written.has(own) : places.filter((it) => it === own).length > 1) return;
    try {
      const form = await loadFormat(format);
      if (!form.renderFailure) return;
      written.add(own);
      writeForm(form, form.renderFailure(failed), file);
    } catch (error) {
      for (const mistake of mistakesOf(error)) complain(mistake);
    }
  };
  const outputs = wishes(args).map((wish) => ({ ...wish, stream: isStream(wish.file) }));
  for (const output of outputs) {
    if (!output.stream && lostTo(output.file ?? '', inputs) === null) await write(output);
  }
  // Who reads what is printed may make it wait, which no signal has to.
  forgetEndedRun();
  for (const output of outputs) if (output.stream) await write(output);
}

/** What tells files from each other; null for standard output. */
function place(file: string | undefined): string | null {
  const named = destination(file);
  return named === undefined ? null : identity(named);
}

/** What the run would have read, which its failure must not take the place of. */
function namedInputs(args: readonly string[]): NamedFile[] {
  const options = ['--config', '--domxml', '--from', '--ssh-config', '--chronyc', '--patch'];
  const named = options.flatMap((it) => valuesOf(args, it).map((file) => [it, file] as const));
  return [...named, ...inputFiles({})];
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
