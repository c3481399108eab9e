import { expect } from 'chai';
import { hypervclock } from '../../src/checks/domain/hypervclock.js';
import { hypervDependencies } from '../../src/checks/domain/hypervDependencies.js';
import { hypervStimer } from '../../src/checks/domain/hypervStimer.js';
import { definitionOf, linux, nova, windows } from '../support/definitions.js';
import { verdictOn } from '../support/verdicts.js';

const aarch64 = definitionOf({
  arch: 'aarch64',
  clock: { hvTime: 'not-applicable', kvmclock: 'not-applicable' },
});
const tcg = definitionOf({ virtType: 'qemu', clock: { hvTime: 'inert', kvmclock: 'inert' } });

describe('the Hyper-V reference time', () => {
  const on = { hvTime: 'on' } as const;

  it('is a must for Windows, the surer the guest is', () => {
    expect(verdictOn(hypervclock, definitionOf({ guestOs: windows() }))).to.equal('fail off');
    expect(verdictOn(hypervclock, definitionOf({ guestOs: windows('medium') }))).to.equal(
      'warn off-probably',
    );
    expect(verdictOn(hypervclock, definitionOf({ guestOs: windows('weak') }))).to.equal('info off-perhaps');
    expect(verdictOn(hypervclock, definitionOf({ guestOs: windows(), clock: on }))).to.equal('pass on');
  });

  it('is nothing that others need, nor that harms them', () => {
    expect(verdictOn(hypervclock, definitionOf())).to.equal('pass not-needed');
    expect(verdictOn(hypervclock, definitionOf({ clock: on }))).to.equal('pass on');
    expect(verdictOn(hypervclock, definitionOf({ guestOs: linux }))).to.equal('pass not-needed');
    expect(verdictOn(hypervclock, definitionOf({ guestOs: linux, clock: on }))).to.equal(
      'info on-without-use',
    );
  });

  it('is not asked about without KVM or x86', () => {
    for (const definition of [aarch64, tcg, definitionOf({ virtType: 'lxc' })]) {
      expect(verdictOn(hypervclock, definition)).to.equal('not-applicable not-applicable');
    }
  });
});

describe('what the Hyper-V enlightenments need', () => {
  const having = (hvTime: 'on' | 'off', ...enlightenments: string[]) =>
    verdictOn(hypervDependencies, definitionOf({ clock: { hvTime, enlightenments } }));

  it('must be there, or QEMU does not start', () => {
    expect(having('on', 'stimer', 'synic', 'vpindex')).to.equal('pass complete');
    expect(having('off', 'stimer', 'synic', 'vpindex')).to.equal('fail incomplete');
    expect(having('on', 'stimer', 'vpindex')).to.equal('fail incomplete');
    expect(having('on', 'stimer', 'synic')).to.equal('fail incomplete');
    expect(having('off', 'synic')).to.equal('fail incomplete');
    expect(having('off', 'synic', 'vpindex')).to.equal('pass complete');
    expect(having('off', 'tlbflush')).to.equal('fail incomplete');
    expect(having('off', 'ipi', 'tlbflush', 'vpindex')).to.equal('pass complete');
    expect(having('off', 'evmcs')).to.equal('fail incomplete');
    expect(having('on', 'stimer-direct', 'synic', 'vpindex')).to.equal('fail incomplete');
    expect(having('off', 'ipi')).to.equal('fail incomplete');
    expect(having('off', 'tlbflush-ext', 'vpindex')).to.equal('fail incomplete');
    expect(having('off', 'tlbflush-direct')).to.equal('fail incomplete');
    expect(having('off', 'evmcs', 'tlbflush-direct', 'vapic')).to.equal('pass complete');
  });

  it('is no question for those that need nothing, for passthrough, or for none', () => {
    expect(having('off', 'relaxed', 'spinlocks', 'vapic', 'frequencies')).to.equal('pass complete');
    const passthrough = { hvTime: 'on', hvPassthrough: true, enlightenments: ['stimer'] } as const;
    expect(verdictOn(hypervDependencies, definitionOf({ clock: passthrough }))).to.equal('pass passthrough');
    expect(having('off')).to.equal('not-applicable not-applicable');
    expect(verdictOn(hypervDependencies, tcg)).to.equal('not-applicable not-applicable');
  });
});

describe('the synthetic timers', () => {
  const timers = (guestOs = windows(), enlightenments: string[] = [], rest = {}) =>
    verdictOn(hypervStimer, definitionOf({ guestOs, clock: { hvTime: 'on', enlightenments }, ...rest }));

  it('are expected with the reference time of a Windows guest', () => {
    expect(timers(windows(), ['stimer', 'synic', 'vpindex'])).to.equal('pass on');
    expect(timers()).to.equal('warn off');
    expect(timers(windows('medium'))).to.equal('info off-probably');
    expect(timers(windows(), [], { owner: nova })).to.equal('info off-by-nova');
    const passthrough = { hvTime: 'on', hvPassthrough: true } as const;
    expect(verdictOn(hypervStimer, definitionOf({ guestOs: windows(), clock: passthrough }))).to.equal(
      'pass passthrough',
    );
  });

  it('are no question for others, or without the reference time', () => {
    expect(timers(linux)).to.equal('not-applicable not-applicable');
    expect(timers(windows('weak'))).to.equal('not-applicable not-applicable');
    expect(verdictOn(hypervStimer, definitionOf({ guestOs: windows() }))).to.equal(
      'not-applicable not-applicable',
    );
  });
});
