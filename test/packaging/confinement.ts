import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandPath } from '../support/commandPath.js';
import { PYTHON } from '../support/requirement.js';
import { projectRoot } from '../support/runTool.js';

/** A unit's settings in order, one a line. */
export function settingsOf(path: string): readonly (readonly [name: string, value: string])[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => /^[A-Z]\w*=/.test(line))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
}

/** Every value of a setting. */
export function valuesOf(path: string, name: string): string[] {
  return settingsOf(path).flatMap(([it, value]) => (it === name ? value.split(' ') : []));
}

/** The system calls of a filter, with those of its groups. */
function systemCalls(filter: readonly string[]): string[] {
  return filter.flatMap((name) => {
    if (!name.startsWith('@')) return [name];
    const { stdout } = spawnSync('systemd-analyze', ['--no-pager', 'syscall-filter', name]);
    const members = `${stdout}`
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
    return systemCalls(members.filter((line) => line !== '' && !line.startsWith('#')));
  });
}

const FAMILIES: Readonly<Record<string, number>> = { AF_UNIX: 1, AF_INET: 2, AF_INET6: 10 };

/** What of a unit's confinement a test can lay on a command without systemd. */
export interface Confinement {
  /** As `CapabilityBoundingSet=` has them. */
  readonly capabilities: readonly string[];
  /** As `SystemCallFilter=` has them. */
  readonly systemCallFilter: readonly string[];
  readonly addressFamilies: readonly string[];
  /** All else is read-only. */
  readonly writable: readonly string[];
}

/** The same command under that confinement: mounts, capabilities, no new privileges, and the system calls. */
export function confined(
  { capabilities, systemCallFilter, addressFamilies, writable }: Confinement,
  command: readonly string[],
): string[] {
  const calls = [...new Set(systemCalls(systemCallFilter))].join(',');
  const families = addressFamilies.map((name) => `${FAMILIES[name]}`).join(',');
  const bounding = ['-all', ...capabilities.map((name) => `+${name.replace(/^CAP_/, '').toLowerCase()}`)];
  // What is bound to itself becomes a mount of its own, which the others' being read-only does not reach.
  const mounts = `set -e
    for it in $WRITABLE; do mount --bind "$it" "$it"; done
    while read -r _ at _; do
      case " /proc /sys /dev $WRITABLE " in *" $at "*) continue;; esac
      case "$at" in /proc/*|/sys/*|/dev/*) continue;; esac
      mount -o remount,bind,ro "$at"
    done < /proc/self/mounts
    exec "$@"`;
  return [
    ...[
      commandPath('unshare') ?? '',
      '--mount',
      '--ipc',
      '/bin/sh',
      '-c',
      `WRITABLE='${writable.join(' ')}'; ${mounts}`,
      'sh',
    ],
    ...[
      commandPath('setpriv') ?? '',
      `--bounding-set=${bounding.join(',')}`,
      '--inh-caps=-all',
      '--no-new-privs',
    ],
    ...[PYTHON, join(projectRoot, 'test/packaging/withinFilter.py'), calls, families],
    ...command,
  ];
}
