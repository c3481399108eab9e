import type { Argument, Command, Option } from 'commander';
import { CHECKS } from '../../src/checks/registry.js';
import { PROFILE_NAMES } from '../../src/policy/profiles.js';
import { THRESHOLD_NAMES } from '../../src/policy/thresholdDescriptions.js';
import { FORMAT_NAMES } from '../../src/report/formats.js';

/** What a shell can offer for a value. `assigned` words want `=` and something behind them. */
export type Offer =
  | { readonly kind: 'words' | 'assigned' | 'formats'; readonly words: readonly string[] }
  | { readonly kind: 'files' | 'directories' | 'hosts' | 'nothing' };

/** An option as a shell completes it. */
export interface CompletedOption {
  readonly long: string;
  readonly short: string | undefined;
  readonly description: string;
  /** null for an option without a value. */
  readonly value: Offer | null;
  readonly repeatable: boolean;
}

/** A command as a shell completes it. */
export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  /** What its arguments can be; null where it takes none. */
  readonly argument: Offer | null;
}

/** Every command of a command line, and how a shell completes it. */
export function completedCommands(program: Command): CompletedCommand[] {
  const help = program.createHelp();
  const names = program.commands.map((command) => command.name());
  return help.visibleCommands(program).map((command) => ({
    name: command.name(),
    description: command.description(),
    options: help.visibleOptions(command).map(completedOption),
    argument: argumentOffer(command.name() === 'help' ? names : null, command.registeredArguments[0]),
  }));
}

/** The options that stand where a command might, such as `--version`. */
export function ownOptions(program: Command): CompletedOption[] {
  const inAudits = program.commands.find((command) => command.name() === 'audit');
  const known = new Set(
    inAudits &&
      program
        .createHelp()
        .visibleOptions(inAudits)
        .map(({ long }) => long),
  );
  return program
    .createHelp()
    .visibleOptions(program)
    .filter(({ long }) => !known.has(long))
    .map(completedOption);
}

/** An option of the command line, for shells. */
export function completedOption(option: Option): CompletedOption {
  return {
    long: option.long ?? '',
    short: option.short,
    description: option.description,
    value: option.required || option.optional ? valueOffer(option) : null,
    repeatable: /\brepeatable\b/.test(option.description),
  };
}

function valueOffer({ long, flags, argChoices }: Option): Offer {
  if (argChoices) return { kind: 'words', words: argChoices };
  if (long === '--format') return { kind: 'formats', words: FORMAT_NAMES };
  if (long === '--profile') return { kind: 'words', words: PROFILE_NAMES };
  if (long === '--set') return { kind: 'assigned', words: ['fleetTimeZone', ...THRESHOLD_NAMES] };
  return placeholderOffer(/<([^>]+)>/.exec(flags)?.[1] ?? '');
}

function argumentOffer(words: readonly string[] | null, argument: Argument | undefined): Offer | null {
  if (words) return { kind: 'words', words };
  return argument ? placeholderOffer(argument.name()) : null;
}

/** What the name of a value tells about it. */
function placeholderOffer(name: string): Offer {
  if (name === 'check') return { kind: 'words', words: CHECKS.map(({ id }) => id) };
  if (name === 'host') return { kind: 'hosts' };
  if (name === 'directory') return { kind: 'directories' };
  return ['file', 'path', 'manifest', 'backup'].includes(name) ? { kind: 'files' } : { kind: 'nothing' };
}
