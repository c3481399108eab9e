import { copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readTimeZone } from '../../src/host/timeZone.js';
import { requireFact } from '../support/requirement.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

describe("the host's time zone", () => {
  let root: ScratchDirectory;

  beforeEach(() => {
    root = scratchDirectory('root');
    mkdirSync(join(root.path, 'etc'));
  });
  afterEach(() => root.remove());

  const localtime = () => join(root.path, 'etc/localtime');
  const zone = () => {
    const fact = readTimeZone(root.path);
    if (!fact.known) throw new Error(fact.reason);
    return fact.value;
  };

  for (const [target, name, isUtc] of [
    ['/usr/share/zoneinfo/Europe/Berlin', 'Europe/Berlin', false],
    ['../usr/share/zoneinfo/America/Argentina/Ushuaia', 'America/Argentina/Ushuaia', false],
    ['/usr/share/zoneinfo/posix/Asia/Tokyo', 'Asia/Tokyo', false],
    ['/usr/share/zoneinfo/Europe/London', 'Europe/London', false],
    ['/usr/share/zoneinfo/Etc/GMT+1', 'Etc/GMT+1', false],
    ['/usr/share/zoneinfo/Etc/UTC', 'Etc/UTC', true],
    ['/usr/share/zoneinfo/UTC', 'UTC', true],
    ['/usr/share/zoneinfo/Etc/Zulu', 'Etc/Zulu', true],
    ['/usr/share/zoneinfo/GMT', 'GMT', true],
  ] as const) {
    it(`is ${name}${isUtc ? ', which is UTC,' : ''} behind a link to ${target}`, () => {
      symlinkSync(target, localtime());
      expect(zone()).to.deep.equal({ name, isUtc });
    });
  }

  it('is UTC when there is no /etc/localtime, as the C library takes it', () => {
    expect(readTimeZone(root.path)).to.deep.equal({
      known: true,
      value: { name: 'UTC', isUtc: true },
      source: '/etc/localtime is absent',
    });
  });

  for (const [name, rule, isUtc] of [
    ['Europe/Berlin', 'CET-1CEST,M3.5.0,M10.5.0/3', false],
    ['Etc/UTC', 'UTC0', true],
  ] as const) {
    it(`is the rule ${rule} in a copy of ${name}`, function () {
      const file = `/usr/share/zoneinfo/${name}`;
      requireFact(this, existsSync(file), 'no time zone files (Debian package tzdata)');
      copyFileSync(file, localtime());
      expect(zone()).to.deep.equal({ name: rule, isUtc });
    });
  }

  it('is unknown when it cannot be read', () => {
    mkdirSync(localtime());
    expect(readTimeZone(root.path)).to.deep.include({ known: false, cause: 'time-zone-unreadable' });
  });

  it('never is a zone without a name, even when the file holds nothing', () => {
    writeFileSync(localtime(), '');
    const fact = readTimeZone(root.path);
    expect(fact.known && fact.value.name).to.not.equal('');
  });
});
