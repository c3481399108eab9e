import { beforeEnding } from '../../commands/ending.js';
import { type Format, loadFormat } from '../../report/formats.js';
import { inWords } from '../output.js';
import { destination, failedRun, isStream, type OutputOptions, writeForm } from '../outputs.js';
import { complain } from '../problems.js';
import { UsageError } from '../usageError.js';

interface FailureOutput {
  readonly form: Format;
  /** undefined for standard output. */
  readonly file: string | undefined;
}

/** The outputs that have a form for a failed run, of an audit that is under way. */
let outputs: readonly FailureOutput[] = [];
let forget = (): void => undefined;

/**
 * From now on a signal that ends this process leaves the outputs of the run as those of a failed one, where their form
 * has that: the last result must not pass for this run's, and a monitoring system takes a plugin without a line for a
 * broken one. Nothing is waited for, since the thread pool may be blocked for good by calls to a daemon that is stopped.
 * @returns {@link forgetEndedRun}
 */
export async function tellWhenEnded({ format = [], output }: OutputOptions): Promise<() => void> {
  const loaded = await Promise.all(
    format.map(async (wish): Promise<FailureOutput[]> => {
      const form = await loadFormat(wish.format);
      return form.renderFailure ? [{ form, file: destination(wish.file ?? output) }] : [];
    }),
  );
  // Who reads what is printed may make it wait.
  const turn = ({ file }: FailureOutput) => (isStream(file) ? 1 : 0);
  outputs = loaded.flat().sort((one, other) => turn(one) - turn(other));
  if (outputs.length > 0) {
    forget = beforeEnding((signal) => {
      if (signal !== null) writeEndedRun(`${signal} ended the run before it had a result`);
    });
  }
  return forgetEndedRun;
}

/** Ends what {@link tellWhenEnded} began, once the outputs are written, with a result or as those of a failed run. */
export function forgetEndedRun(): void {
  outputs = [];
  forget();
}

/** Writes the outputs of a run that ends here and now, once; what cannot be written is complained of. */
export function writeEndedRun(message: string): void {
  const failed = failedRun([message]);
  const wanted = outputs;
  outputs = [];
  for (const { form, file } of wanted) {
    try {
      writeForm(form, form.renderFailure?.(failed) ?? '', file);
    } catch (error) {
      const reason = `cannot write ${file ?? 'to standard output'}: ${inWords(error)}`;
      complain(error instanceof UsageError ? error.message : reason);
    }
  }
}
