import { expect } from 'chai';
import { clockOf } from '../support/domainParts.js';

describe('overrides', () => {
  it('name what the elements of the QEMU driver say about the clock, and nothing else', () => {
    const inside = `<qemu:commandline><qemu:env name='TZ' value='UTC'/><qemu:env name='LANG' value='C'/></qemu:commandline>
      <qemu:capabilities><qemu:add capability='machine-hpet'/><qemu:del capability='no-hpet'/><qemu:del capability='vnc'/></qemu:capabilities>
      <qemu:override><qemu:device alias='x'><qemu:frontend><qemu:property name='lost_tick_policy' type='string' value='slew'/></qemu:frontend></qemu:device></qemu:override>`;
    const words = [
      '--rtc',
      'clock=vm',
      '-M',
      'usb=off',
      '-M',
      'q35,hpet=off',
      '-S',
      '-global',
      'vga.x=1',
      '-icount',
      'auto',
      '-readconfig',
      'f',
      '-name',
      '-no-hpet',
    ];
    expect(clockOf({ inside, words }).overrides).to.have.members([
      'qemu:arg -rtc clock=vm',
      'qemu:arg -machine q35,hpet=off',
      'qemu:arg -icount auto',
      'qemu:arg -readconfig f',
      'qemu:env TZ=UTC',
      'qemu:capabilities add machine-hpet',
      'qemu:capabilities del no-hpet',
    ]);
    expect(clockOf({}).overrides).to.deep.equal([]);
  });

  it('name each variable that another zone or another time may come from', () => {
    const env = (name: string, value: string) => `<qemu:env name='${name}' value='${value}'/>`;
    const variables = [
      ...[env('TZDIR', '/z'), env('LD_PRELOAD', 'libfaketime.so.1'), env('LD_LIBRARY_PATH', '/l')],
      ...[env('LD_AUDIT', 'a.so'), env('FAKETIME', '-15d'), env('FAKETIME_DONT_FAKE_MONOTONIC', '1')],
      ...[env('LD_DEBUG', 'all'), env('XTZ', 'UTC'), env('tz', 'UTC'), env('LD_PRELOADED', 'x')],
    ];
    const inside = `<qemu:commandline>${variables.join('')}</qemu:commandline>`;
    expect(clockOf({ inside }).overrides).to.deep.equal([
      'qemu:env TZDIR=/z',
      'qemu:env LD_PRELOAD=libfaketime.so.1',
      'qemu:env LD_LIBRARY_PATH=/l',
      'qemu:env LD_AUDIT=a.so',
      'qemu:env FAKETIME=-15d',
      'qemu:env FAKETIME_DONT_FAKE_MONOTONIC=1',
    ]);
  });

  it('name each property of the RTC and the PIT', () => {
    const words = ['-global', 'mc146818rtc.base_year=2000', '-global', 'kvm-pit.iobase=64'];
    const long = ['-global', 'driver=mc146818rtc,property=base_year,value=2000'];
    const other = ['-global', 'mc146818rtcx.y=1', '-global', 'base_year=1'];
    expect(clockOf({ words: [...words, ...long, ...other] }).overrides).to.deep.equal([
      'qemu:arg -global mc146818rtc.base_year=2000',
      'qemu:arg -global kvm-pit.iobase=64',
      'qemu:arg -global driver=mc146818rtc,property=base_year,value=2000',
    ]);
  });

  it('are named once each, and not without end', () => {
    const same = Array.from({ length: 50 }, () => ['-rtc', 'clock=vm']).flat();
    expect(clockOf({ words: same }).overrides).to.deep.equal(['qemu:arg -rtc clock=vm']);
    const many = Array.from({ length: 5000 }, (_, index) => ['-rtc', `base=utc,clock=vm,x=${index}`]).flat();
    expect(clockOf({ words: many }).overrides).to.have.length(100);
  });

  it('never show more of a value than helps', () => {
    const [shown = ''] = clockOf({ words: ['-cpu', `host,${'x'.repeat(10_000)}`] }).overrides;
    expect(shown.length).to.be.below(250);
  });
});
