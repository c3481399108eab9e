import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readTimeZone } from '../../src/host/timeZone.js';
import { collectorScript } from '../../src/recording/collectorScript.js';
import { factsIn } from '../support/collectedAudit.js';
import { inCollector, SHELLS } from '../support/collectorRun.js';
import { NONCE, RECORDS, streamOf } from '../support/collectorStream.js';
import { searchPath } from '../support/commandPath.js';
import { requireCommand, requireFact } from '../support/requirement.js';
import { projectRoot } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

const COPY = 'TZif2\0\nCET-1CEST,M3.5.0,M10.5.0/3\n';
/** Opens, and fails to be read with EIO: nothing is at the address 0 of a process. */
const FAILING = '/proc/self/mem';

describe('the collector reads', () => {
  let scratch: ScratchDirectory;

  beforeEach(() => {
    scratch = scratchDirectory('reads');
  });
  afterEach(() => scratch.remove());

  for (const [name, shell] of Object.entries(SHELLS)) {
    it(`lists of thousands of domains in seconds, in ${name}`, function () {
      requireCommand(this, shell[0] ?? '');
      this.timeout(90_000);
      const uuids = Array.from(
        { length: 3000 },
        (_, index) => `${index.toString(16).padStart(8, '0')}-1111-4111-8111-${'0'.repeat(12)}`,
      );
      const odd = uuids.filter((_, index) => index % 2 === 1);
      // What follows a mark may stand in its line.
      const answer = `${NONCE}:active:${odd.join('\n')}\n\n${NONCE}:all:\n${uuids.join('\n')}\n\n${NONCE}:saved:${uuids[0]}\n${uuids[1]}\n\n${NONCE}:done:\n`;
      const startedAt = performance.now();
      const output = inCollector(
        `nonce=${NONCE}; answer=$(cat); ask_virsh() { :; }; print_answer() { :; }
        about_domains() { printf '%s\\n' "$@"; }; virsh_domains`,
        { shell, input: answer },
      );
      expect((performance.now() - startedAt) / 1000).to.be.below(30);
      const [head, ...domains] = output.trimEnd().split('\n');
      expect(head).to.equal('@virsh qemu:///system');
      expect(domains).to.deep.equal(
        uuids.map((uuid, index) => `${uuid}${index % 2 === 1 ? ':active' : ''}${index < 2 ? ':saved' : ''}`),
      );
    });

    it(`a definition with a clock named over and over in seconds, in ${name}`, function () {
      requireCommand(this, shell[0] ?? '');
      this.timeout(90_000);
      const ask = (xml: string) =>
        inCollector(
          `nonce=${NONCE}; answer=$(cat); print_definitions x >/dev/null; echo "$want_capabilities"`,
          { shell, input: `${xml}\n${NONCE}:done:` },
        );
      const timer = "<timer name='tsc' mode='native'/> and words that nobody needs\n";
      const startedAt = performance.now();
      expect(ask(timer.repeat(50_000))).to.equal('no\n');
      expect((performance.now() - startedAt) / 1000).to.be.below(30);
      expect(ask(`${timer}<timer name='tsc' frequency='1'/>`)).to.equal('yes\n');
    });

    it(`nothing into a file that opens and cannot be read, in ${name}`, function () {
      requireCommand(this, shell[0] ?? '');
      const path = join(scratch.path, 'empty');
      writeFileSync(path, '');
      const output = inCollector(
        `exec 4>&1; text ${FAILING}; text ${FAILING} /shown; file ${FAILING} 10; text ${path}; file ${path} 10; text ${path}/gone || file ${path}/gone 10 || echo gone`,
        { shell },
      );
      expect(output).to.equal(
        `@unreadable ${FAILING}\n@unreadable /shown\n@unreadable ${FAILING}\n@text ${path}\n@file ${path}\ngone\n`,
      );
    });

    it(`a file that cannot be read to its end as one that is cut, in ${name}`, function () {
      requireCommand(this, shell[0] ?? '');
      const path = join(scratch.path, 'file');
      writeFileSync(path, 'abc');
      const failing = 'head() { case $2 in 1) : ;; *) printf a; return 1 ;; esac; }';
      const output = inCollector(`exec 4>&1; file ${path} 10; ${failing}; file ${path} 10`, { shell });
      expect(output).to.equal(`@file ${path}\nYWJj\n@file ${path}\nYQ==\n@cut\n`);
    });
  }

  describe('/etc/localtime as the tool itself does, where it is', () => {
    const ZONE = '/usr/share/zoneinfo/Europe/Berlin';
    /** What lies in /etc, by its name: links, or copies where the text is null. */
    const CASES: readonly [string, Readonly<Record<string, string | null>>][] = [
      ['a link that names a zone', { localtime: '../usr/share/zoneinfo/Europe/Berlin' }],
      ['a link to a link', { localtime: 'site-zone', 'site-zone': '../usr/share/zoneinfo/Europe/Berlin' }],
      ['three links', { localtime: 'a', a: './b', b: 'c/zone', c: 'd', 'd/zone': null }],
      ['a link to a copy', { localtime: 'site-zone', 'site-zone': null }],
      ['a copy', { localtime: null }],
      ['a directory', { 'localtime/zone': null }],
      ['a link to nothing', { localtime: 'gone' }],
      ['a link to a link into a directory that is not there', { localtime: 'a', a: 'nowhere/zone' }],
      ['a link in a circle', { localtime: 'site-zone', 'site-zone': 'localtime' }],
      ['nothing at all', {}],
    ];
    for (const [what, files] of CASES) {
      it(what, async function () {
        requireCommand(this, 'unshare', 'dash');
        requireFact(this, process.getuid?.() === 0, 'a mount namespace takes root');
        for (const path of ['/usr/share/zoneinfo/Europe', '/etc/d']) {
          mkdirSync(join(scratch.path, path), { recursive: true });
        }
        writeFileSync(join(scratch.path, ZONE), COPY);
        for (const [name, target] of Object.entries(files)) {
          const place = join(scratch.path, 'etc', name);
          mkdirSync(join(place, '..'), { recursive: true });
          if (target === null) writeFileSync(place, COPY);
          else symlinkSync(target, place);
        }
        const here = readTimeZone(scratch.path);
        const mounts = ['etc', 'usr/share/zoneinfo'].map((it) => `mount --bind ${scratch.path}/${it} /${it}`);
        const output = inCollector([...mounts, 'exec 4>&1; uid=0', 'local_time'].join('\n'), {
          shell: ['unshare', '-m', 'dash', '-s'],
        });
        const records = RECORDS.filter((it) => !it.includes('localtime'));
        const own = output.split(/^(?=@)/m).filter((it) => it !== '');
        const { host, problems } = await factsIn(streamOf([...records, ...own]));
        expect(problems).to.deep.equal([]);
        const told = (zone: typeof here | undefined) => (zone?.known ? zone.value : 'unknown');
        expect(told(host?.timeZone)).to.deep.equal(told(here));
      });
    }

    it('and does not take one that cannot be read for UTC', async function () {
      requireCommand(this, 'unshare', 'dash');
      requireFact(this, process.getuid?.() === 0, 'a mount namespace takes root');
      mkdirSync(join(scratch.path, 'etc'));
      writeFileSync(join(scratch.path, 'etc', 'localtime'), '');
      const output = inCollector(
        `mount --bind ${scratch.path}/etc /etc; mount --bind /proc/$$/mem /etc/localtime; exec 4>&1; local_time`,
        { shell: ['unshare', '-m', 'dash', '-s'] },
      );
      expect(output).to.equal('@unreadable /etc/localtime\n');
      const records = RECORDS.filter((it) => !it.includes('localtime'));
      const { host } = await factsIn(streamOf([...records, output]));
      expect(host?.timeZone).to.include({ known: false, cause: 'time-zone-unreadable' });
    });
  });

  it('pid files of all names where XDG_RUNTIME_DIR says, with a slash too many in it', function () {
    requireCommand(this, 'dash');
    const place = join(scratch.path, 'libvirt', 'qemu', 'run');
    mkdirSync(place, { recursive: true });
    const names = ['shown', '.hidden', '..', '*'];
    for (const name of names) {
      writeFileSync(join(place, `${name}.pid`), 'none');
      writeFileSync(join(place, `${name}.xml`), '<x/>');
    }
    const states = (value: string) =>
      inCollector(
        `state_directories=/run/user/UID/libvirt/qemu/run; uid=7; XDG_RUNTIME_DIR='${value}'; qemu_processes`,
      );
    const output = states(`${scratch.path}//./`).split('\n');
    expect(output[0]).to.equal(`@states ${place}`);
    expect(output.filter((line) => line.startsWith('@text')).sort()).to.deep.equal(
      names.map((name) => `@text ${join(place, `${name}.pid`)}`).sort(),
    );
    // What is not absolute does not count, by the XDG Base Directory Specification.
    for (const value of ['', 'relative/', '.']) {
      expect(states(value), value).to.equal('@states /run/user/7/libvirt/qemu/run\n');
    }
  });

  it("libvirt's files of all names", function () {
    requireCommand(this, 'unshare', 'dash');
    requireFact(this, process.getuid?.() === 0, 'a mount namespace takes root');
    const names = ['shown', '.hidden', '..odd', '*'];
    const write = (path: string) =>
      `for name in ${names.map((it) => `'${it}'`).join(' ')}; do : > ${path}; done`;
    const output = inCollector(
      [
        'for it in /etc /run /var/lib; do mount -t tmpfs tmpfs $it; mkdir -p $it/libvirt/qemu/save; done',
        ...['/etc', '/run'].map((it) => write(`${it}/libvirt/qemu/"$name".xml`)),
        write('/var/lib/libvirt/qemu/save/"$name".save'),
        // What Emacs leaves beside a file that it has open, and a link that is nobody's lock.
        'for name in ".#web" web; do ln -s root@host.12:34 /etc/libvirt/qemu/"$name".xml; done',
        'exec 4>&1; file_domains',
      ].join('\n'),
      { shell: ['unshare', '-m', 'dash', '-s'] },
    );
    for (const name of names) {
      expect(output).to.include(`\n@xml-file /etc/libvirt/qemu/${name}.xml\n`);
      expect(output).to.include(`\n@xml-file /run/libvirt/qemu/${name}.xml\n`);
      expect(output).to.include(`\n@present /var/lib/libvirt/qemu/save/${name}.save\n`);
    }
    expect(output).to.include('\n@link /etc/libvirt/qemu/web.xml\n').and.not.include('.#web');
  });

  it('with no other programs than the documentation names', function () {
    requireCommand(this, 'unshare', 'dash');
    requireFact(this, process.getuid?.() === 0, 'a mount namespace takes root');
    this.timeout(30_000);
    const said = readFileSync(join(projectRoot, 'docs', 'recording.md'), 'utf8');
    const [, named = ''] = /It needs a POSIX shell \([^)]*\), ([^.]*)\./.exec(said) ?? [];
    const programs = [...named.matchAll(/`(\w+)`/g)].map(([, program = '']) => program);
    expect(programs).to.include.members(['awk', 'sed', 'head', 'od', 'tr']);
    const bin = join(scratch.path, 'bin');
    mkdirSync(bin);
    const copies = programs.map((it) => `cp "$(readlink -f "$(command -v ${it})")" ${bin}/${it}`);
    const hidden = ['/usr/local/bin', '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'].map(
      (it) => `if [ -d ${it} ]; then mount --bind ${bin} ${it}; fi`,
    );
    const definition = "<domain><clock offset='timezone' timezone='Europe/Berlin'/></domain>";
    const commands = [
      ...['set -e', ...copies],
      // For the mounts that follow, and for the shell.
      ...['mount', 'dash'].map((it) => `cp "$(command -v ${it})" ${bin}/${it}`),
      ...['mount -t tmpfs tmpfs /etc/libvirt', 'mkdir /etc/libvirt/qemu'],
      ...[`echo "${definition}" > /etc/libvirt/qemu/one.xml`, ...hidden, 'exec dash -s'],
    ].join('\n');
    const wrapper = ['-p', '-f', '-m', '--mount-proc', 'sh', '-c', commands];
    const { stdout, stderr, status } = spawnSync('unshare', wrapper, {
      ...{ input: collectorScript(), encoding: 'utf8', env: { PATH: searchPath }, timeout: 25_000 },
    });
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(stdout)
      .to.match(/^virt-clock-audit-recording 1 hex [0-9a-f]{24}\n/)
      .and.to.match(/\n@end \d+\n$/);
    expect(stdout).to.include('\n@zone /usr/share/zoneinfo/Europe/Berlin\n');
    expect(stdout).to.include('\n@text /proc/1/comm\n').and.not.to.include('\n@cut\n');
  });
});
