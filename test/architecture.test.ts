import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';

const source = join(import.meta.dirname, '..', 'src');

/** Which rooms a room may import from, besides itself. Facts flow one way; nobody but cli sees everything. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  facts: [],
  libvirt: ['facts'],
  domxml: ['facts'],
  commands: [],
  chrony: ['facts', 'commands'],
  kernel: ['facts'],
  host: ['facts', 'kernel'],
  ptp: ['facts', 'host', 'kernel'],
  timedaemons: ['facts', 'host', 'commands'],
  recording: ['facts', 'commands', 'domxml', 'qemu', 'host'],
  ssh: ['facts', 'commands', 'recording'],
  qemu: ['facts'],
  policy: ['facts'],
  checks: ['facts', 'policy'],
  remediation: ['domxml', 'checks', 'facts', 'policy'],
  schema: ['facts', 'commands'],
  apply: ['facts', 'libvirt', 'remediation', 'schema'],
  report: ['facts', 'checks', 'apply'],
  cli: [
    'facts',
    'libvirt',
    'domxml',
    'commands',
    'recording',
    'ssh',
    'chrony',
    'kernel',
    'host',
    'ptp',
    'timedaemons',
    'qemu',
    'policy',
    'checks',
    'remediation',
    'schema',
    'apply',
    'report',
  ],
};

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);

describe('the rooms of src', () => {
  it('are all known', () => {
    expect([...new Set(files.map((file) => file.split('/')[0]))].sort()).to.deep.equal(
      Object.keys(MAY_IMPORT).sort(),
    );
  });

  for (const file of files) {
    it(`${file} imports only from where its room may`, () => {
      const room = file.split('/')[0] ?? '';
      const text = readFileSync(join(source, file), 'utf8');
      for (const [, path = ''] of text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
        const target = relative(source, join(source, file, '..', path)).split('/')[0] ?? '';
        expect([room, ...(MAY_IMPORT[room] ?? [])], path).to.include(target);
      }
    });
  }

  it('keep checks away from all input and output', () => {
    for (const file of files.filter((name) => name.startsWith('checks/'))) {
      expect(readFileSync(join(source, file), 'utf8'), file).not.to.match(
        /from 'node:|import\('|\bprocess\./,
      );
    }
  });

  it('hold small files', () => {
    const lines = files.map((file) => ({
      file,
      count: readFileSync(join(source, file), 'utf8').split('\n').length,
    }));
    expect(lines.filter(({ count }) => count > 250)).to.deep.equal([]);
    const small = lines.filter(({ count }) => count <= 150).length;
    expect(small / lines.length).to.be.above(0.85);
  });
});
