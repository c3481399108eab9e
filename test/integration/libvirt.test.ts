import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Report } from '../../src/report/report.js';
import { type PrivateLibvirtd, startPrivateLibvirtd, tinyDomainXml } from '../support/privateLibvirtd.js';
import { requireCommand } from '../support/requirement.js';
import { auditJson, domainNamed, verdicts } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';

const utc = "<clock offset='utc'/>";
const tracksGuest = "<clock offset='utc'><timer name='rtc' track='guest'/></clock>";

describe('an audit of a real libvirtd', function () {
  this.timeout(60_000);
  const scratch = scratchDirectory('real');
  let libvirtd: PrivateLibvirtd;
  let report: Report;
  let audit: (...args: string[]) => ReturnType<typeof auditJson>;

  before(async function () {
    requireCommand(this, 'libvirtd', 'virsh', 'qemu-system-x86_64', 'setpriv');
    libvirtd = await startPrivateLibvirtd();
    audit = (...args) => auditJson(['--connect', libvirtd.uri, '--no-host', ...args]);
    const names = ['stopped', 'running', 'paused', 'saved', 'web-1', 'web-2'];
    const broken = ['mended', 'spoilt-later'];
    await libvirtd.defineMany([
      ...names.map((name) => tinyDomainXml({ name, clock: utc })),
      ...broken.map((name) => tinyDomainXml({ name, clock: name === 'mended' ? tracksGuest : utc })),
    ]);
    await libvirtd.virsh('start', 'running');
    for (const name of ['paused', ...broken]) await libvirtd.virsh('start', '--paused', name);
    await libvirtd.virsh('start', 'saved');
    await libvirtd.virsh('managedsave', 'saved');
    await redefine('mended', (xml) => xml.replace(" track='guest'", ''));
    await redefine('spoilt-later', (xml) => xml.replace("<clock offset='utc'/>", tracksGuest));
    const file = join(scratch.path, 'transient.xml');
    writeFileSync(file, tinyDomainXml({ name: 'transient', clock: tracksGuest }));
    await libvirtd.virsh('create', '--paused', file);
    ({ report } = await audit());
  });

  after(async () => {
    await libvirtd?.stop();
    await scratch.remove();
  });

  async function redefine(name: string, edit: (xml: string) => string): Promise<void> {
    const before = await libvirtd.virsh('dumpxml', '--inactive', name);
    const after = edit(before);
    expect(after).not.to.equal(before);
    await libvirtd.define(after);
  }

  it('lists every domain with the UUID that virsh tells', async () => {
    const listed = (await libvirtd.virsh('list', '--all', '--uuid', '--name')).trim().split('\n');
    const seen = report.domains.map(({ uuid, name }) => `${uuid} ${name}`);
    expect(seen).to.have.members(listed.map((line) => line.trim().replace(/\s+/, ' ')));
    expect(seen).to.have.length(9);
  });

  it('tells what each domain does, whether it stays and whether its memory was saved', () => {
    const about = report.domains.map(({ name, state, persistent, managedSave, definition }) => [
      name,
      { state, persistent, managedSave, definition },
    ]);
    const stopped = { state: 'shut off', persistent: true, managedSave: false, definition: 'inactive' };
    const paused = { state: 'paused', persistent: true, managedSave: false, definition: 'live' };
    expect(Object.fromEntries(about)).to.deep.equal({
      stopped,
      'web-1': stopped,
      'web-2': stopped,
      saved: { ...stopped, managedSave: true },
      running: { ...paused, state: 'running' },
      paused,
      mended: paused,
      'spoilt-later': paused,
      transient: { ...paused, persistent: false },
    });
  });

  it('names the libvirt that answered', () => {
    expect(report.run.sources).to.have.length(1);
    expect(report.run.sources[0]?.location).to.equal(libvirtd.uri);
    expect(report.run.sources[0]?.libvirtVersion).to.match(/^\d+\.\d+\.\d+$/);
    expect(report.problems).to.deep.equal([]);
    expect(report.notes).to.deep.equal([]);
  });

  it('knows the machine, the guest and the clock of every domain', () => {
    for (const domain of report.domains) {
      expect(domain.virtType, domain.name).to.equal('qemu');
      expect(domain.arch, domain.name).to.equal('x86_64');
      expect(domain.machine, domain.name).to.match(/^pc-q35-/);
      expect(domain.guestOs?.family, domain.name).to.equal('unknown');
      expect(domain.owner?.kind, domain.name).to.equal('none');
      expect(domain.effectiveClock?.rtc.base, domain.name).to.equal('utc');
    }
  });

  it('tells a bad clock that still runs from the definition that was mended meanwhile', () => {
    const { findings, effectiveClock, nextEffectiveClock } = domainNamed(report, 'mended');
    expect(verdicts(findings, 'domain/rtc-track')).to.deep.equal(['fail guest live', 'pass host inactive']);
    expect(verdicts(findings, 'domain/clock-offset')).to.deep.equal(['pass utc']);
    expect(effectiveClock?.rtc.clock).to.equal('vm');
    expect(nextEffectiveClock?.rtc.clock).to.equal('host');
  });

  it('warns of a definition that was spoilt while the domain runs well', () => {
    const { findings } = domainNamed(report, 'spoilt-later');
    expect(verdicts(findings, 'domain/rtc-track')).to.deep.equal(['pass host live', 'fail guest inactive']);
  });

  it('judges a transient domain by its only definition', () => {
    const { findings, nextEffectiveClock } = domainNamed(report, 'transient');
    expect(verdicts(findings, 'domain/rtc-track')).to.deep.equal(['fail guest']);
    expect(nextEffectiveClock).to.equal(undefined);
  });

  const byOption: Readonly<Record<string, { args: () => string[]; names: string[] }>> = {
    'a name': { args: () => ['--domain', 'saved'], names: ['saved'] },
    'a UUID': { args: () => ['--domain', uuidOf('paused')], names: ['paused'] },
    'a UUID in capitals': { args: () => ['--domain', uuidOf('paused').toUpperCase()], names: ['paused'] },
    'a glob': { args: () => ['--domain', 'web-*'], names: ['web-1', 'web-2'] },
    'several patterns': {
      args: () => ['--domain', '*ed', '--domain', 'web-?', '--inactive'],
      names: ['stopped', 'saved', 'web-1', 'web-2'],
    },
    '--active': {
      args: () => ['--active'],
      names: ['running', 'paused', 'mended', 'spoilt-later', 'transient'],
    },
    '--inactive': { args: () => ['--inactive'], names: ['stopped', 'saved', 'web-1', 'web-2'] },
    '--active and --inactive': {
      args: () => ['--active', '--inactive', '--domain', '[sr]*'],
      names: ['stopped', 'saved', 'running', 'spoilt-later'],
    },
  };
  const uuidOf = (name: string) => domainNamed(report, name).uuid ?? '';

  for (const [what, { args, names }] of Object.entries(byOption)) {
    it(`audits only what ${what} selects`, async () => {
      const selected = await audit(...args());
      expect(selected.report.domains.map(({ name }) => name)).to.have.members(names);
      expect(selected.report.problems).to.deep.equal([]);
    });
  }

  it("reports a domain that does not exist with libvirt's own error", async () => {
    const { report: partial, exitCode } = await audit('--domain', 'running', '--domain', 'nope');
    const message = "Domain not found: no domain with matching name 'nope'";
    expect(partial.problems).to.deep.equal([
      {
        target: 'nope',
        cause: 'no-such-domain',
        reason: `${message} (libvirt error 42)`,
        libvirtError: { code: 42, domain: 10, message },
      },
    ]);
    expect(exitCode).to.equal(3);
    expect(partial.domains.map(({ name }) => name)).to.deep.equal(['running']);
  });

  it('reports a UUID that does not exist with the code of a missing domain', async () => {
    const uuid = '00000000-1111-2222-3333-444444444444';
    const { report: empty, exitCode } = await audit('--domain', uuid);
    expect(empty.problems).to.have.length(1);
    expect(empty.problems[0]).to.deep.include({ target: uuid, cause: 'no-such-domain' });
    expect(empty.problems[0]?.libvirtError).to.deep.include({ code: 42, domain: 10 });
    expect(exitCode).to.equal(3);
  });

  it('reports a glob that matches nothing', async () => {
    const { report: empty, exitCode } = await audit('--domain', 'db-*');
    expect(empty.problems).to.deep.equal([
      { target: 'db-*', cause: 'no-match', reason: 'matches no domain of this source' },
    ]);
    expect(exitCode).to.equal(3);
  });
});
