import type { CompletedCommand, CompletedOption, Offer } from './completedCommands.js';

/** Completion for bash, with or without the package bash-completion. */
export function bashCompletion(
  commands: readonly CompletedCommand[],
  own: readonly CompletedOption[],
  note: string,
): string {
  const names = commands.map(({ name }) => name);
  return `# ${note}
# shellcheck shell=bash

# Offers the values of an option or of a command's argument: COMMAND OPTION, or COMMAND and nothing.
_virt_clock_audit_values() {
    case "$1 $2" in
${valueCases(commands)}
        *) return 1 ;;
    esac
}

_virt_clock_audit_words() {
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
}

_virt_clock_audit_assigned() {
    compopt -o nospace 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -S = -W "$1" -- "$current")
}

_virt_clock_audit_files() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen "$1" -- "$current")
}

# The hosts of known_hosts and ssh_config, which bash-completion can tell.
_virt_clock_audit_hosts() {
    if declare -F _known_hosts_real >/dev/null; then
        _known_hosts_real -- "$current"
    else
        mapfile -t COMPREPLY < <(compgen -A hostname -- "$current")
    fi
}

_virt_clock_audit() {
    local current=\${COMP_WORDS[COMP_CWORD]} option=\${COMP_WORDS[COMP_CWORD-1]} command=audit words
    COMPREPLY=()
    # A command comes first; without one it is an audit.
    if ((COMP_CWORD > 1)); then
        case \${COMP_WORDS[1]} in
            ${names.join(' | ')}) command=\${COMP_WORDS[1]} ;;
        esac
    elif [[ $current != -* ]]; then
        _virt_clock_audit_words ${quoted(names.join(' '))}
        return
    fi
    # readline takes = for a word of its own.
    if [[ $current == = ]]; then
        current=
    elif [[ $option == = ]] && ((COMP_CWORD > 2)); then
        option=\${COMP_WORDS[COMP_CWORD-2]}
    fi
    case $option in
        ${formats(commands).join(' | ')})
            # --format FORMAT=FILE
            if [[ \${COMP_WORDS[COMP_CWORD]} == = || \${COMP_WORDS[COMP_CWORD-1]} == = ]]; then
                _virt_clock_audit_files -f
                return
            fi
            ;;
        -*) _virt_clock_audit_values "$command" "$option" && return ;;
    esac
    case $command in
${commands.map(({ name, options }) => `        ${name}) words=${quoted(flags(options))} ;;`).join('\n')}
    esac
    # Where a command might stand.
    ((COMP_CWORD == 1)) && words+=${quoted(` ${flags(own)}`)}
    if [[ $current == -* ]]; then
        _virt_clock_audit_words "$words"
    else
        _virt_clock_audit_values "$command" ''
    fi
}

complete -F _virt_clock_audit virt-clock-audit
`;
}

/** One case for each thing that can be offered, since most options are those of several commands. */
function valueCases(commands: readonly CompletedCommand[]): string {
  const patterns = new Map<string, string[]>();
  const add = (offer: Offer, pattern: string) => {
    const call = callOf(offer);
    patterns.set(call, [...(patterns.get(call) ?? []), quoted(pattern)]);
  };
  for (const { name, options, argument } of commands) {
    for (const { long, short, value } of options) {
      if (!value) continue;
      for (const flag of [long, short]) if (flag) add(value, `${name} ${flag}`);
    }
    if (argument) add(argument, `${name} `);
  }
  return [...patterns]
    .map(([call, cases]) => `        ${cases.join(' | \\\n            ')})\n            ${call} ;;`)
    .join('\n');
}

function callOf(offer: Offer): string {
  switch (offer.kind) {
    case 'words':
    case 'formats':
      return `_virt_clock_audit_words ${quoted(offer.words.join(' '))}`;
    case 'assigned':
      return `_virt_clock_audit_assigned ${quoted(offer.words.join(' '))}`;
    case 'files':
      return '_virt_clock_audit_files -f';
    case 'directories':
      return '_virt_clock_audit_files -d';
    case 'hosts':
      return '_virt_clock_audit_hosts';
    case 'nothing':
      return ':';
  }
}

function formats(commands: readonly CompletedCommand[]): string[] {
  const offers = commands.flatMap(({ options }) => options.map(({ value }) => value));
  return [...new Set(offers.flatMap((offer) => (offer?.kind === 'formats' ? offer.words : [])))];
}

function flags(options: readonly CompletedOption[]): string {
  return options
    .flatMap(({ long, short }) => [long, short])
    .filter((flag) => flag !== undefined)
    .join(' ');
}

function quoted(text: string): string {
  return `'${text}'`;
}
