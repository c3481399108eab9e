import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { processFinder } from '../../src/cli/processFinder.js';
import { collectFacts, knownValue } from '../support/collectedFacts.js';
import { requireFact } from '../support/requirement.js';
import { scratchDirectory } from '../support/scratch.js';
import { tinyDomainXml } from '../support/tinyDomain.js';

const utc = "<clock offset='utc'/>";
const zone = (name: string) => `<clock offset='timezone' timezone='${name}'/>`;
const tsc = "<clock offset='utc'><timer name='tsc' frequency='2599998000'/></clock>";
const hpet = "<clock offset='utc'><timer name='hpet' present='yes'/></clock>";

describe("the hypervisor's facts that hang on its domains", () => {
  const scratch = scratchDirectory('hv');
  let files = 0;
  after(() => scratch.remove());

  /** Domains of libvirt's test driver, whose host has no TSC and whose hypervisor is version 0.0.2. */
  function testDriver(...clocks: string[]): string[] {
    const path = join(scratch.path, `${++files}.xml`);
    const domains = clocks.map((clock, index) => tinyDomainXml({ name: `d${index}`, clock, type: 'kvm' }));
    writeFileSync(path, `<node>${domains.join('')}</node>`);
    return ['--connect', `test://${path}`, '--host', '--chronyc', '/nonexistent/chronyc'];
  }

  it('are left out where no verdict depends on them', async () => {
    const { host } = (await collectFacts(testDriver(utc))).facts;
    for (const fact of [host?.tscCounter, host?.qemuVersion]) {
      expect(fact).to.deep.include({ known: false, leftOut: true });
    }
    expect(knownValue(host?.zoneinfo)).to.deep.equal({});
  });

  it("have libvirt's version", async () => {
    const { facts } = await collectFacts(testDriver(utc));
    expect(knownValue(facts.host?.libvirtVersion)).to.equal(facts.sources[0]?.libvirtVersion);
  });

  it('have the TSC of the capabilities where a domain names a frequency', async () => {
    const { host } = (await collectFacts(testDriver(utc, tsc))).facts;
    expect(host?.tscCounter).to.deep.equal({
      known: true,
      value: null,
      source: 'virConnectGetCapabilities',
    });
  });

  it("have QEMU's version where this libvirt may refuse a domain's HPET for it", async () => {
    const { host } = (await collectFacts(testDriver(hpet))).facts;
    if (/^9\.[01]\./.test(knownValue(host?.libvirtVersion))) {
      expect(knownValue(host?.qemuVersion)).to.equal('0.0.2');
    } else {
      expect(host?.qemuVersion).to.deep.include({ known: false, leftOut: true });
    }
  });

  it('have each time zone that a domain names', async function () {
    requireFact(
      this,
      existsSync('/usr/share/zoneinfo/Asia/Tokyo'),
      'no time zone files (Debian package tzdata)',
    );
    const { host } = (await collectFacts(testDriver(zone('Asia/Tokyo'), zone('Mars/Phobos'), utc))).facts;
    expect(knownValue(host?.zoneinfo)).to.deep.equal({ 'Asia/Tokyo': true, 'Mars/Phobos': false });
  });

  it('are left out for files, but for the time zones', async () => {
    const path = join(scratch.path, 'guest.xml');
    writeFileSync(path, tinyDomainXml({ name: 'guest', clock: zone('Mars/Phobos'), type: 'kvm' }));
    const { host } = (await collectFacts(['--domxml', path, '--host'])).facts;
    expect(knownValue(host?.zoneinfo)).to.deep.equal({ 'Mars/Phobos': false });
    for (const fact of [host?.tscCounter, host?.qemuVersion, host?.libvirtVersion]) {
      expect(fact).to.deep.include({ known: false, leftOut: true });
    }
  });

  it('are left out where nobody answers, which is a problem of its own', async () => {
    const uri = `qemu+unix:///session?socket=${scratch.path}/nobody`;
    const { host, problems } = (await collectFacts(['--connect', uri, '--host'])).facts;
    expect(problems.map(({ target }) => target)).to.deep.equal([uri]);
    expect(host?.libvirtVersion).to.deep.include({
      known: false,
      leftOut: true,
      reason: 'the hypervisor did not answer',
    });
  });
});

describe('the QEMU processes of a hypervisor', () => {
  const guest = { name: 'guest', uuid: '00000000-0000-4000-8000-000000000001' };

  for (const uri of ['qemu+ssh://node7/system', 'qemu+tls://192.0.2.7/system', 'an-alias-of-libvirt.conf']) {
    it(`of ${uri} are left out, since they may be on another machine`, () => {
      expect(processFinder(uri)?.(guest)).to.deep.include({ known: false, leftOut: true });
    });
  }

  for (const uri of ['test:///default', 'lxc:///system', 'xen:///system']) {
    it(`of ${uri} do not exist`, () => {
      expect(processFinder(uri)).to.equal(undefined);
    });
  }

  for (const uri of [
    'qemu:///system',
    'qemu:///session',
    'qemu+unix:///system',
    'qemu+tcp://localhost/system',
  ]) {
    it(`of ${uri} are looked for on this machine`, () => {
      const fact = processFinder(uri)?.({ ...guest, name: 'no-domain-is-called-so' });
      // An ordinary user may not even enter some of these places.
      expect(fact?.known === false && fact.cause).to.be.oneOf(['process-not-found', 'not-permitted']);
    });
  }
});
