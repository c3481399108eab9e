import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { clockWords } from '../../src/facts/qemuOptions.js';
import { withoutPasswords } from '../../src/facts/secrets.js';
import { collectorScript } from '../../src/recording/collectorScript.js';
import { inCollector, recordHere, SHELLS } from '../support/collectorRun.js';
import { requireCommand } from '../support/requirement.js';
import { scratchDirectory } from '../support/scratch.js';

const MARK = 'abcdef012345';
const UUID = '5c0b4d2e-0d3b-4f8e-9b1e-1f2a3b4c5d6e';

/** The awk of the system, and the one that small systems have. */
const AWKS: Readonly<Record<string, string>> = { awk: '', busybox: 'awk() { busybox awk "$@"; }\n' };

describe('the collector hides', () => {
  before(function () {
    requireCommand(this, 'dash', 'busybox');
  });

  for (const [name, awk] of Object.entries(AWKS)) {
    /** Each through the filter in one run, as several parts. */
    const through = (filter: string, parts: readonly string[]): string[] => {
      const input = parts.map((part) => `${MARK}:part:\n${part}\n`).join('');
      const output = inCollector(`${awk}nonce=${MARK}; ${filter}`, { input: `${input}${MARK}:done:\n` });
      return output
        .split(`${MARK}:part:\n`)
        .slice(1)
        .map((part) => part.replace(/\n(abcdef012345:done:\n)?$/, ''));
    };

    it(`the passwords that the tool itself hides, and leaves all else as it is, with ${name}`, function () {
      this.timeout(30_000);
      const piece = fc.constantFrom(
        ...[
          '<graphics',
          '<qemu:arg',
          '/>',
          '>',
          '<',
          ' passwd',
          '\npasswd',
          '\tpasswd',
          ' xpasswd',
          '=',
          ' = ',
        ],
        ...[
          ' value',
          '\n\tvalue',
          "'",
          '"',
          "'s3cr<t>'",
          '"a\'b"',
          'secret,id=1',
          'PASSWORD',
          '<env',
          "<q:env name='A_SECRET'",
          '-x',
          '\n',
          ' ',
          '&',
        ],
        ...["='one'", '="secret"', "='\nSecret\n'", '\\', '$&', '%s'],
      );
      const text = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''));
      fc.assert(
        fc.property(fc.array(text, { minLength: 100, maxLength: 200 }), (texts) => {
          const nasty = [
            ...[
              `\tpasswd='x'`,
              `<a\npasswd = "x'y"\n/>`,
              `passwd='x'`,
              `<a passwd='<b value="`,
              `<a value='q">secret<'/>`,
            ],
            ...texts,
          ];
          expect(through('without_secrets', nasty)).to.deep.equal(
            nasty.map((part) => withoutPasswords(`\n${part}`).slice(1)),
          );
        }),
        { numRuns: 15 },
      );
    });

    it(`passwords in a text of megabytes, in seconds, with ${name}`, function () {
      this.timeout(30_000);
      const [long = ''] = through('without_secrets', [`<a>${" value='passw'".repeat(150_000)}</a>`]);
      expect(long.split('(not shown)').length).to.be.above(149_000);
    });

    it(`a variable that is called like one, with ${name}`, () => {
      const texts = [
        "<q:env name='X_PASSWORD' value='x'/><q:env name='TZ' value='UTC'/>",
        "<env value='x' name='SECRET'/>",
      ];
      const masked = [
        "<q:env name='X_PASSWORD' value='(not shown)'/><q:env name='TZ' value='UTC'/>",
        "<env value='(not shown)' name='SECRET'/>",
      ];
      expect(through('without_secrets', texts)).to.deep.equal(masked);
      expect(texts.map(withoutPasswords)).to.deep.equal(masked);
    });

    /** What is left of command lines, without the program's name. */
    const left = (lines: readonly (readonly string[])[]): string[][] => {
      const input = lines
        .map((words) => `\n${MARK}:cmdline:7:\n${['qemu', ...words, ''].join('\n')}`)
        .join('');
      const output = inCollector(`${awk}clock_words`, { input: `${MARK}\n${input}\n${MARK}:end:\n` });
      return output
        .split(`${MARK}:cmdline:7:\n`)
        .slice(1)
        .map((part) => part.replace(`${MARK}:end:\n`, '').split('\n').slice(1, -1));
    };

    it(`of command lines all but what has a say in the clock, with ${name}`, function () {
      this.timeout(30_000);
      const word = fc.constantFrom(
        ...[
          '-rtc',
          '--rtc',
          '-cpu',
          '-M',
          '-machine',
          '-accel',
          '-enable-kvm',
          '--no-hpet',
          '-icount',
          '-global',
        ],
        ...[
          '-S',
          '-nodefaults',
          '--nographic',
          '-object',
          '-uuid',
          '-readconfig',
          '-name',
          '-spice',
          '-usb',
          '-jitdump',
        ],
        ...[
          'base=utc',
          'host,-kvmclock,+sse,hv-time=on,secret=1',
          'kvm-pit.lost=1',
          'x-cpu.a=1',
          'driver=a',
          'a.b=c',
        ],
        ...['{"qom-type":"secret","data":"x"}', 'pc', UUID, '/bin/q', 'x'],
      );
      fc.assert(
        fc.property(
          fc.array(fc.array(word, { minLength: 1, maxLength: 12 }), { minLength: 50, maxLength: 80 }),
          (lines) => {
            const whole = lines.map((words) => [...words, '-S']);
            expect(left(whole).map(clockWords)).to.deep.equal(whole.map(clockWords));
          },
        ),
        { numRuns: 15 },
      );
      const secretive = [
        '-name',
        'guest=x',
        '-object',
        '{"qom-type":"secret","data":"k"}',
        '-spice',
        '{"password":"k"}',
      ];
      const storage = [
        '-drive',
        'file=rbd:pool/x:id=a:key=k',
        '-iscsi',
        'user=u,password=k',
        'iscsi://u%k@h/1',
        '-uuid',
        UUID,
      ];
      expect(left([[...secretive, ...storage, '-rtc', 'base=utc']])).to.deep.equal([
        ['-name', '(not shown)', '-uuid', UUID, '-rtc', 'base=utc'],
      ]);
      expect(left([['--global', 'a.password=k'], ['k'], ['/opt/wrapper', '-uuid', 'k']])).to.deep.equal([
        ['--global', '(not shown)'],
        ['(not shown)'],
        ['/opt/wrapper', '-uuid', '(not shown)'],
      ]);
    });

    it(`all flags of QEMU, which take no value, with ${name}`, () => {
      const source = inCollector('type clock_words', { shell: ['bash', '-s'] });
      const flags = /split\("(-h [^"]*)"/.exec(source)?.[1]?.split(' ') ?? [];
      expect(flags).to.have.length.above(30);
      // A flag that only one of both knows makes the other take the option behind it for its value.
      for (const flag of flags) expect(clockWords([flag, '-icount', 'shift=1']), flag).to.include('shift=1');
      const known = ['-xen-attach', '-perfmap', '-sdl', '-help', '-s'];
      expect(flags).to.include.members(known);
    });
  }
});

