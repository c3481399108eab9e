import { expect } from 'chai';
import { takesVirtioSerial } from '../../src/checks/virtioSerial.js';
import { type EmbeddedDriver, startEmbeddedDriver } from '../support/embeddedDriver.js';
import { requireCommand } from '../support/requirement.js';

/** Machines that libvirt is asked about, by the emulator that has them. */
const MACHINES = {
  x86_64: ['pc', 'q35', 'isapc', 'none'],
  aarch64: ['virt'],
  ppc64: ['pseries'],
  s390x: ['s390-ccw-virtio'],
  riscv64: ['virt'],
};

describe("a channel without an address, to libvirt's own driver", function () {
  this.timeout(120_000);
  let driver: EmbeddedDriver | undefined;

  before(async function () {
    requireCommand(this, 'virsh');
    driver = await startEmbeddedDriver();
  });
  after(() => driver?.stop());

  for (const [arch, machines] of Object.entries(MACHINES)) {
    for (const machine of machines) {
      const taken = takesVirtioSerial({ arch, machine });
      it(`is ${taken ? 'given a place' : 'refused'} on ${arch} ${machine}`, async function () {
        requireCommand(this, `qemu-system-${arch}`);
        const answer = await driver?.commandLine(`<domain type='qemu'>
          <name>agent</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
          <os><type arch='${arch}' machine='${machine}'>hvm</type></os>
          <devices>
            <controller type='usb' model='none'/><memballoon model='none'/>
            <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
          </devices>
        </domain>`);
        if (taken) expect(answer).to.have.property('line').that.contains('org.qemu.guest_agent.0');
        else expect(answer).to.have.property('rejected');
      });
    }
  }
});
