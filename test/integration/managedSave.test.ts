import { truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { managedSave } from '../../src/checks/domain/managedSave.js';
import { type CollectedFacts, collectFacts, definitionIn, knownValue } from '../support/collectedFacts.js';
import { DOMAIN_MANAGED_SAVE_GET_XML_DESC, startLossyProxy } from '../support/lossyProxy.js';
import { type PrivateLibvirtd, startPrivateLibvirtd, tinyDomainXml } from '../support/privateLibvirtd.js';
import { requireCommand } from '../support/requirement.js';
import { ordinaryUser, scratchDirectory } from '../support/scratch.js';
import { verdictOnDomain } from '../support/verdicts.js';

const tracksGuest = "<clock offset='utc'><timer name='rtc' track='guest'/></clock>";

describe('a domain with a managed save image', function () {
  this.timeout(60_000);
  let libvirtd: PrivateLibvirtd;
  let collected: CollectedFacts;

  before(async function () {
    requireCommand(this, 'libvirtd', 'virsh', 'qemu-system-x86_64', 'setpriv');
    libvirtd = await startPrivateLibvirtd();
    const names = ['mended', 'same', 'damaged', 'unsaved'];
    const secret = "<graphics type='vnc' passwd='s3cret'><listen type='none'/></graphics>";
    await libvirtd.defineMany(
      names.map((name) => tinyDomainXml({ name, clock: tracksGuest, devices: secret })),
    );
    for (const name of names.slice(0, 3)) {
      await libvirtd.virsh('start', name);
      await libvirtd.virsh('managedsave', name);
    }
    const definition = await libvirtd.virsh('dumpxml', '--security-info', 'mended');
    await libvirtd.define(definition.replace(" track='guest'", ''));
    const home = dirname(dirname(dirname(libvirtd.socketPath)));
    truncateSync(join(home, 'cfg', 'libvirt', 'qemu', 'save', 'damaged.save'), 100);
    collected = await collectFacts(['--connect', libvirtd.uri, '--no-host'], { user: ordinaryUser() });
  });

  after(() => libvirtd?.stop());

  it('would be brought back with the clock of the image, whatever was defined meanwhile', () => {
    const { saved, managedSave: image, definitions } = collected.situation('mended');
    expect(knownValue(image)).to.equal(true);
    expect(knownValue(saved).effectiveClock.rtc.clock).to.equal('vm');
    expect(knownValue(saved).effectiveClock.readFrom).to.equal('definition');
    expect(definitions).to.have.all.keys('inactive');
    expect(definitionIn(collected.situation('mended'), 'inactive').effectiveClock.rtc.clock).to.equal('host');
  });

  it('has the same clock in both where nothing was changed', () => {
    const situation = collected.situation('same');
    expect(knownValue(situation.saved).effectiveClock).to.deep.equal(
      definitionIn(situation, 'inactive').effectiveClock,
    );
  });

  it("costs only its own image, with libvirt's error, where that cannot be read", () => {
    const { savedDefinition, definitions } = collected.domain('damaged');
    expect(savedDefinition).to.deep.include({ known: false, cause: 'libvirt-error' });
    expect(savedDefinition).to.have.nested.property('libvirtError.code').that.is.above(0);
    expect(savedDefinition).to.have.property('source', 'virDomainManagedSaveGetXMLDesc');
    expect(definitions.inactive?.known).to.equal(true);
  });

  it('is told from one without', () => {
    expect(collected.domain('unsaved')).to.not.have.property('savedDefinition');
    expect(collected.situation('unsaved').saved).to.equal(null);
  });

  it('costs only its own image where libvirt does not answer', async () => {
    const scratch = scratchDirectory('lost');
    const socket = join(scratch.path, 'socket');
    const lost = DOMAIN_MANAGED_SAVE_GET_XML_DESC;
    const proxy = await startLossyProxy(libvirtd.socketPath, socket, 0, lost);
    const uri = `qemu+unix:///session?socket=${socket}`;
    const { facts } = await collectFacts(['--connect', uri, '--no-host', '--timeout', '2']);
    proxy.close();
    await scratch.remove();
    const overdue = facts.domains.filter(
      ({ savedDefinition: it }) => it?.known === false && it.cause === 'deadline-exceeded',
    );
    expect(overdue).to.have.length(1);
    expect(facts.domains.filter(({ savedDefinition: it }) => it?.known)).to.have.length.within(1, 2);
    for (const { definitions } of facts.domains) expect(definitions.inactive?.known).to.equal(true);
  });

  it('is warned about, where the image brings another clock back', () => {
    const verdict = (name: string) => verdictOnDomain(managedSave, collected.situation(name));
    expect(verdict('mended')).to.equal('warn stale-image');
    expect(verdict('same')).to.equal('pass same');
    expect(verdict('unsaved')).to.equal('pass no-image');
    expect(verdict('damaged')).to.equal('unknown libvirt-error');
  });

  it('keeps its passwords to itself', () => {
    expect(knownValue(collected.domain('mended').savedDefinition).xml).to.contain('<graphics ');
    expect(collected.text).to.not.contain('s3cret');
  });
});
