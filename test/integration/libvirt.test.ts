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

  before(async function () {
    requireCommand(this, 'libvirtd', 'virsh', 'qemu-system-x86_64', 'setpriv');
    libvirtd = await startPrivateLibvirtd();
    const names = ['stopped', 'running', 'paused', 'saved'];
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
    ({ report } = await auditJson(['--connect', libvirtd.uri, '--no-host']));
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
    expect(seen).to.have.length(7);
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

  it("reports a domain that does not exist with libvirt's own error, and audits the others", async () => {
    const wanted = ['--domain', 'running', '--domain', 'nope'];
    const partial = await auditJson(['--connect', libvirtd.uri, '--no-host', ...wanted]);
    const message = "Domain not found: no domain with matching name 'nope'";
    expect(partial.report.problems).to.deep.equal([
      {
        outcome: 'unknown',
        target: 'nope',
        cause: 'no-such-domain',
        reason: `${message} (libvirt error 42)`,
        libvirtError: { code: 42, domain: 10, message },
      },
    ]);
    expect(partial.exitCode).to.equal(3);
    expect(partial.report.domains.map(({ name }) => name)).to.deep.equal(['running']);
  });
});
