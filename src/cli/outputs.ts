import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { suggestion } from '../policy/suggestion.js';
import { type FailedRun, FORMAT_NAMES, type Format, type FormatName, loadFormat } from '../report/formats.js';
import type { Report } from '../report/report.js';
import { useColour } from './colour.js';
import { writeOutput } from './output.js';
import { UsageError } from './usageError.js';
import { toolVersion } from './version.js';

/** A form, and the file that it goes to where `--format` names one. */
export interface OutputWish {
  readonly format: FormatName;
  readonly file?: string;
}

/** What a command that reports was told about its output. */
export interface OutputOptions {
  readonly format?: readonly OutputWish[];
  readonly output?: string;
  readonly verbose: boolean;
}

/** A form that is loaded, and where it goes: undefined for standard output. */
interface Output {
  readonly file: string | undefined;
  readonly render: (reports: readonly Report[]) => string;
  readonly form: Format;
  readonly format: FormatName;
}

/** Thrown when a report was made, but not all of its outputs could be written; the others were. */
export class OutputsFailed extends UsageError {}

/** `--format` of the commands that know every form, more than once for several outputs. */
export function formatsOption(): Option {
  const description = `${FORMAT_NAMES.join(', ')}; with =FILE behind it, into that file (repeatable; default: text)`;
  return new Option('--format <format>', description).argParser(parseWish);
}

function parseWish(value: string, previous: readonly OutputWish[] = []): readonly OutputWish[] {
  const wish = outputWish(value);
  if (wish === null) {
    const [name = ''] = value.split('=');
    const meant = suggestion(name, FORMAT_NAMES);
    throw new InvalidArgumentError(`Allowed choices are ${FORMAT_NAMES.join(', ')}${meant || '.'}`);
  }
  if (wish.file === '') throw new InvalidArgumentError('The name of the file is empty.');
  return [...previous, wish];
}

/** Reads `FORMAT` or `FORMAT=FILE`; null for what is neither. */
export function outputWish(value: string): OutputWish | null {
  const [, name, file] = /^([a-z]+)(?:=(.*))?$/s.exec(value) ?? [];
  const format = FORMAT_NAMES.find((it) => it === name);
  return format ? { format, ...(file !== undefined && { file }) } : null;
}

/**
 * Loads the forms that are asked for, before anything is looked at.
 * @throws UsageError for two outputs in one place
 */
export async function openOutputs({ format = [], output, verbose }: OutputOptions): Promise<Outputs> {
  const bare = format.filter(({ file }) => file === undefined);
  if (bare.length > 1) {
    throw new UsageError(
      `only one form goes to one place: write --format ${bare[1]?.format}=FILE for the second`,
    );
  }
  // Whoever asks for files alone wants nothing on standard output.
  const withoutBare = bare.length === 0 && (format.length === 0 || output !== undefined);
  const wishes: OutputWish[] = [...(withoutBare ? [{ format: 'text' } as const] : []), ...format];
  const outputs = await Promise.all(
    wishes.map(async (wish): Promise<Output> => {
      const file = wish.file ?? output;
      const place = file === '-' ? undefined : file;
      const form = await loadFormat(wish.format);
      const options = { colour: place === undefined && useColour(), verbose };
      return {
        ...{ file: place, format: wish.format, form },
        render: (reports) => form.render(reports, options),
      };
    }),
  );
  const places = outputs.map(({ file }) => file && identity(file));
  const twice = outputs.find((_, index) => places.indexOf(places[index]) !== index);
  if (twice) throw new UsageError(`two forms would go to ${twice.file ?? 'standard output'}`);
  // What tells how the run ended comes after the outputs that have a say in that.
  outputs.sort((one, other) => turn(one) - turn(other));
  return new Outputs(outputs);
}

function turn({ file, form }: Output): number {
  return (form.renderIncomplete ? 2 : 0) + (file === undefined ? 1 : 0);
}

/** The same for all paths of a file, whether it exists yet or not. */
export function identity(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return join(identityOfDirectory(dirname(resolve(file))), basename(resolve(file)));
  }
}

function identityOfDirectory(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    return directory;
  }
}

/**
 * Writes what a form made, with the permissions that its readers need.
 * @throws UsageError when it cannot be written
 */
export function writeForm({ newFileMode }: Format, text: string, file: string | undefined): void {
  writeOutput(text, file, newFileMode, newFileMode !== undefined);
}

/** A run that ends without all of its outputs, or without any. */
export function failedRun(messages: readonly string[]): FailedRun {
  return { messages, toolVersion: toolVersion(), endedAtSeconds: Date.now() / 1000 };
}

/** Where reports go. */
export class Outputs {
  readonly #outputs: readonly Output[];

  constructor(outputs: readonly Output[]) {
    this.#outputs = outputs;
  }

  /** @throws UsageError where one of the forms has no place for a second host */
  expectHosts(count: number): void {
    const narrow = this.#outputs.find(({ form }) => form.oneHostOnly);
    if (count > 1 && narrow) throw new UsageError(`${narrow.format} has no place for more than one host`);
  }

  /**
   * Writes each output, whatever became of the others.
   * @throws OutputsFailed when not all could be written
   */
  write(reports: readonly Report[]): void {
    this.expectHosts(reports.length);
    const mistakes: string[] = [];
    const crashes: unknown[] = [];
    for (const { file, form, render } of this.#outputs) {
      const failedOutputs = mistakes.length + crashes.length;
      const incomplete = { ...failedRun(mistakes), failedOutputs };
      try {
        const text = failedOutputs > 0 ? form.renderIncomplete?.(reports, incomplete) : undefined;
        writeForm(form, text ?? render(reports), file);
      } catch (error) {
        if (error instanceof UsageError) mistakes.push(...error.mistakes);
        else crashes.push(error);
      }
    }
    if (crashes.length > 0) throw crashes[0];
    const [first, ...others] = mistakes;
    if (first !== undefined) throw new OutputsFailed(first, ...others);
  }
}
