import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { auditJson, domainNamed } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';

/** The states by the number that the test driver reads from a node file (`virDomainState`). */
const domains: Readonly<Record<string, { runstate: number; extra?: string }>> = {
  'web-1': { runstate: 1 },
  'web-2': { runstate: 5 },
  idle: { runstate: 2 },
  paused: { runstate: 3 },
  leaving: { runstate: 4 },
  crashed: { runstate: 6 },
  suspended: { runstate: 7 },
  saved: { runstate: 5, extra: '<test:hasmanagedsave/>' },
  transient: { runstate: 1, extra: '<test:transient/>' },
  'a,b [c]': { runstate: 5 },
};

const uuidOf = (name: string) =>
  `00000000-0000-4000-8000-${Object.keys(domains).indexOf(name).toString(16).padStart(12, 'a')}`;

function nodeXml(): string {
  const elements = Object.entries(domains).map(
    ([name, { runstate, extra = '' }]) =>
      `<domain type='kvm' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
        <name>${name}</name><uuid>${uuidOf(name)}</uuid><memory>65536</memory>
        <os><type arch='x86_64' machine='q35'>hvm</type></os>
        <test:runstate>${runstate}</test:runstate>${extra}
      </domain>`,
  );
  return `<node>${elements.join('\n')}</node>\n`;
}

describe('domains of a hypervisor', () => {
  const scratch = scratchDirectory('node');
  const file = join(scratch.path, 'node.xml');
  const audit = (...args: string[]) => auditJson(['--connect', `test://${file}`, ...args]);
  const active = ['web-1', 'idle', 'paused', 'leaving', 'crashed', 'suspended', 'transient'];
  const inactive = ['web-2', 'saved', 'a,b [c]'];

  before(() => writeFileSync(file, nodeXml()));
  after(() => scratch.remove());

  it('are told with the state, persistence and managed save that libvirt knows, the rare ones too', async () => {
    const { report } = await audit();
    const told = ({ state, persistent, managedSave }: (typeof report.domains)[number]) =>
      `${state}, ${persistent ? 'persistent' : 'transient'}${managedSave ? ', saved' : ''}`;
    expect(Object.fromEntries(report.domains.map((domain) => [domain.name, told(domain)]))).to.deep.equal({
      'web-1': 'running, persistent',
      'web-2': 'shut off, persistent',
      idle: 'idle, persistent',
      paused: 'paused, persistent',
      leaving: 'in shutdown, persistent',
      crashed: 'crashed, persistent',
      suspended: 'pmsuspended, persistent',
      saved: 'shut off, persistent, saved',
      transient: 'running, transient',
      'a,b [c]': 'shut off, persistent',
    });
  });

  const selections: readonly { option: string; args: string[]; names: string[] }[] = [
    { option: 'no option', args: [], names: [...active, ...inactive] },
    { option: 'a name', args: ['--domain', 'saved'], names: ['saved'] },
    { option: 'a name with brackets', args: ['--domain', 'a,b [c]'], names: ['a,b [c]'] },
    { option: 'a UUID', args: ['--domain', uuidOf('idle')], names: ['idle'] },
    { option: 'a UUID in capitals', args: ['--domain', uuidOf('idle').toUpperCase()], names: ['idle'] },
    { option: 'a glob', args: ['--domain', 'web-*'], names: ['web-1', 'web-2'] },
    { option: 'a glob with a class', args: ['--domain', '[is]*'], names: ['idle', 'suspended', 'saved'] },
    { option: 'two patterns', args: ['--domain', '*-1', '--domain', 'idle'], names: ['web-1', 'idle'] },
    { option: '--active', args: ['--active'], names: active },
    { option: '--inactive', args: ['--inactive'], names: inactive },
    { option: '--active --inactive', args: ['--active', '--inactive'], names: [...active, ...inactive] },
    { option: 'a glob and --inactive', args: ['--domain', 'web-*', '--inactive'], names: ['web-2'] },
  ];

  for (const { option, args, names } of selections) {
    it(`are ${names.length} of ${Object.keys(domains).length} with ${option}`, async () => {
      const { report } = await audit(...args);
      expect(report.domains.map(({ name }) => name)).to.have.members(names);
      expect(report.problems).to.deep.equal([]);
      expect(report.summary.domains).to.equal(names.length);
    });
  }

  it('are reported as a problem when none is called so', async () => {
    for (const [wanted, code] of [
      ['nope', 42],
      ['00000000-1111-2222-3333-444444444444', 42],
    ] as const) {
      const { report, exitCode } = await audit('--domain', wanted, '--domain', 'idle');
      expect(report.problems).to.have.length(1);
      expect(report.problems[0]).to.deep.include({ target: wanted, cause: 'no-such-domain' });
      expect(report.problems[0]?.libvirtError).to.deep.include({ code, domain: 12 });
      expect(report.problems[0]?.libvirtError?.message).to.match(/^Domain not found/);
      expect(domainNamed(report, 'idle').state).to.equal('idle');
      expect(exitCode).to.equal(3);
    }
  });

  it('are reported as a problem when a glob matches none', async () => {
    const { report, exitCode } = await audit('--domain', 'db-*');
    expect(report.problems).to.deep.equal([
      {
        outcome: 'unknown',
        target: 'db-*',
        cause: 'no-match',
        reason: 'matches no domain of this source; virsh list --all lists them',
      },
    ]);
    expect(exitCode).to.equal(3);
  });
});
