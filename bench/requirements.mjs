/** What the benchmark runs besides node, and the Debian packages that bring it. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** The system's own interpreter: one from pyenv or conda does not see the distribution's libvirt module. */
export const PYTHON = '/usr/bin/python3';

const REQUIREMENTS = [
  { what: 'a C compiler', packages: ['gcc', 'libc6-dev'], probe: ['cc', '--version'] },
  {
    what: 'the libvirt headers',
    packages: ['libvirt-dev'],
    probe: ['cc', '-fsyntax-only', '-include', 'libvirt/libvirt.h', '-x', 'c', '/dev/null'],
  },
  { what: 'libvirt for Python', packages: ['python3-libvirt'], probe: [PYTHON, '-c', 'import libvirt'] },
  { what: 'lxml for Python', packages: ['python3-lxml'], probe: [PYTHON, '-c', 'import lxml.etree'] },
  {
    what: 'libvirtd',
    packages: ['libvirt-daemon', 'libvirt-daemon-driver-qemu'],
    probe: ['libvirtd', '--version'],
  },
  { what: 'virsh', packages: ['libvirt-clients'], probe: ['virsh', '--version'] },
  { what: 'QEMU', packages: ['qemu-system-x86'], probe: ['qemu-system-x86_64', '--version'] },
];

/**
 * Installs what is missing where that is possible: as root on Debian and its descendants.
 * @returns what is still missing, with the packages that would bring it
 */
export function provideRequirements() {
  const missing = missingRequirements();
  if (missing.length === 0 || process.getuid() !== 0 || !existsSync('/etc/debian_version')) return missing;
  const packages = missing.flatMap((requirement) => requirement.packages);
  process.stderr.write(`installing ${packages.join(' ')}\n`);
  aptGet('update');
  aptGet('install', '--yes', '--no-install-recommends', ...packages);
  return missingRequirements();
}

function missingRequirements() {
  return REQUIREMENTS.filter(({ probe: [command, ...parameters] }) => {
    return spawnSync(command, parameters, { stdio: 'ignore' }).status !== 0;
  });
}

/** apt-get's own words go to stderr: stdout is for the table. A failure shows in the second look at what is missing. */
function aptGet(...parameters) {
  spawnSync('apt-get', ['--quiet', ...parameters], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 2, 2],
  });
}

/** @returns {string} the versions that the numbers depend on, without anything that names the machine */
export function versions() {
  const libvirt = firstVersion('libvirtd', '--version');
  const qemu = firstVersion('qemu-system-x86_64', '--version');
  return `Node ${process.versions.node}, libvirt ${libvirt}, QEMU ${qemu}`;
}

function firstVersion(command, ...parameters) {
  const { stdout } = spawnSync(command, parameters, { encoding: 'utf8' });
  return /\d+\.\d+(\.\d+)?/.exec(stdout)?.[0] ?? 'unknown';
}
