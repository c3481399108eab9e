import type { CompletedCommand, CompletedOption, Offer } from './completedCommands.js';

/** Completion for zsh; the file belongs into a directory of fpath, as _virt-clock-audit. */
export function zshCompletion(
  commands: readonly CompletedCommand[],
  own: readonly CompletedOption[],
  note: string,
): string {
  const described = commands.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`);
  return `#compdef virt-clock-audit
# ${note}

_virt-clock-audit_formats() {
  if compset -P '*='; then
    _files
  else
    compadd -- "$@"
  fi
}

_virt-clock-audit() {
  local curcontext="$curcontext" command=audit
  local -a own
  local -a commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe -t commands command commands
    return
  fi
  # Where a command might stand.
  (( CURRENT == 2 )) && own=(${own.map(optionSpec).join(' ')})
  # A command comes first; without one it is an audit.
  if (( CURRENT > 2 && \${commands[(I)\${(b)words[2]}:*]} )); then
    command=$words[2]
    shift words
    (( CURRENT-- ))
  fi
  case $command in
${commands.map(commandCase).join('\n')}
  esac
}

_virt-clock-audit "$@"
`;
}

function commandCase({ name, options, argument }: CompletedCommand): string {
  const specs = options.map((option) => `        ${optionSpec(option)}`);
  if (argument) specs.push(`        ${quoted(`*:argument:${action(argument)}`)}`);
  const first = name === 'audit' ? ' $own' : '';
  return `    ${name})
      _arguments -s${first} \\
${specs.join(' \\\n')}
      ;;`;
}

function optionSpec({ long, short, description, value, repeatable }: CompletedOption): string {
  const explained = `[${description.replace(/[\\[\]]/g, '\\$&')}]`;
  const taken = value ? `:${long.replace(/^-+/, '')}:${action(value)}` : '';
  const spec = quoted(explained + taken);
  const [longForm, shortForm] = value ? [`${long}=`, `${short}+`] : [long, `${short}`];
  if (short === undefined) return quoted(`${repeatable ? '*' : ''}${longForm}`) + spec;
  return `${quoted(repeatable ? '*' : `(${short} ${long})`)}{${shortForm},${longForm}}${spec}`;
}

function action(offer: Offer): string {
  switch (offer.kind) {
    case 'words':
      return `(${offer.words.join(' ')})`;
    case 'assigned':
      return `{compadd -S = -- ${offer.words.join(' ')}}`;
    case 'formats':
      return `{_virt-clock-audit_formats ${offer.words.join(' ')}}`;
    case 'files':
      return '_files';
    case 'directories':
      return '_files -/';
    case 'hosts':
      return '{compset -P "*@"; _hosts}';
    case 'nothing':
      return ' ';
  }
}

function quoted(text: string): string {
  return `'${text.replace(/'/g, "'\\''")}'`;
}
