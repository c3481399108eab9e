import { expect } from 'chai';
import { kvmclock } from '../../src/checks/domain/kvmclock.js';
import { definitionOf, linux, windows } from '../support/definitions.js';
import { verdictOn } from '../support/verdicts.js';

describe('kvm-clock', () => {
  it('is a must for those who have a driver for it', () => {
    expect(verdictOn(kvmclock, definitionOf())).to.equal('pass on');
    for (const guestOs of [linux, windows('weak')]) {
      expect(verdictOn(kvmclock, definitionOf({ guestOs, clock: { kvmclock: 'off' } }))).to.equal(
        'fail switched-off',
      );
      expect(verdictOn(kvmclock, definitionOf({ guestOs, clock: { kvmclock: 'hidden' } }))).to.equal(
        'fail kvm-hidden',
      );
    }
  });

  it('is nothing that Windows misses, but asking for it in vain is a mistake', () => {
    const hidden = { kvmclock: 'hidden', kvmclockAsked: null } as const;
    expect(verdictOn(kvmclock, definitionOf({ guestOs: windows(), clock: hidden }))).to.equal(
      'info not-used',
    );
    const asked = { kvmclock: 'hidden', kvmclockAsked: 'on' } as const;
    expect(verdictOn(kvmclock, definitionOf({ guestOs: windows(), clock: asked }))).to.equal('warn inert');
  });

  it('is not to be had under TCG', () => {
    const tcg = (kvmclockAsked: 'on' | null) =>
      definitionOf({ virtType: 'qemu', clock: { kvmclock: 'inert', kvmclockAsked } });
    expect(verdictOn(kvmclock, tcg('on'))).to.equal('warn inert');
    expect(verdictOn(kvmclock, tcg(null))).to.equal('not-applicable no-kvm');
  });
});
