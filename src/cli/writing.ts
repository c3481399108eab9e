import type { Report } from '../report/report.js';
import { failedRun, type Output, type Outputs, OutputsFailed, writeForm } from './outputs.js';
import { mistakesOf, UsageError } from './usageError.js';

/** How a run writes what it came to: each output whatever becomes of the others, and at last how that ended. */
export class Writing {
  readonly #outputs: readonly Output[];
  readonly #reports: readonly Report[];
  readonly #mistakes: string[] = [];
  #failures = 0;
  /** The files that tell how the run ended, and of how many failures they tell. */
  readonly #told = new Map<Output, number>();

  /** @throws UsageError where one of the forms has no place for all of the reports */
  constructor(outputs: Outputs, reports: readonly Report[]) {
    outputs.expectHosts(reports.length);
    this.#outputs = outputs.all;
    this.#reports = reports;
  }

  /** Does something else that the run is asked for, which counts as an output that fails where it throws. */
  async attempt(deed: () => void | Promise<void>): Promise<void> {
    try {
      await deed();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Writes the files, at last those that tell how the run ended. */
  writeFiles(): void {
    for (const output of this.#outputs) if (!output.isStream) this.#write(output);
  }

  /** Writes what somebody reads meanwhile, and may keep waiting: no signal may be held up for that. */
  writeStreams(): void {
    for (const output of this.#outputs) if (output.isStream) this.#write(output);
  }

  /**
   * Tells the files of what failed after they were written.
   * @throws OutputsFailed when anything did
   */
  end(): void {
    // One that cannot be written again is told by the others.
    for (let stale = this.#stale(); stale !== undefined; stale = this.#stale()) this.#write(stale);
    const [first, ...others] = this.#mistakes;
    if (first !== undefined) throw new OutputsFailed(first, ...others);
  }

  #stale(): Output | undefined {
    return [...this.#told.keys()].find((output) => this.#told.get(output) !== this.#failures);
  }

  #write(output: Output): void {
    const { file, form, render } = output;
    const failedOutputs = this.#failures;
    const incomplete = { ...failedRun(this.#mistakes), failedOutputs };
    this.#told.delete(output);
    try {
      const text = failedOutputs > 0 ? form.renderIncomplete?.(this.#reports, incomplete) : undefined;
      writeForm(form, text ?? render(this.#reports), file);
      if (form.renderIncomplete && !output.isStream) this.#told.set(output, failedOutputs);
    } catch (error) {
      this.#fail(error);
      if (!(error instanceof UsageError)) this.#writeFailure(output);
    }
  }

  /** For a form that crashed. */
  #writeFailure({ file, form }: Output): void {
    if (!form.renderFailure) return;
    try {
      writeForm(form, form.renderFailure(failedRun(this.#mistakes)), file);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failures++;
    this.#mistakes.push(...mistakesOf(error));
  }
}
