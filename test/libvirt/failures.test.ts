import { expect } from 'chai';
import { unknownBecause } from '../../src/libvirt/failures.js';
import { DeadlineExceeded } from '../../src/libvirt/pendingCalls.js';

describe('an answer of libvirt that did not come', () => {
  const reason = (call: string) => {
    const { cause, reason } = unknownBecause(
      call,
      new DeadlineExceeded(`${call} was not answered within 10 s`),
    );
    expect(cause).to.equal('deadline-exceeded');
    return reason;
  };

  it('is worth asking for again where a daemon that was just started tries every QEMU first', () => {
    for (const call of ['virConnectGetCapabilities', 'virConnectGetVersion']) {
      expect(reason(call)).to.equal(
        `${call} was not answered within 10 s; a libvirt daemon tries every installed QEMU at the first such question after its start: repeat the audit, or raise --timeout`,
      );
    }
    expect(reason('virDomainGetXMLDesc')).to.equal('virDomainGetXMLDesc was not answered within 10 s');
  });
});
