import { beforeEnding } from '../../commands/ending.js';
import { type Format, loadFormat } from '../../report/formats.js';
import { inWords } from '../output.js';
import { failedRun, type OutputOptions, writeForm } from '../outputs.js';
import { complain } from '../problems.js';
import { UsageError } from '../usageError.js';

interface FailureFile {
  readonly form: Format;
  readonly file: string;
}

/** The files that have a form for a failed run, of an audit that is under way. */
let files: readonly FailureFile[] = [];

/**
 * From now on a signal that ends this process leaves the files of the run as those of a failed one, where their form has
 * that: the last result must not pass for this run's. Nothing is waited for, since the thread pool may be blocked for
 * good by calls to a daemon that is stopped.
 * @returns ends that, once the files are written
 */
export async function tellWhenEnded({ format = [], output }: OutputOptions): Promise<() => void> {
  const loaded = await Promise.all(
    format.map(async (wish): Promise<FailureFile[]> => {
      const file = wish.file ?? output;
      if (file === undefined || file === '-') return [];
      const form = await loadFormat(wish.format);
      return form.renderFailure ? [{ form, file }] : [];
    }),
  );
  files = loaded.flat();
  if (files.length === 0) return () => undefined;
  const forget = beforeEnding((signal) => {
    if (signal !== null) writeEndedRun(`${signal} ended the run before it had a result`);
  });
  return () => {
    files = [];
    forget();
  };
}

/** Writes the files of a run that ends here and now; what cannot be written is complained of. */
export function writeEndedRun(message: string): void {
  const failed = failedRun([message]);
  const wanted = files;
  files = [];
  for (const { form, file } of wanted) {
    try {
      writeForm(form, form.renderFailure?.(failed) ?? '', file);
    } catch (error) {
      complain(error instanceof UsageError ? error.message : `cannot write ${file}: ${inWords(error)}`);
    }
  }
}
