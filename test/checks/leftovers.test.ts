import { expect } from 'chai';
import { armvtimer } from '../../src/checks/domain/armvtimer.js';
import { commandlineOverride } from '../../src/checks/domain/commandlineOverride.js';
import { foreignTimers } from '../../src/checks/domain/foreignTimers.js';
import { ignoredAttributes } from '../../src/checks/domain/ignoredAttributes.js';
import { stackOwner } from '../../src/checks/domain/stackOwner.js';
import { definitionOf, nova } from '../support/definitions.js';
import { verdictOn } from '../support/verdicts.js';

const NONE = 'not-applicable not-applicable';

describe('what is written without effect', () => {
  const ignoring = (...contradicts: boolean[]) =>
    definitionOf({
      ignored: contradicts.map((it) => ({ setting: 'a', because: 'b', contradicts: it })),
    });

  it('informs, and warns where it contradicts', () => {
    expect(verdictOn(ignoredAttributes, ignoring())).to.equal('pass none');
    expect(verdictOn(ignoredAttributes, ignoring(false))).to.equal('info no-effect');
    expect(verdictOn(ignoredAttributes, ignoring(false, true))).to.equal('warn contradicts');
    expect(verdictOn(ignoredAttributes, definitionOf({ virtType: 'xen' }))).to.equal(NONE);
  });
});

describe('timers of another architecture', () => {
  it('inform', () => {
    expect(verdictOn(foreignTimers, definitionOf())).to.equal('pass none');
    expect(verdictOn(foreignTimers, definitionOf({ foreignTimers: ['hpet'] }))).to.equal('info left-over');
    const frequency = { hvTime: 'not-applicable', tscFrequencyHz: 2e9 } as const;
    expect(verdictOn(foreignTimers, definitionOf({ arch: 'aarch64', clock: frequency }))).to.equal(
      'fail breaks-start',
    );
    expect(verdictOn(foreignTimers, definitionOf({ clock: { tscFrequencyHz: 2e9 } }))).to.equal('pass none');
  });
});

describe('passed-through arguments', () => {
  it('are told', () => {
    expect(verdictOn(commandlineOverride, definitionOf())).to.equal('pass none');
    const overrides = ['qemu:arg -rtc base=localtime'];
    expect(verdictOn(commandlineOverride, definitionOf({ clock: { overrides } }))).to.equal(
      'warn overridden',
    );
  });
});

describe('the layer that owns a definition', () => {
  it('is told', () => {
    expect(verdictOn(stackOwner, definitionOf())).to.equal('pass none');
    expect(verdictOn(stackOwner, definitionOf({ owner: nova }))).to.equal('info nova');
    const libosinfo = { kind: 'libosinfo', label: 'virt-manager or virt-install' } as const;
    expect(verdictOn(stackOwner, definitionOf({ owner: libosinfo }))).to.equal('pass libosinfo');
  });
});

describe("ARM's virtual counter", () => {
  it('informs about pauses', () => {
    const pausing = (armVirtualCounterStopsOnPause: boolean) =>
      definitionOf({ arch: 'aarch64', clock: { armVirtualCounterStopsOnPause } });
    expect(verdictOn(armvtimer, pausing(true))).to.equal('info stops');
    expect(verdictOn(armvtimer, pausing(false))).to.equal('info runs-on');
    expect(verdictOn(armvtimer, definitionOf())).to.equal(NONE);
  });
});
