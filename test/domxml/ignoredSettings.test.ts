import { expect } from 'chai';
import { readDefinition } from '../../src/domxml/definition.js';
import { type ClockCase, clockCaseXml } from '../support/clockMatrix.js';
import { ignoredSettingCases, settingsWithoutEffectInQemu } from '../support/ignoredSettingCases.js';

/** What has no effect in a domain, `!` in front of what contradicts the clock in force. */
function ignoredOf(xml: string): string[] {
  const { ignored } = readDefinition(xml, '9.0.0');
  expect(ignored.filter(({ because }) => because === '')).to.deep.equal([]);
  return ignored.map(({ setting, contradicts }) => `${contradicts ? '!' : ''}${setting}`);
}

const foreign = (it: ClockCase) => readDefinition(clockCaseXml('foreign', it), '9.0.0').foreignTimers;

describe('settings without an effect', () => {
  for (const [name, it_] of Object.entries({ ...ignoredSettingCases, ...settingsWithoutEffectInQemu })) {
    it(name, () => expect(ignoredOf(clockCaseXml(name, it_.written))).to.deep.equal(it_.ignored));
  }

  for (const [name, { without }] of Object.entries(ignoredSettingCases)) {
    it(`${name}: none is left where they are gone`, () =>
      expect(ignoredOf(clockCaseXml(name, without))).to.deep.equal([]));
  }

  it('a hpet that a newer libvirt switches on again', () => {
    const timers = "<timer name='hpet' present='no'/><timer name='hpet' present='yes'/>";
    const { ignored } = readDefinition(clockCaseXml('hpet', { timers }), '10.0.0');
    expect(ignored.map(({ setting }) => setting)).to.deep.equal(["timer hpet present='no'"]);
  });

  it("adjustment0 means something in libvirt's own record of a running domain", () => {
    const xml = clockCaseXml('status', {
      clock: "<clock offset='variable' adjustment='5' adjustment0='0' basis='utc'/>",
    });
    expect(ignoredOf(xml)).to.deep.equal(["clock adjustment0='0'"]);
    expect(ignoredOf(`<domstatus state='running'>${xml}</domstatus>`)).to.deep.equal([]);
  });

  it('an adjustment is not taken for 0 as long as it fits into 64 bits', () => {
    const withAdjustment = (adjustment: string) =>
      ignoredOf(clockCaseXml('long', { clock: `<clock offset='variable' adjustment='${adjustment}'/>` }));
    for (const adjustment of ['0000000000000000060', '1234567890123456789', '-9223372036854775808']) {
      expect(withAdjustment(adjustment), adjustment).to.deep.equal([]);
    }
    expect(withAdjustment('9223372036854775808')).to.deep.equal(["!clock adjustment='9223372036854775808'"]);
  });

  it('is not asked of a domain that QEMU does not run', () => {
    const xml = clockCaseXml('xen', { timers: "<timer name='tsc' mode='emulate'/>" });
    expect(ignoredOf(xml.replace("type='kvm'", "type='xen'"))).to.deep.equal([]);
  });

  it('says why', () => {
    const { ignored } = readDefinition(
      clockCaseXml('why', { timers: "<timer name='rtc' present='no'/>" }),
      null,
    );
    expect(ignored).to.deep.equal([
      {
        setting: "timer rtc present='no'",
        because: 'libvirt does not look at present: the machine has this timer either way',
        contradicts: false,
      },
    ]);
  });

  it('is cut to a length that a report can hold, in little time', () => {
    const long = 'x'.repeat(5000);
    const many = Array.from({ length: 20_000 }, (_, index) => `<timer name='rtc' a${index}='${index}'/>`);
    const xml = clockCaseXml('many', {
      clock: `<clock ${long}='${long}'>${many.join('')}<timer name='rtc'><catchup ${long}='1'/></timer></clock>`,
    });
    const before = performance.now();
    const ignored = ignoredOf(xml);
    expect(performance.now() - before).to.be.below(5000);
    expect(ignored).to.have.length(100);
    for (const setting of ignored) expect(setting.length).to.be.below(260);
  });
});

describe('timers of another architecture', () => {
  const timers =
    "<timer name='pit' tickpolicy='delay'/><timer name='hpet' present='no'/><timer name='pit'/><timer name='kvmclock'/><timer name='hypervclock' present='no'/><timer name='tsc' mode='native'/><timer name='rtc'/>";

  it('are named once each, in their order', () => {
    const expected = ['pit', 'hpet', 'kvmclock', 'hypervclock', 'tsc'];
    expect(foreign({ timers, machine: 'aarch64 virt' })).to.deep.equal(expected);
    expect(foreign({ timers, machine: 's390x s390-ccw-virtio' })).to.deep.equal(expected);
  });

  it('are none on x86', () => {
    expect(foreign({ timers })).to.deep.equal([]);
    expect(foreign({ timers, machine: 'i686 pc' })).to.deep.equal([]);
  });

  it('do not hold what libvirt refuses, nor the kvmclock that QEMU stumbles over', () => {
    for (const name of ['kvmclock', 'hypervclock', 'hpet', 'tsc']) {
      const written = { timers: `<timer name='${name}' present='yes'/>`, machine: 'aarch64 virt' };
      expect(foreign(written), name).to.deep.equal([]);
    }
    const off = { timers: "<timer name='kvmclock' present='no'/>", machine: 'aarch64 virt' };
    expect(foreign(off)).to.deep.equal([]);
  });
});
