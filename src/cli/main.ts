import { type Command, CommanderError } from 'commander';
import { suggestion } from '../policy/suggestion.js';
import { shellWord } from '../remediation/forms/shellWord.js';
import { plural } from '../report/plural.js';
import { EXIT_USAGE } from './exitCode.js';
import { writeOutput } from './output.js';
import { OutputsFailed } from './outputs.js';
import { documentationExitCode } from './pluginHelp.js';
import { complain } from './problems.js';
import { type Ending, makeProgram } from './program.js';
import { mistakesOf } from './usageError.js';

/**
 * Runs the command line and returns how it ended, after everything has been written. Never throws: what goes
 * wrong is one line on standard error (one for each mistake in a configuration), and exit code 3.
 * @param args - the arguments without node's and the script's path
 */
export async function main(args: readonly string[]): Promise<Ending> {
  let ending: Ending = { exitCode: 0, audited: false };
  const program = makeProgram((it) => {
    ending = it;
  });
  let isDocumentation = false;
  const writeOut = (text: string) => {
    isDocumentation = true;
    writeOutput(text, undefined);
  };
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeOut, writeErr: () => undefined });
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return ending;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return { ...ending, exitCode: documentationExitCode(args) };
    }
    const mistakes = inSentences(error, program);
    for (const mistake of mistakes) complain(mistake);
    // What was no run has no result, and a run that has one tells of what it could not write.
    if (!isDocumentation && !(error instanceof OutputsFailed) && writesReports(args, program)) {
      await (await import('./failedRun.js')).reportFailedRun(args, mistakes);
    }
    return { exitCode: EXIT_USAGE, audited: false };
  }
}

function inSentences(error: unknown, program: Command): readonly string[] {
  if (error instanceof CommanderError) return [commandLineMistake(error, program)];
  return mistakesOf(error);
}

/** Whether the command is one that writes reports; without a word for a command it is an audit. */
function writesReports([word = '']: readonly string[], program: Command): boolean {
  const named = program.commands.find((command) => command.name() === word)?.name() ?? 'audit';
  return named === 'audit' || named === 'report';
}

function commandLineMistake(error: CommanderError, program: Command): string {
  const message = error.message.replace(/^error: /, '').replace(/\s+/g, ' ');
  const names = program.commands.map((command) => command.name());
  const noCommand = (word: string) =>
    `there is no command '${word}'${suggestion(word, names)} (--help tells the commands; --domain names a domain)`;
  // What commander says where it would print the help of a command that there is not.
  if (error.code === 'commander.help') return noCommand(program.args[1] ?? program.args[0] ?? '');
  if (error.code !== 'commander.excessArguments') return `${message} (--help tells the options)`;
  const command = program.commands.find(({ args }) => args.length > 0);
  const expected = command?.registeredArguments.length ?? 0;
  const word = command?.args[expected] ?? '';
  if (names.includes(word)) {
    return `unexpected argument '${word}'; a command comes first, before all options (--help tells the commands)`;
  }
  // A word that is no command reaches the default command as an argument too many.
  if (!command || command.name() !== program.args[0]) return noCommand(word);
  const takes = expected === 0 ? 'no arguments' : `${expected} ${plural(expected, 'argument')}`;
  const isDomain = command.options.some(({ long }) => long === '--domain');
  return `unexpected argument '${word}': ${command.name()} takes ${takes}${isDomain ? `; for a domain of that name: --domain ${shellWord(word)}` : ''} (--help tells the options)`;
}
