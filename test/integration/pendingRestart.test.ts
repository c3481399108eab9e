import { expect } from 'chai';
import { pendingRestart } from '../../src/checks/domain/pendingRestart.js';
import { type CollectedFacts, collectFacts, definitionIn, knownValue } from '../support/collectedFacts.js';
import { type PrivateLibvirtd, startPrivateLibvirtd, tinyDomainXml } from '../support/privateLibvirtd.js';
import { requireCommand } from '../support/requirement.js';
import { verdictOnDomain } from '../support/verdicts.js';

const utc = "<clock offset='utc'/>";
const tracksGuest = "<clock offset='utc'><timer name='rtc' track='guest'/></clock>";

describe('a domain whose definition was changed while it runs', function () {
  this.timeout(60_000);
  let libvirtd: PrivateLibvirtd;
  let collected: CollectedFacts;

  before(async function () {
    requireCommand(this, 'libvirtd', 'virsh', 'qemu-system-x86_64', 'setpriv');
    libvirtd = await startPrivateLibvirtd();
    const names = ['changed', 'same', 'undefined', 'redefined'];
    await libvirtd.defineMany(names.map((name) => tinyDomainXml({ name, clock: tracksGuest })));
    for (const name of names) await libvirtd.virsh('start', '--paused', name);
    await redefine('changed', utc);
    await libvirtd.virsh('undefine', 'undefined');
    const kept = await libvirtd.virsh('dumpxml', '--inactive', 'redefined');
    await libvirtd.virsh('undefine', 'redefined');
    await libvirtd.define(kept.replace(" track='guest'", " tickpolicy='catchup'"));
    collected = await collectFacts(['--connect', libvirtd.uri, '--no-host']);
  });

  after(() => libvirtd?.stop());

  async function redefine(name: string, clock: string): Promise<void> {
    const before = await libvirtd.virsh('dumpxml', '--inactive', name);
    const after = before.replace(/<clock.*<\/clock>/s, clock);
    expect(after).to.not.equal(before);
    await libvirtd.define(after);
  }

  const rtc = (name: string, kind: 'live' | 'inactive') =>
    definitionIn(collected.situation(name), kind).effectiveClock.rtc;

  it('goes on with the clock that its QEMU was started with', () => {
    expect(rtc('changed', 'live').clock).to.equal('vm');
    expect(rtc('redefined', 'live')).to.include({ clock: 'vm', driftfix: 'none' });
  });

  it('gets the other one when it is started anew', () => {
    expect(rtc('changed', 'inactive').clock).to.equal('host');
    expect(rtc('redefined', 'inactive')).to.include({ clock: 'host', driftfix: 'slew' });
    expect(rtc('same', 'inactive').clock).to.equal('vm');
  });

  it('has a QEMU that is just what its live definition says', () => {
    for (const name of ['changed', 'same', 'undefined', 'redefined']) {
      expect(knownValue(collected.domain(name).process).pid, name).to.be.above(1);
      const { effectiveClock, processDifferences } = definitionIn(collected.situation(name), 'live');
      expect(effectiveClock.readFrom, name).to.equal('process');
      expect(processDifferences, name).to.deep.equal([]);
    }
  });

  it('is told to wait for a power cycle, and only where one would change something', () => {
    const verdict = (name: string) => verdictOnDomain(pendingRestart, collected.situation(name));
    expect(verdict('changed')).to.equal('warn pending');
    expect(verdict('redefined')).to.equal('warn pending');
    expect(verdict('same')).to.equal('pass same');
    expect(verdict('undefined')).to.equal('not-applicable not-applicable');
  });

  it('has nothing to come when its definition was taken away', () => {
    expect(collected.situation('undefined').definitions).to.have.all.keys('live');
    expect(collected.situation('undefined').persistent).to.include({ value: false });
  });
});
