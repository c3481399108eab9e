import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { unknown } from '../../src/facts/fact.js';
import { SystemCallError } from '../../src/kernel/systemCalls.js';
import { isOrdinarilyInaccessible, wayIn } from '../../src/ptp/kvmAccess.js';
import { KvmFailure, openFailure, requestFailure } from '../../src/ptp/kvmFailure.js';
import { requireFact } from '../support/requirement.js';
import { scratchDirectory } from '../support/scratch.js';

describe('the way into /dev/kvm', () => {
  const { path: root } = scratchDirectory('vca-access');
  const device = join(root, 'kvm');
  before(function () {
    requireFact(this, process.getuid?.() === 0, 'takes root');
    writeFileSync(device, '');
    mkdirSync(join(root, 'etc'));
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\nkvm:x:104:alice\nbroken\nqemu:x:107:\n');
  });

  for (const [mode, gid, way] of [
    [0o660, 104, 'join the group kvm, or run as root'],
    [0o660, 107, 'join the group qemu, or run as root'],
    [0o660, 999, 'join the group with the number 999, or run as root'],
    [0o600, 104, 'its mode is 600, which lets no group in; run as root'],
    [0o000, 104, 'its mode is 000, which lets no group in; run as root'],
    [0o640, 104, 'its mode is 640, which lets no group in; run as root'],
  ] as const) {
    it(`is told for mode ${mode.toString(8)} and group ${gid}`, () => {
      chownSync(device, 0, gid);
      chmodSync(device, mode);
      expect(wayIn(device, root)).to.equal(way);
    });
  }

  it('is told without a table of groups', () => {
    chmodSync(device, 0o660);
    expect(wayIn(device, join(root, 'nowhere'))).to.contain('with the number');
  });
});

describe("what KVM's errors mean", () => {
  const codes: readonly [string, number, string][] = [
    ['CREATE_VM', 16, 'kvm-busy'],
    ['CREATE_VM', 12, 'kvm-no-memory'],
    ['CREATE_VM', 13, 'kvm-refused'],
    ['CREATE_VM', 22, 'kvm-ioctl-failed'],
    ['SET_CLOCK', 25, 'kvm-ioctl-failed'],
    ['GET_API_VERSION', 25, 'kvm-not-kvm'],
  ];
  for (const [request, errno, code] of codes) {
    it(`tells ${code} for error ${errno} of KVM_${request}`, () => {
      const failure = requestFailure(request as 'CREATE_VM', '/dev/kvm', new SystemCallError('ioctl', errno));
      expect(failure).to.be.instanceOf(KvmFailure);
      expect((failure as KvmFailure).code).to.equal(code);
      expect((failure as KvmFailure).message)
        .to.contain('/dev/kvm')
        .and.to.match(/E[A-Z]+/);
    });
  }

  it('passes on what is no error of a system call', () => {
    const error = new TypeError('a fault');
    expect(requestFailure('RUN', '/dev/kvm', error)).to.equal(error);
  });

  it('has a cause for every way in which the device does not open', () => {
    const causes = ['ENOENT', 'ENODEV', 'ENXIO', 'EACCES', 'EPERM', 'EMFILE', undefined];
    expect(causes.map((code) => openFailure('/dev/kvm', code).code)).to.deep.equal([
      ...['kvm-missing', 'kvm-without-hardware', 'kvm-without-hardware', 'kvm-denied', 'kvm-denied'],
      ...['kvm-unopened', 'kvm-unopened'],
    ]);
  });
});

describe('a KVM that an audit leaves out', () => {
  const isLeftOut = (mode: number, cause: string) => {
    const path = join(scratchDirectory('vca-left-out').path, 'kvm');
    writeFileSync(path, '');
    chmodSync(path, mode);
    return isOrdinarilyInaccessible(path, unknown(path, cause, 'test'));
  };

  it('is one that is there for others, or not at all', () => {
    expect(isLeftOut(0o660, 'kvm-denied')).to.equal(true);
    expect(isLeftOut(0o600, 'kvm-denied')).to.equal(true);
    expect(isOrdinarilyInaccessible('/nowhere/kvm', unknown('/nowhere/kvm', 'kvm-missing', 'test'))).to.equal(
      true,
    );
  });

  it('is not one that nobody may open, or that does not work', () => {
    expect(isLeftOut(0o000, 'kvm-denied')).to.equal(false);
    expect(isLeftOut(0o660, 'kvm-ioctl-failed')).to.equal(false);
    expect(isLeftOut(0o666, 'kvm-busy')).to.equal(false);
  });
});
