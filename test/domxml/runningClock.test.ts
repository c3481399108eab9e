import { expect } from 'chai';
import { describeDomain, parseDomain } from '../../src/domxml/definition.js';

interface Parts {
  readonly clock?: string;
  readonly inside?: string;
  readonly type?: string;
  readonly machine?: string;
  readonly tz?: string | null;
}

const NAMESPACE = 'http://libvirt.org/schemas/domain/qemu/1.0';

/** A domain as a QEMU with these arguments runs it. */
function running(args: string, parts: Parts = {}) {
  const {
    clock = "<clock offset='utc'/>",
    inside = '',
    type = 'kvm',
    machine = 'pc-q35-7.2',
    tz = null,
  } = parts;
  const xml = `<domain type='${type}' id='1' xmlns:qemu='${NAMESPACE}'><name>n</name>
    <os><type arch='x86_64' machine='${machine}'>hvm</type></os>${clock}${inside}</domain>`;
  return describeDomain(parseDomain(xml), '9.0.0', { pid: 1, args: args.split(' '), tz });
}

const PLAIN = '-machine pc-q35-7.2,usb=off -accel kvm -cpu qemu64 -rtc base=utc';

describe('a running QEMU', () => {
  it('that does as its definition says differs in nothing and keeps its wording', () => {
    const { effectiveClock: clock, processDifferences } = running(
      `${PLAIN},clock=vm,driftfix=slew -global kvm-pit.lost_tick_policy=discard -machine hpet=off -cpu qemu64,kvmclock=on,hv-time=on`,
      {
        clock: `<clock offset='utc'><timer name='rtc' track='guest' tickpolicy='catchup'/><timer name='hpet' present='no'/>
          <timer name='pit' tickpolicy='discard'/><timer name='kvmclock' present='yes'/><timer name='hypervclock' present='yes'/></clock>`,
      },
    );
    expect(processDifferences).to.deep.equal([]);
    expect(clock).to.include({
      readFrom: 'process',
      hpetDecidedBy: "timer hpet present='no'",
      pitDecidedBy: "timer pit tickpolicy='discard'",
      kvmclockDecidedBy: "timer kvmclock present='yes'",
      hvTimeDecidedBy: "timer hypervclock present='yes'",
    });
    expect(clock.rtc).to.include({
      baseDecidedBy: "clock offset='utc'",
      clockDecidedBy: "timer rtc track='guest'",
      driftfixDecidedBy: "timer rtc tickpolicy='catchup'",
    });
  });

  it('decides where it says otherwise, and is named', () => {
    const { effectiveClock: clock, processDifferences } = running(`${PLAIN},clock=vm -no-hpet`);
    expect(clock.rtc).to.include({ clock: 'vm', clockDecidedBy: "the running QEMU's -rtc clock=vm" });
    expect(clock).to.include({ hpet: 'off', hpetDecidedBy: "the running QEMU's -no-hpet" });
    expect(processDifferences).to.deep.equal([
      "the RTC's clock is vm, by the running QEMU's -rtc clock=vm; its definition comes to host, by QEMU's default",
      "the HPET is off, by the running QEMU's -no-hpet; its definition comes to on, by QEMU's default",
    ]);
  });

  it('may spell the same effect in another way', () => {
    const clock =
      "<clock offset='utc'><timer name='hpet' present='no'/><timer name='kvmclock' present='no'/></clock>";
    expect(running(`${PLAIN} -no-hpet -cpu host,-kvmclock`, { clock }).processDifferences).to.deep.equal([]);
    expect(running(`${PLAIN} -M hpet=no -cpu host,kvmclock=n`, { clock }).processDifferences).to.deep.equal(
      [],
    );
  });

  it('of an old libvirt may discard the ticks that its definition delays', () => {
    const clock = "<clock offset='utc'><timer name='pit' tickpolicy='delay'/></clock>";
    const { effectiveClock, processDifferences } = running(
      `${PLAIN} -global kvm-pit.lost_tick_policy=discard`,
      { clock },
    );
    expect(effectiveClock.pitLostTickPolicy).to.equal('discard');
    expect(processDifferences).to.have.length(1);
    expect(processDifferences[0]).to.match(
      /^the PIT's lost tick policy is discard, by the running QEMU's -global /,
    );
  });

  it('keeps the adjustment of a variable offset, whatever the date it was started with', () => {
    const clock = "<clock offset='variable' adjustment='3600' basis='utc'/>";
    const args = PLAIN.replace('base=utc', 'base=2024-02-29T12:00:00');
    const { effectiveClock, processDifferences } = running(args, { clock });
    expect(processDifferences).to.deep.equal([]);
    expect(effectiveClock.rtc).to.include({
      base: 'datetime',
      adjustmentSeconds: 3600,
      variableBasis: 'utc',
      startSeconds: null,
    });
    expect(running(PLAIN, { clock }).processDifferences).to.have.length(1);
  });

  it('starts at the fixed date of its own, not at that of the definition', () => {
    const args = PLAIN.replace('base=utc', 'base=2010-01-01T00:00:00');
    const same = running(args, { clock: "<clock offset='absolute' start='1262304000'/>" });
    expect(same.processDifferences).to.deep.equal([]);
    const other = running(args, { clock: "<clock offset='absolute' start='0'/>" });
    expect(other.effectiveClock.rtc.startSeconds).to.equal(1262304000);
    expect(other.processDifferences[0]).to.include("the RTC's base is 2010-01-01T00:00:00.000Z");
  });

  for (const tcg of [
    '-accel tcg',
    '-accel tcg -accel kvm',
    '-machine accel=tcg',
    '-machine q35,accel=tcg:kvm',
  ]) {
    it(`has neither kvm-clock nor hv-time with ${tcg}, whatever the domain's type`, () => {
      const { effectiveClock, processDifferences } = running(`${tcg} -cpu max,hv-time=on -rtc base=utc`, {
        clock: "<clock offset='utc'><timer name='hypervclock' present='yes'/></clock>",
      });
      expect(effectiveClock).to.include({ kvmclock: 'inert', hvTime: 'inert', pitLostTickPolicy: null });
      expect(effectiveClock.kvmclockDecidedBy).to.match(
        /^the running QEMU's -(accel tcg|machine accel=tcg)$/,
      );
      expect(processDifferences.map((it) => it.split(' is ')[0])).to.deep.equal([
        'kvm-clock',
        'hv-time',
        "the PIT's lost tick policy",
      ]);
    });
  }

  for (const kvm of [
    '-accel kvm',
    '-enable-kvm',
    '-machine accel=kvm:tcg',
    '-machine accel=tcg -machine accel=kvm',
  ]) {
    it(`has kvm-clock with ${kvm}`, () => {
      expect(running(`${kvm} -cpu host -rtc base=utc`).effectiveClock.kvmclock).to.equal('on');
      expect(running(`${kvm} -cpu host -rtc base=utc`, { type: 'qemu' }).effectiveClock.kvmclock).to.equal(
        'on',
      );
    });
  }

  it('only differs in its time zone where its RTC has local time', () => {
    expect(running(PLAIN, { tz: 'Asia/Tokyo' }).processDifferences).to.deep.equal([]);
    const clock = "<clock offset='timezone' timezone='Europe/Paris'/>";
    const local = PLAIN.replace('utc', 'localtime');
    expect(running(local, { clock, tz: 'Europe/Paris' }).processDifferences).to.deep.equal([]);
    expect(running(local, { clock, tz: 'Asia/Tokyo' }).processDifferences).to.deep.equal([
      "the RTC's time zone is 'Asia/Tokyo', by the running QEMU's environment; its definition comes to 'Europe/Paris', by clock offset='timezone' timezone='Europe/Paris'",
    ]);
    expect(running(local, { clock }).effectiveClock).to.include({ tz: null, tzDecidedBy: null });
  });

  it('has had what qemu:commandline adds, which is neither added again nor a difference', () => {
    const inside =
      "<qemu:commandline><qemu:arg value='-cpu'/><qemu:arg value='host,kvm=off'/><qemu:arg value='-no-hpet'/></qemu:commandline>";
    const { effectiveClock, processDifferences } = running(`${PLAIN} -cpu host,kvm=off -no-hpet`, { inside });
    expect(processDifferences).to.deep.equal([]);
    expect(effectiveClock.overrides).to.deep.equal(['qemu:arg -cpu host,kvm=off', 'qemu:arg -no-hpet']);
    expect(effectiveClock.qemuArgs.filter((it) => it === '-no-hpet')).to.have.length(1);
    expect(running(PLAIN, { inside }).effectiveClock).to.include({ kvmclock: 'on', hpet: 'on' });
  });

  it('is compared by its enlightenments, its TSC and its CPU flags', () => {
    const inside =
      "<cpu mode='host-passthrough' migratable='off'/><features><hyperv><synic state='on'/></hyperv></features>";
    const same = running(`${PLAIN} -cpu host,migratable=off,hv_synic`, { inside });
    expect(same.processDifferences).to.deep.equal([]);
    const other = running(`${PLAIN} -cpu host,hv-vpindex=on,tsc-frequency=2000000000,+invtsc`, { inside });
    expect(other.processDifferences).to.deep.equal([
      'the set of Hyper-V enlightenments is vpindex; its definition comes to synic',
      "the TSC frequency is 2000000000 Hz; its definition comes to the host's",
      'the invariant TSC flag is set; its definition comes to not set by name',
      "the CPU's migratable is on; its definition comes to off",
    ]);
  });
});
