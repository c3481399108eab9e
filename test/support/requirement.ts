import { spawnSync } from 'node:child_process';
import { commandPath } from './commandPath.js';

const debianPackages: Readonly<Record<string, string>> = {
  libvirtd: 'libvirt-daemon',
  virsh: 'libvirt-clients',
  'virt-xml-validate': 'libvirt-clients',
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-system-i386': 'qemu-system-x86',
  'qemu-system-aarch64': 'qemu-system-arm',
  'qemu-system-arm': 'qemu-system-arm',
  'qemu-system-ppc64': 'qemu-system-ppc',
  'qemu-system-s390x': 'qemu-system-misc',
  'qemu-system-riscv64': 'qemu-system-misc',
  chronyd: 'chrony',
  chronyc: 'chrony',
  ntpq: 'ntpsec',
  xmllint: 'libxml2-utils',
  patch: 'patch',
  ldconfig: 'libc-bin',
  git: 'git',
  setpriv: 'util-linux',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  ip: 'iproute2',
  'dbus-daemon': 'dbus-daemon',
  busctl: 'systemd',
  faketime: 'faketime',
  'virt-xml': 'virtinst',
  'ansible-playbook': 'ansible',
  sha256sum: 'coreutils',
  'ansible-lint': 'ansible-lint',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  shellcheck: 'shellcheck',
  dash: 'dash',
  busybox: 'busybox',
  'dpkg-deb': 'dpkg',
  dpkg: 'dpkg',
  lintian: 'lintian',
  mandoc: 'mandoc',
  zsh: 'zsh',
  fish: 'fish',
  'systemd-analyze': 'systemd',
  xz: 'xz-utils',
  bzip2: 'bzip2',
};

function skip(context: Mocha.Context, why: string): never {
  process.stderr.write(`skipped: ${why}\n`);
  return context.skip();
}

/**
 * Skips the suite when a command is not installed. Where CI=true it throws instead, naming the Debian package:
 * a suite that silently never runs proves nothing.
 */
export function requireCommand(context: Mocha.Context, ...names: string[]): void {
  const missing = names.filter((name) => commandPath(name) === undefined);
  if (missing.length === 0) return;
  const wanted = missing
    .map((name) => `${name} (Debian package ${debianPackages[name] ?? 'unknown'})`)
    .join(', ');
  if (process.env.CI === 'true') throw new Error(`not installed: ${wanted}`);
  skip(context, `not installed: ${wanted}`);
}

/** Skips the suite when something that no package brings (such as /dev/kvm) is not there. */
export function requireFact(context: Mocha.Context, condition: boolean, why: string): void {
  if (!condition) skip(context, why);
}

/** The same as {@link requireCommand} for what the tests' own setup fetches; `what` tells what is missing, or is null. */
export function requireFetched(context: Mocha.Context, what: string | null): void {
  if (what === null) return;
  const why = `not fetched: ${what} (scripts/requirements.mjs does that before npm test)`;
  if (process.env.CI === 'true') throw new Error(why);
  skip(context, why);
}

/** The system's Python, which Debian's packages of modules are for; another one may come first in PATH. */
export const PYTHON = '/usr/bin/python3';

/** The same as {@link requireCommand} for a module of {@link PYTHON}. */
export function requirePythonModule(context: Mocha.Context, name: string): void {
  if (spawnSync(PYTHON, ['-c', `import ${name}`]).status === 0) return;
  const why = `not installed: ${name} for ${PYTHON} (Debian package python3-${name})`;
  if (process.env.CI === 'true') throw new Error(why);
  skip(context, why);
}
