import { dirname } from 'node:path';
import { DEFAULT_CONFIGURATION_FILE } from './configuration/configurationFile.js';
import { CONFIGURATION_VARIABLE } from './configuration/configurationVariables.js';
import { identity, isSameFile } from './fileIdentity.js';
import type { SourceOptions } from './options.js';

/** The options that name what a run reads, and where the patches go that a later one reads. */
export type InputOptions = Pick<Partial<SourceOptions>, 'domxml' | 'sshConfig' | 'chronyc'> & {
  readonly from?: string | readonly string[];
  readonly config?: string | false;
  readonly patch?: string;
};

/** An option, and a file that it names. */
export type NamedFile = readonly [option: string, file: string];

/** The files that these options name; the configuration is named by itself. */
export function inputFiles({ config, domxml, from, sshConfig, chronyc, patch }: InputOptions): NamedFile[] {
  const configuration = config ?? (process.env[CONFIGURATION_VARIABLE] || DEFAULT_CONFIGURATION_FILE);
  const named: readonly (readonly [string, string | false | undefined])[] = [
    ['--config', configuration],
    ...(domxml ?? []).map((path) => ['--domxml', path] as const),
    ...[from ?? []].flat().map((path) => ['--from', path] as const),
    ['--ssh-config', sshConfig],
    ['--chronyc', chronyc],
    ['--patch', patch],
  ];
  return named.flatMap(([option, file]) => (file ? [[option, file] as const] : []));
}

/**
 * What would be lost if an output went to a file: something that the run reads, or what it writes by another option.
 * @returns the option with its file; null where nothing is
 */
export function lostTo(output: string, inputs: readonly NamedFile[]): NamedFile | null {
  return inputs.find(([option, file]) => isSameFile(output, file) || isBelow(output, option, file)) ?? null;
}

/** Whether it is one of the files that a directory is named for. */
function isBelow(output: string, option: string, directory: string): boolean {
  const isOfThose = option === '--patch' || (option === '--domxml' && output.endsWith('.xml'));
  return isOfThose && directory !== '-' && identity(dirname(identity(output))) === identity(directory);
}
