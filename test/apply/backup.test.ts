import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { noteSequel, writeBackup } from '../../src/apply/backup.js';
import { readBackup } from '../../src/apply/backupFile.js';
import { readDefinition } from '../../src/domxml/definition.js';
import { sha256 } from '../../src/facts/sha256.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

const xml = "<domain type='kvm'>\n  <name>web</name>\n</domain>\n";
const about = {
  uri: 'qemu:///system',
  domain: 'web',
  uuid: '11111111-2222-3333-4444-555555555555',
  takenAt: '2026-01-02T03:04:05.678Z',
};

describe('a backup of a definition', () => {
  let scratch: ScratchDirectory;
  let directory: string;

  before(() => {
    scratch = scratchDirectory('vca-backup');
    directory = join(scratch.path, 'deep', 'backups');
  });
  after(() => scratch.remove());

  const write = (part: Partial<typeof about & { xml: string }> = {}) =>
    writeBackup(directory, 'web', { xml, ...about, ...part });

  it('is read back as it was, with what it says of itself', () => {
    const path = write();
    expect(readBackup(path)).to.deep.equal({
      record: { schemaVersion: '1.0', ...about, sha256: sha256(xml) },
      xml,
      definedSha256: null,
      restoredSha256: null,
    });
    noteSequel(path, 'defined', 'something else');
    noteSequel(path, 'restored', 'once');
    noteSequel(path, 'restored', 'twice');
    expect(readBackup(path)).to.include({
      definedSha256: sha256('something else'),
      restoredSha256: sha256('twice'),
    });
  });

  it('is nobody else’s to read, in a directory that is nobody else’s to enter', () => {
    const path = write({ takenAt: '2026-01-02T03:04:06.000Z' });
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(statSync(directory).mode & 0o777).to.equal(0o700);
  });

  it('is domain XML whatever the domain is called', () => {
    for (const domain of [
      'a--b',
      '-->',
      '--',
      'x-',
      '<!--',
      'ü"\\',
      'line\nbreak',
      '\u202e',
      'a\u2028b\u2029c',
    ]) {
      const path = writeBackup(join(scratch.path, 'names'), `n${Buffer.from(domain).toString('hex')}`, {
        ...about,
        domain,
        xml,
      });
      expect(readDefinition(readFileSync(path, 'utf8'), null).name, domain).to.equal('web');
      expect(readBackup(path).record.domain).to.equal(domain);
    }
  });

  it('does not take the place of another one, and leaves nothing behind when it cannot be written', () => {
    const other = join(scratch.path, 'full');
    mkdirSync(other);
    const path = writeBackup(other, 'web', { xml, ...about });
    expect(() => writeBackup(other, 'web', { xml, ...about, domain: 'another' })).to.throw(/EEXIST/);
    expect(readBackup(path).xml).to.equal(xml);
    writeFileSync(join(other, 'file'), '');
    expect(() => writeBackup(join(other, 'file'), 'web', { xml, ...about })).to.throw(/is no directory/);
    expect(readdirSync(other).filter((name) => name.endsWith('.xml'))).to.have.length(1);
  });

  describe('is not used', () => {
    const refusal = (path: string) => {
      try {
        return readBackup(path).xml;
      } catch (error) {
        return `${(error as Error).name}: ${(error as Error).message}`;
      }
    };

    it('when it is not whole, or was edited', () => {
      const path = write({ takenAt: '2026-01-02T03:04:07.000Z' });
      appendFileSync(path, ' ');
      expect(refusal(path)).to.match(/FileUnusable: .* was changed or cut off/);
      writeFileSync(path, readFileSync(path, 'utf8').slice(0, -20));
      expect(refusal(path)).to.match(/cut off/);
    });

    it('when it is something else', () => {
      const path = join(scratch.path, 'other.xml');
      writeFileSync(path, xml);
      expect(refusal(path)).to.match(/is no backup that apply made/);
      writeFileSync(path, `<!-- virt-clock-audit backup {"schemaVersion":"1.0"} -->\n${xml}`);
      expect(refusal(path)).to.match(/is no backup/);
      writeFileSync(path, '');
      expect(refusal(path)).to.match(/is no backup/);
      expect(refusal(scratch.path)).to.match(/not a regular file/);
      expect(refusal(join(scratch.path, 'none'))).to.match(/does not exist/);
    });

    it('when others can write it', () => {
      const path = write({ takenAt: '2026-01-02T03:04:08.000Z' });
      chmodSync(path, 0o620);
      expect(refusal(path)).to.match(/can be written by others/);
    });
  });
});
