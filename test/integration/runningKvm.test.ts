import { expect } from 'chai';
import { describeDomain, parseDomain, readDefinition } from '../../src/domxml/definition.js';
import type { QemuProcess } from '../../src/facts/process.js';
import { readQemuProcess } from '../../src/qemu/process.js';
import { stateDirectories } from '../../src/qemu/stateDirectories.js';
import { knownValue } from '../support/collectedFacts.js';
import { hasKvm } from '../support/embeddedDriver.js';
import { type EmbeddedGuest, startEmbeddedGuest } from '../support/embeddedGuest.js';
import { requireCommand, requireFact } from '../support/requirement.js';
import { tinyDomainXml } from '../support/tinyDomain.js';

const clock =
  "<clock offset='localtime'><timer name='kvmclock' present='no'/><timer name='rtc' tickpolicy='catchup'/></clock>";

describe('a paused domain with KVM', function () {
  this.timeout(60_000);
  let guest: EmbeddedGuest;
  let process: QemuProcess;

  before(async function () {
    requireCommand(this, 'virsh', 'qemu-system-x86_64');
    requireFact(this, hasKvm(), 'this process may not use /dev/kvm');
    const name = 'kvm-guest';
    guest = await startEmbeddedGuest(name, tinyDomainXml({ name, clock, type: 'kvm' }));
    const { uuid = '' } = readDefinition(guest.xml, null);
    const directories = stateDirectories(guest.uri, {});
    process = knownValue(readQemuProcess({ name, uuid }, directories, '/'));
  });

  after(() => guest?.stop());

  it('has a QEMU that says so', () => {
    expect(process.args.join(' ')).to.match(/(^| )-accel kvm( |$)/);
    expect(process.tz).to.equal(null);
    expect(process).to.not.have.property('tzRead');
  });

  it('has the clock in its arguments that libvirt generates for its definition', () => {
    const { effectiveClock, processDifferences } = describeDomain(parseDomain(guest.xml), null, process);
    expect(effectiveClock).to.deep.include({ kvmclock: 'off', readFrom: 'process' });
    expect(effectiveClock.rtc).to.include({ base: 'localtime', clock: 'host', driftfix: 'slew' });
    expect(processDifferences).to.deep.equal([]);
  });
});
