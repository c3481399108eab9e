import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { readZoneinfo } from '../../src/host/zoneinfo.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

describe("the host's zoneinfo", () => {
  let root: ScratchDirectory;

  before(() => {
    root = scratchDirectory('zones');
    write('usr/share/zoneinfo/Europe/Berlin', 'TZif2…');
    write('usr/share/zoneinfo/zone.tab', '# tab');
    write('usr/share/zoneinfo/Short', 'TZi');
    write('srv/own-zone', 'TZif2…');
    symlinkSync('Europe/Berlin', join(root.path, 'usr/share/zoneinfo/Linked'));
    execFileSync('mkfifo', [join(root.path, 'usr/share/zoneinfo/Pipe')]);
  });
  after(() => root.remove());

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(root.path, path)), { recursive: true });
    writeFileSync(join(root.path, path), text);
  }

  const zones = (names: readonly string[], directory = root.path) => {
    const fact = readZoneinfo(names, directory);
    if (!fact.known) throw new Error(fact.reason);
    return fact.value;
  };

  for (const [name, exists, why] of [
    ['Europe/Berlin', true, 'a file'],
    [':Europe/Berlin', true, 'a file, with the colon that POSIX allows'],
    ['Linked', true, 'a link to one'],
    ['Europe/../Europe/Berlin', true, 'a file by a detour'],
    ['/usr/share/zoneinfo/Europe/Berlin', true, 'a file by its whole path'],
    ['/srv/own-zone', true, 'a file elsewhere by its whole path'],
    ['Mars/Phobos', false, 'nothing'],
    ['europe/berlin', false, 'nothing in this case'],
    ['Europe', false, 'a directory'],
    ['Europe/Berlin/Mitte', false, 'below a file'],
    ['zone.tab', false, 'no TZif file'],
    ['Short', false, 'shorter than its magic'],
    ['Pipe', false, 'a pipe, which nobody writes into'],
    ['../../../srv/own-zone', false, 'outside'],
    ['Europe/../../../../srv/own-zone', false, 'outside by a detour'],
    ['/dev/null', false, 'a device'],
    ['x'.repeat(5000), false, 'longer than any path'],
    ['a\0b', false, 'no path at all'],
    ['', true, 'UTC, by the rules'],
    ['CET-1CEST,M3.5.0,M10.5.0/3', true, 'a rule'],
    ['EST5', true, 'a rule'],
    ['<+0330>-3:30', true, 'a rule with a name in brackets'],
    ['__proto__', false, 'nothing'],
  ] as const) {
    it(`has ${exists ? '' : 'no '}${JSON.stringify(name.slice(0, 40))}, which is ${why}`, () => {
      expect(Object.entries(zones([name]))).to.deep.equal([[name, exists]]);
    });
  }

  it('has rules alone where tzdata is not installed', () => {
    expect(zones(['Europe/Berlin', 'EST5'], join(root.path, 'srv'))).to.deep.equal({
      'Europe/Berlin': false,
      EST5: true,
    });
  });

  it('is looked into once for each name', () => {
    expect(zones(['EST5', 'EST5', 'Mars/Phobos'])).to.have.all.keys('EST5', 'Mars/Phobos');
  });
});