describe('the collector looks for zones', () => {
  it('only in files that are below the directories of zones, whatever links there say', function () {
    requireCommand(this, 'unshare');
    if (process.getuid?.() !== 0) this.skip();
    const scratch = scratchDirectory('zones');
    try {
      const tree = join(scratch.path, 'zoneinfo');
      mkdirSync(join(tree, 'Area'), { recursive: true });
      for (const name of ['Area/Good', 'Other']) writeFileSync(join(tree, name), 'TZif2');
      writeFileSync(join(scratch.path, 'elsewhere'), 'TZif2');
      for (const name of ['Text', 'Broken']) writeFileSync(join(tree, name), 'text');
      symlinkSync('/proc/kmsg', join(tree, 'Kernel'));
      symlinkSync(join(scratch.path, 'elsewhere'), join(tree, 'Away'));
      symlinkSync('Other', join(tree, 'Link'));
      const names = [
        ...[
          'Area/Good',
          ':Link',
          'Text',
          'Kernel',
          'Broken',
          '//proc/kmsg',
          '/./proc/kmsg',
          'Away',
          '../zoneinfo/Other',
        ],
        ...['../../../etc/passwd', '/usr/share/../share//zoneinfo/Other', 'Other/', '', '*'],
      ].join('\n');
      // What is at the address 0 of a process cannot be read, and is opened all the same.
      const mounts = `mount --bind /proc/$$/mem ${tree}/Broken && mount --rbind ${tree} /usr/share/zoneinfo`;
      const collected = inCollector(`${mounts} && zones "${names}"`, {
        shell: ['unshare', '-m', 'dash', '-s'],
      });
      expect(collected.trimEnd().split('\n')).to.deep.equal([
        '@zone /usr/share/zoneinfo/Area/Good',
        '@zone /usr/share/zoneinfo/Link',
        '@unreadable /usr/share/zoneinfo/Broken',
        '@unreadable /usr/share/zoneinfo/Away',
        '@zone /usr/share/zoneinfo/Other',
        '@zone /usr/share/zoneinfo/Other',
      ]);
    } finally {
      scratch.remove();
    }
  });
});

describe('the collector runs', () => {
  for (const [name, shell] of Object.entries(SHELLS)) {
    it(`into its deadline with the timeout of busybox, too, in ${name}`, function () {
      requireCommand(this, shell[0] ?? '', 'busybox');
      this.timeout(20_000);
      const output = inCollector(
        'exec 4>&1; have_timeout=yes; deadline=1; timeout() { busybox timeout "$@"; }; run here sleep 30',
        { shell },
      );
      expect(output).to.include('@ran hung\n');
    });
  }

  it('no program out of the directory that it was started in, but those of other places behind its own', function () {
    requireCommand(this, 'dash');
    const scratch = scratchDirectory('path');
    try {
      writeFileSync(join(scratch.path, 'od'), '#!/bin/sh\necho owned >&2; echo 0123456789abcdef\n', {
        mode: 0o755,
      });
      for (const path of [':/usr/bin', '.:/usr/bin', '/usr/bin:', `${scratch.path}:/usr/bin`]) {
        const run = spawnSync(
          'sh',
          ['-c', 'cd "$1" && PATH=$2 && export PATH && exec /usr/bin/env dash -s', 'sh', scratch.path, path],
          {
            input: collectorScript().replace(/^main <.*$/m, 'od -An </dev/null; echo "$PATH"'),
            encoding: 'utf8',
          },
        );
        expect(run.stderr, path).to.equal('');
        expect(run.stdout, path).to.match(path.startsWith('/tmp') ? /^\/usr\/bin:.*:\/tmp/ : /^\/usr\/bin:/);
        expect(
          run.stdout
            .trim()
            .split(':')
            .every((it) => it.startsWith('/')),
          path,
        ).to.equal(true);
      }
    } finally {
      scratch.remove();
    }
  });

  it('and tells how long it waits', () => {
    expect(recordHere({ connect: 'test:///none', timeout: 3 }).toString()).to.include('\n@fact deadline 3\n');
  });
});
