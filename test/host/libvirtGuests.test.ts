import fs, { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { LibvirtGuestsSettings } from '../../src/facts/host.js';
import { readLibvirtGuests } from '../../src/host/libvirtGuests.js';
import { requireFact } from '../support/requirement.js';
import { runCommand } from '../support/runCommand.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

const SERVICE = 'libvirt-guests.service';
const DEBIAN = '/usr/lib/libvirt/libvirt-guests.sh';
const FEDORA = '/usr/libexec/libvirt-guests.sh';

/** The start of libvirt's script, and a later line that is no default. */
const script = (settings: string, onBoot: string, onShutdown: string) => `#!/bin/sh
sysconfdir="/etc"
URIS="default"
ON_BOOT=${onBoot}
ON_SHUTDOWN=${onShutdown}
BYPASS_CACHE=0
SYNC_TIME=0

test -f ${settings} &&
    . ${settings}

case "$1" in
    shutdown)
        ON_SHUTDOWN="shutdown"
        ;;
esac
`;
const debianScript = script('"$sysconfdir"/default/libvirt-guests', '"ignore"', '"shutdown"');
const fedoraScript = script('"/etc/sysconfig"/libvirt-guests', 'start', 'suspend');

describe('the settings of libvirt-guests', () => {
  let root: ScratchDirectory;

  beforeEach(() => {
    root = scratchDirectory('root');
  });
  afterEach(() => root.remove());

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(root.path, path)), { recursive: true });
    writeFileSync(join(root.path, path), text);
  }
  function link(path: string, target: string): void {
    mkdirSync(dirname(join(root.path, path)), { recursive: true });
    symlinkSync(target, join(root.path, path));
  }
  const enable = () =>
    link(`/etc/systemd/system/multi-user.target.wants/${SERVICE}`, `/lib/systemd/system/${SERVICE}`);
  const installDebian = () => {
    write(DEBIAN, debianScript);
    enable();
  };
  const read = () => readLibvirtGuests(root.path);
  const value = () => {
    const fact = read();
    if (!fact.known) throw new Error(fact.reason);
    return fact.value;
  };

  const settings = () => {
    const it = value();
    if (!it?.enabled) throw new Error('not enabled');
    return it;
  };

  it('are null where the service is not installed', () => {
    expect(value()).to.equal(null);
    write('/etc/default/libvirt-guests', 'ON_BOOT=start\n');
    expect(value()).to.equal(null);
  });

  it('do not matter where the service is not enabled', () => {
    write(DEBIAN, debianScript);
    write('/etc/default/libvirt-guests', 'if x; then\n');
    expect(read()).to.deep.equal({
      known: true,
      value: { enabled: false },
      source: `${DEBIAN}, and no link to ${SERVICE} in any .wants`,
    });
  });

  it("are the script's defaults where nobody set any", () => {
    write(DEBIAN, debianScript);
    enable();
    expect(read()).to.deep.equal({
      known: true,
      value: { enabled: true, onBoot: 'ignore', onShutdown: 'shutdown', syncTime: false },
      source: DEBIAN,
    });
  });

  it("are the script's defaults of another distribution", () => {
    write(FEDORA, fedoraScript);
    enable();
    expect(value()).to.deep.equal({
      enabled: true,
      onBoot: 'start',
      onShutdown: 'suspend',
      syncTime: false,
    });
  });

  it("are the administrator's where they are set, and name both files", () => {
    installDebian();
    write(
      '/etc/default/libvirt-guests',
      '# ON_BOOT=ignore\nON_BOOT="start"\nON_SHUTDOWN=suspend\nSYNC_TIME=1\n',
    );
    expect(read()).to.deep.equal({
      known: true,
      value: { enabled: true, onBoot: 'start', onShutdown: 'suspend', syncTime: true },
      source: `${DEBIAN}, /etc/default/libvirt-guests`,
    });
  });

  it('are taken from the file that the script names, not from another', () => {
    write(FEDORA, fedoraScript);
    enable();
    write('/etc/default/libvirt-guests', 'ON_BOOT=never\n');
    expect(settings().onBoot).to.equal('start');
    write('/etc/sysconfig/libvirt-guests', 'ON_BOOT=ignore\n');
    expect(settings().onBoot).to.equal('ignore');
  });

  for (const [written, synchronises] of [
    ['0', false],
    ['"0"', false],
    ['1', true],
    ['no', true],
    ['', true],
  ] as const) {
    it(`${synchronises ? '' : 'do not '}synchronise with SYNC_TIME=${written}, as the script takes it`, () => {
      installDebian();
      write('/etc/default/libvirt-guests', `SYNC_TIME=${written}\n`);
      expect(settings().syncTime).to.equal(synchronises);
    });
  }

  for (const directory of [
    'etc/systemd/system/multi-user.target.wants',
    'usr/lib/systemd/system/multi-user.target.wants',
    'etc/systemd/system/libvirtd.service.requires',
  ]) {
    it(`count as enabled with a link in /${directory}`, () => {
      write(DEBIAN, debianScript);
      link(`${directory}/${SERVICE}`, `/lib/systemd/system/${SERVICE}`);
      expect(value()?.enabled).to.equal(true);
    });
  }

  it('are not looked for in all that is wanted, which may be much', () => {
    write('/opt/wanted/other.service', '');
    for (let at = 0; at < 50; at++) link(`/etc/systemd/system/x${at}.wants`, '/opt/wanted');
    const { readdirSync } = fs;
    let count = 0;
    fs.readdirSync = ((...about: Parameters<typeof readdirSync>) => {
      count++;
      return readdirSync(...about);
    }) as typeof readdirSync;
    syncBuiltinESMExports();
    try {
      expect(value()).to.equal(null);
    } finally {
      fs.readdirSync = readdirSync;
      syncBuiltinESMExports();
    }
    expect(count).to.be.within(1, 4);
  });

  it('do not count as enabled when the unit is masked', () => {
    write(DEBIAN, debianScript);
    enable();
    link(`/etc/systemd/system/${SERVICE}`, '/dev/null');
    expect(value()?.enabled).to.equal(false);
  });

  it('do not count as enabled by a link that merely lies about', () => {
    write(DEBIAN, debianScript);
    link(`/etc/systemd/system/backup/${SERVICE}`, `/lib/systemd/system/${SERVICE}`);
    expect(value()?.enabled).to.equal(false);
  });

  it('are unknown, with the line, when a shell is needed to tell', () => {
    installDebian();
    write('/etc/default/libvirt-guests', 'ON_BOOT=start\n\nif hostname; then SYNC_TIME=1; fi\n');
    const fact = read();
    expect(fact).to.deep.include({ known: false, cause: 'libvirt-guests-garbled' });
    expect(fact.known || fact.reason).to.match(/^\/etc\/default\/libvirt-guests:3 is no plain assignment/);
  });

  it('are unknown when the one that counts is worked out by a shell, and only then', () => {
    installDebian();
    write('/etc/default/libvirt-guests', 'URIS="$OTHER"\n');
    expect(settings().onBoot).to.equal('ignore');
    write('/etc/default/libvirt-guests', 'ON_SHUTDOWN="$OTHER"\n');
    const fact = read();
    expect(fact).to.deep.include({ known: false, cause: 'libvirt-guests-garbled' });
    expect(fact.known || fact.reason).to.contain('ON_SHUTDOWN');
  });

  it('are unknown without the script, unless everything is set', () => {
    enable();
    write('/etc/default/libvirt-guests', 'ON_BOOT=start\nON_SHUTDOWN=suspend\n');
    const fact = read();
    expect(fact).to.deep.include({ known: false, cause: 'libvirt-guests-script-missing' });
    expect(fact.known || fact.reason).to.contain('set SYNC_TIME in /etc/default/libvirt-guests');
    write('/etc/default/libvirt-guests', 'ON_BOOT=start\nON_SHUTDOWN=suspend\nSYNC_TIME=1\n');
    expect(value()).to.deep.include({ enabled: true, syncTime: true });
  });

  it('are unknown where another init system than systemd starts it', () => {
    write(DEBIAN, debianScript);
    write('/etc/init.d/libvirt-guests', '#!/bin/sh\n');
    expect(read()).to.deep.include({ known: false, cause: 'libvirt-guests-not-systemd' });
    write(`/usr/lib/systemd/system/${SERVICE}`, '[Unit]\n');
    expect(value()?.enabled).to.equal(false);
  });

  it('are unknown when a file is too large, a directory or a pipe', async () => {
    installDebian();
    const settings = '/etc/default/libvirt-guests';
    write(settings, '#'.repeat(70_000));
    expect(read()).to.deep.include({
      known: false,
      cause: 'libvirt-guests-unreadable',
      reason: `${settings} cannot be read (70000 bytes are more than any such file has)`,
      source: settings,
    });
    await root.remove();
    root = scratchDirectory('root');
    installDebian();
    mkdirSync(join(root.path, settings), { recursive: true });
    expect(read()).to.deep.include({ known: false, cause: 'libvirt-guests-unreadable' });
    await root.remove();
    root = scratchDirectory('root');
    installDebian();
    mkdirSync(join(root.path, dirname(settings)), { recursive: true });
    await runCommand('mkfifo', [join(root.path, settings)]);
    expect(read()).to.deep.include({ known: false, cause: 'libvirt-guests-unreadable' });
  });

  it("agree with the distribution's own file on this machine", async function () {
    requireFact(this, existsSync(DEBIAN), 'libvirt-guests is not installed as Debian does it');
    const text = `eval "$(sed -n '/^[A-Z_]*=/p;/libvirt-guests$/q' ${DEBIAN})"; [ ! -e /etc/default/libvirt-guests ] || . /etc/default/libvirt-guests; echo "$ON_BOOT $ON_SHUTDOWN $SYNC_TIME"`;
    const said = await runCommand('sh', ['-c', text]);
    const fact = readLibvirtGuests('/');
    if (!fact.known || fact.value === null) throw new Error(JSON.stringify(fact));
    requireFact(this, fact.value.enabled, 'libvirt-guests is not enabled');
    const { onBoot, onShutdown, syncTime } = fact.value as LibvirtGuestsSettings;
    expect(`${onBoot} ${onShutdown} ${syncTime ? 1 : 0}`).to.equal(said.trim());
  });
});
