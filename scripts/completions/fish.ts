import type { CompletedCommand, CompletedOption, Offer } from './completedCommands.js';

const COMPLETE = 'complete -c virt-clock-audit';

/** Completion for fish. */
export function fishCompletion(
  commands: readonly CompletedCommand[],
  own: readonly CompletedOption[],
  note: string,
): string {
  const others = commands.map(({ name }) => name).filter((name) => name !== 'audit');
  const lines = commands.flatMap((command) => {
    const { name, description, options, argument } = command;
    // Without a command it is an audit.
    const seen =
      name === 'audit'
        ? `not __fish_seen_subcommand_from ${others.join(' ')}`
        : `__fish_seen_subcommand_from ${name}`;
    return [
      `${COMPLETE} -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
      ...options.map((option) => `${COMPLETE} -n ${quoted(seen)} ${optionFlags(option)}`),
      ...(argument ? [`${COMPLETE} -n ${quoted(seen)} ${offered(argument, false)}`] : []),
    ];
  });
  lines.push(...own.map((option) => `${COMPLETE} -n __fish_use_subcommand ${optionFlags(option)}`));
  return `# ${note}\n\n${COMPLETE} -f\n${lines.join('\n')}\n`;
}

function optionFlags({ long, short, description, value }: CompletedOption): string {
  const flags = [`-l ${long.replace(/^--/, '')}`];
  if (short) flags.push(`-s ${short.replace(/^-/, '')}`);
  if (value) flags.push(offered(value, true));
  return `${flags.join(' ')} -d ${quoted(description)}`;
}

/** @param required - whether it is an option's value, without which the option is not complete */
function offered(offer: Offer, required: boolean): string {
  const exclusive = required ? '-x' : '-f';
  switch (offer.kind) {
    case 'words':
    case 'formats':
      return `${exclusive} -a ${quoted(offer.words.join(' '))}`;
    case 'assigned':
      return `${exclusive} -a ${quoted(offer.words.map((word) => `${word}=`).join(' '))}`;
    case 'files':
      return required ? '-r -F' : '-F';
    case 'directories':
      return `${exclusive} -a '(__fish_complete_directories)'`;
    case 'hosts':
      return `${exclusive} -a '(__fish_print_hostnames)'`;
    case 'nothing':
      return exclusive;
  }
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
