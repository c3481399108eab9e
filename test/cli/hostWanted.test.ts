import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { HOST_CHECKS } from '../../src/checks/registry.js';
import { hostWanted } from '../../src/cli/hostWanted.js';
import { auditJson, domainNamed, verdicts } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';
import { tinyDomainXml } from '../support/tinyDomain.js';

describe("this machine's clock", () => {
  const scratch = scratchDirectory('host');
  const file = join(scratch.path, 'guest.xml');
  const clock = "<clock offset='utc'><timer name='kvmclock' present='no'/></clock>";

  before(() => writeFileSync(file, tinyDomainXml({ name: 'guest', clock, type: 'kvm' })));
  after(() => scratch.remove());

  it('is not held against files, which may be from another machine', async () => {
    const { report } = await auditJson(['--domxml', file]);
    expect(report.host).to.equal(null);
    expect(report.run.hostNote).to.match(/^left out, since files may be from another machine/);
    for (const { evidence, observed } of domainNamed(report, 'guest').findings) {
      expect(evidence.map(({ fact }) => fact).filter((fact) => fact.startsWith('host.'))).to.deep.equal([]);
      expect(observed).to.not.contain('clocksource is');
    }
  });

  it('is held against files with --host', async () => {
    const { report } = await auditJson(['--domxml', file, '--host']);
    expect(report.host?.facts.kernelRelease.known).to.equal(true);
    expect(report.host?.findings.map(({ check }) => check)).to.deep.equal(HOST_CHECKS.map(({ id }) => id));
    expect(verdicts(domainNamed(report, 'guest').findings, 'domain/ptp-kvm')).to.have.length(1);
  });

  it("is left out for libvirt's test driver, which has no host", async () => {
    const { report } = await auditJson(['--connect', 'test:///default']);
    expect(report.host).to.equal(null);
    expect(report.run.hostNote).to.match(/^left out, since libvirt's test driver has no host/);
    const asked = await auditJson(['--connect', 'test:///default', '--host']);
    expect(asked.report.host?.findings).to.have.length(HOST_CHECKS.length);
  });

  it('is left out where LIBVIRT_DEFAULT_URI says so', async () => {
    const { report } = await auditJson([], { env: { LIBVIRT_DEFAULT_URI: 'test:///default' } });
    expect(report.run.sources[0]?.location).to.equal('test:///default');
    expect(report.host).to.equal(null);
  });

  for (const [uri, wanted] of [
    ['qemu:///system', true],
    ['qemu:///session', true],
    ['qemu+unix:///session?socket=/run/user/1000/libvirt/libvirt-sock', true],
    ['qemu+unix:///system', true],
    ['qemu+ssh://node7/system', false],
    ['qemu+ssh://root@node7:2222/system?keyfile=/a/b', false],
    ['qemu+tls://192.0.2.7/system', false],
    ['qemu+tcp://[2001:db8::7]/system', false],
    ['qemu://node7/system', false],
    ['test:///default', false],
    ['test+tcp://node7/default', false],
    ['test+unix:///default', false],
    ['an-alias-of-libvirt.conf', false],
    ['', false],
  ] as const) {
    it(`is ${wanted ? 'audited' : 'left out'} for the URI '${uri}', unless the options say otherwise`, () => {
      expect(hostWanted({}, uri).host).to.equal(wanted);
      expect(hostWanted({}, uri).note).to.match(wanted ? /^this machine$/ : /^left out, since /);
      expect(hostWanted({ host: true }, uri).host).to.equal(true);
      expect(hostWanted({ host: false }, uri).host).to.equal(false);
    });
  }
});
