import type { InputOptions } from '../inputFiles.js';
import { destination, type OutputOptions, Outputs, openOutputs } from '../outputs.js';
import { UsageError } from '../usageError.js';

/**
 * The outputs of a run that keeps standard output for the line that tells what changed: files, or none.
 * @throws UsageError for a form that would go to standard output
 */
export async function openQuietOutputs(options: OutputOptions & InputOptions): Promise<Outputs> {
  const { format = [], output } = options;
  if (format.length === 0 && output === undefined) return new Outputs([]);
  const first = format.find(({ file }) => destination(file ?? output) === undefined);
  if (first !== undefined || (format.length === 0 && destination(output) === undefined)) {
    throw new UsageError(
      `--state keeps standard output for what changed; write --format ${first?.format ?? 'text'}=FILE`,
    );
  }
  return openOutputs(options);
}
