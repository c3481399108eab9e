import { statSync } from 'node:fs';
import { InvalidArgumentError, Option } from 'commander';
import { suggestion } from '../policy/suggestion.js';
import { type FailedRun, FORMAT_NAMES, type Format, type FormatName, loadFormat } from '../report/formats.js';
import type { Report } from '../report/report.js';
import { useColour } from './colour.js';
import { descriptorOf } from './descriptors.js';
import { identity } from './fileIdentity.js';
import { type InputOptions, inputFiles, lostTo } from './inputFiles.js';
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

/** A form that is loaded, and where it goes. */
export interface Output {
  /** Undefined for standard output. */
  readonly file: string | undefined;
  /** Whether it is one as {@link isStream} tells. */
  readonly isStream: boolean;
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

/** What an output goes to; undefined for standard output, also where it has another name. */
export function destination(file: string | undefined): string | undefined {
  return file === undefined || file === '-' || descriptorOf(file) === 1 ? undefined : file;
}

/**
 * Loads the forms that are asked for, before anything is looked at.
 * @throws UsageError for two outputs in one place, and for one in the place of what the run reads
 */
export async function openOutputs(options: OutputOptions & InputOptions): Promise<Outputs> {
  const { format = [], output, verbose } = options;
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
      const file = destination(wish.file ?? output);
      const form = await loadFormat(wish.format);
      const look = { colour: file === undefined && useColour(), verbose };
      return {
        ...{ file, isStream: isStream(file), format: wish.format, form },
        render: (reports) => form.render(reports, look),
      };
    }),
  );
  const places = outputs.map(({ file }) => file && identity(file));
  const twice = outputs.find((_, index) => places.indexOf(places[index]) !== index);
  if (twice) throw new UsageError(`two forms would go to ${twice.file ?? 'standard output'}`);
  expectNothingLost(outputs, options);
  // What tells how the run ended comes after the outputs that have a say in that.
  outputs.sort((one, other) => turn(one) - turn(other));
  return new Outputs(outputs);
}

/** A run that fails would replace what it could not read by that news. */
function expectNothingLost(outputs: readonly Output[], options: InputOptions): void {
  const inputs = inputFiles(options);
  for (const { file, isStream: isNoFile } of outputs) {
    const lost = file === undefined || isNoFile ? null : lostTo(file, inputs);
    if (lost === null) continue;
    throw new UsageError(`the output ${file} would be in the place of ${lost.join(' ')}; name another file`);
  }
}

/** Whether somebody reads an output as it is written, and it replaces nothing: standard output, a pipe, a device. */
export function isStream(file: string | undefined): boolean {
  if (file === undefined || file === '-' || descriptorOf(file) !== null) return true;
  try {
    const stats = statSync(file);
    return !stats.isFile() && !stats.isDirectory();
  } catch {
    return false;
  }
}

function turn({ form, isStream: isLater }: Output): number {
  return (isLater ? 2 : 0) + (form.renderIncomplete ? 1 : 0);
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
  /** In the order in which they are to be written, files before streams. */
  readonly all: readonly Output[];

  constructor(all: readonly Output[]) {
    this.all = all;
  }

  /** @throws UsageError where one of the forms has no place for a second host */
  expectHosts(count: number): void {
    const narrow = this.all.find(({ form }) => form.oneHostOnly);
    if (count > 1 && narrow) throw new UsageError(`${narrow.format} has no place for more than one host`);
  }
}
