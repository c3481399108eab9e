import type { ClockCase } from './clockMatrix.js';

/** A domain with settings that have no effect, and the same domain without them. */
export interface IgnoredSettingCase {
  readonly written: ClockCase;
  /** What libvirt makes the same arguments of. */
  readonly without: ClockCase;
  /** What has to be found, `!` in front of what contradicts the clock in force. */
  readonly ignored: readonly string[];
}

const timers = (text: string): ClockCase => ({ timers: text });
const clock = (text: string): ClockCase => ({ clock: text });
const plain: ClockCase = {};
const armCpu = "<cpu mode='custom' match='exact'><model fallback='forbid'>cortex-a57</model></cpu>";
const arm = { machine: 'aarch64 virt', type: 'qemu', extra: armCpu } as const;
const s390x = { machine: 's390x s390-ccw-virtio', type: 'qemu' } as const;
const hidden = "<features><kvm><hidden state='on'/></kvm></features>";
const unread = (open: string, close: string) => ({
  extra: `${open}<arg value='-rtc'/><arg value='clock=vm'/>${close}`,
});

/** Every kind of setting without an effect; libvirt itself is the witness. */
export const ignoredSettingCases: Readonly<Record<string, IgnoredSettingCase>> = {
  'rtc present no': {
    written: timers("<timer name='rtc' present='no'/>"),
    without: plain,
    ignored: ["timer rtc present='no'"],
  },
  'rtc present yes': {
    written: timers("<timer name='rtc' present='yes' tickpolicy='catchup'/>"),
    without: timers("<timer name='rtc' tickpolicy='catchup'/>"),
    ignored: [],
  },
  'pit present no': {
    written: timers("<timer name='pit' present='no' tickpolicy='discard'/>"),
    without: timers("<timer name='pit' tickpolicy='discard'/>"),
    ignored: ["timer pit present='no'"],
  },
  'a tsc without anything that counts': {
    written: timers("<timer name='tsc' present='no' mode='emulate' tickpolicy='discard' frequency='0'/>"),
    without: plain,
    ignored: [
      "timer tsc present='no'",
      "timer tsc tickpolicy='discard'",
      "timer tsc frequency='0'",
      "timer tsc mode='emulate'",
    ],
  },
  'bare timers': {
    written: timers(
      "<timer name='tsc'/><timer name='hpet'/><timer name='kvmclock'/><timer name='hypervclock'/><timer name='rtc'/>",
    ),
    without: plain,
    ignored: ['timer tsc', 'timer hpet', 'timer kvmclock', 'timer hypervclock'],
  },
  'a tick policy of the hpet': {
    written: timers("<timer name='hpet' present='no' tickpolicy='catchup'><catchup limit='9'/></timer>"),
    without: timers("<timer name='hpet' present='no'/>"),
    ignored: ["timer hpet tickpolicy='catchup'", "catchup limit='9' in timer hpet"],
  },
  'catchup numbers': {
    written: timers(
      "<timer name='rtc' tickpolicy='catchup'><catchup threshold='123' slew='120' limit='10000'/></timer>",
    ),
    without: timers("<timer name='rtc' tickpolicy='catchup'/>"),
    ignored: ["catchup threshold='123' slew='120' limit='10000' in timer rtc"],
  },
  'catchup of the pit': {
    written: timers("<timer name='pit' tickpolicy='catchup'/>"),
    without: plain,
    ignored: ["timer pit tickpolicy='catchup'"],
  },
  'a second rtc': {
    written: timers(
      "<timer name='rtc' track='wall'/><timer name='rtc' track='guest'/><timer name='rtc' tickpolicy='delay'/>",
    ),
    without: timers("<timer name='rtc' track='wall'/>"),
    ignored: ["!timer rtc track='guest'", "timer rtc tickpolicy='delay'"],
  },
  'a hypervclock that nothing takes back': {
    written: timers(
      "<timer name='hypervclock' present='yes'/><timer name='hypervclock' present='no'/><timer name='hypervclock'/>",
    ),
    without: timers("<timer name='hypervclock' present='yes'/>"),
    ignored: ["!timer hypervclock present='no'", 'timer hypervclock'],
  },
  'a hypervclock against passthrough': {
    written: {
      ...timers("<timer name='hypervclock' present='no'/>"),
      extra: "<features><hyperv mode='passthrough'/></features>",
    },
    without: { extra: "<features><hyperv mode='passthrough'/></features>" },
    ignored: ["!timer hypervclock present='no'"],
  },
  'two clocks': {
    written: clock(
      "<clock offset='utc'/><clock offset='localtime'><timer name='kvmclock' present='no'/></clock>",
    ),
    without: timers("<timer name='kvmclock' present='no'/>"),
    ignored: ["!clock offset='localtime' of a further <clock>"],
  },
  'two clocks that agree': {
    written: clock("<clock offset='localtime'/><clock offset='localtime'/><clock/>"),
    without: clock("<clock offset='localtime'/>"),
    ignored: ["clock offset='localtime' of a further <clock>"],
  },
  'attributes that utc does not have': {
    written: clock(
      "<clock offset='utc' timezone='Asia/Tokyo' start='5' basis='localtime' adjustment0='7' zone='x'/>",
    ),
    without: plain,
    ignored: [
      "!clock timezone='Asia/Tokyo'",
      "!clock start='5'",
      "!clock basis='localtime'",
      "clock adjustment0='7'",
      "clock zone='x'",
    ],
  },
  'attributes that only repeat utc': {
    written: clock("<clock timezone='UTC' basis='utc'/>"),
    without: plain,
    ignored: ["clock timezone='UTC'", "clock basis='utc'"],
  },
  'attributes that timezone does not have': {
    written: clock("<clock offset='timezone' timezone='Asia/Tokyo' adjustment='3600' basis='utc'/>"),
    without: clock("<clock offset='timezone' timezone='Asia/Tokyo'/>"),
    ignored: ["!clock adjustment='3600'", "clock basis='utc'"],
  },
  'attributes that absolute does not have': {
    written: clock("<clock offset='absolute' start='0' adjustment='0' timezone='Asia/Tokyo'/>"),
    without: clock("<clock offset='absolute' start='0'/>"),
    ignored: ["clock adjustment='0'", "!clock timezone='Asia/Tokyo'"],
  },
  'an adjustment that is no number': {
    written: clock("<clock offset='variable' adjustment='1h'/>"),
    without: clock("<clock offset='variable' adjustment='0'/>"),
    ignored: ["!clock adjustment='1h'"],
  },
  'an adjustment with a fraction': {
    written: clock("<clock offset='variable' adjustment='3600.0'/>"),
    without: clock("<clock offset='variable' adjustment='0'/>"),
    ignored: ["!clock adjustment='3600.0'"],
  },
  'an adjustment beyond 64 bits': {
    written: clock("<clock offset='variable' adjustment='99999999999999999999'/>"),
    without: clock("<clock offset='variable' adjustment='0'/>"),
    ignored: ["!clock adjustment='99999999999999999999'"],
  },
  'an adjustment that is reset': {
    written: clock("<clock offset='variable' adjustment='reset' timezone='UTC'/>"),
    without: clock("<clock offset='variable'/>"),
    ignored: ["clock adjustment='reset'", "!clock timezone='UTC'"],
  },
  'an adjustment that counts': {
    written: clock("<clock offset='variable' adjustment=' +3600'/>"),
    without: clock("<clock offset='variable' adjustment='3600'/>"),
    ignored: [],
  },
  'attributes that a further clock adds, which count': {
    written: clock("<clock/><clock offset='timezone'/><clock timezone='Asia/Tokyo' offset='utc'/>"),
    without: clock("<clock offset='timezone' timezone='Asia/Tokyo'/>"),
    ignored: ["!clock offset='utc' of a further <clock>"],
  },
  'what libvirt does not know': {
    written: clock(
      "<clock x:a='1' xmlns:x='urn:x'><x:timer name='kvmclock' present='no'/><zone/><timer name='rtc' tickPolicy='catchup' x:b='1'><x/><catchup speed='1'/></timer></clock>",
    ),
    without: plain,
    ignored: [
      '<x:timer> in <clock>',
      '<zone> in <clock>',
      "timer rtc tickPolicy='catchup'",
      "catchup speed='1'",
      '<x> in timer rtc',
    ],
  },
  'a command line of another namespace': {
    written: unread("<commandline xmlns='http://libvirt.org/schemas/domain/qemu/2.0'>", '</commandline>'),
    without: plain,
    ignored: ['!<commandline> -rtc clock=vm'],
  },
  'a command line of no namespace': {
    written: unread('<commandline>', "<env name='TZ' value='Asia/Tokyo'/></commandline>"),
    without: plain,
    ignored: ['!<commandline> TZ=Asia/Tokyo -rtc clock=vm'],
  },
  'arguments of no namespace in the right command line': {
    written: unread('<qemu:commandline>', '</qemu:commandline>'),
    without: plain,
    ignored: ['!<qemu:commandline> -rtc clock=vm'],
  },
  'a command line without a say in the clock': {
    written: { extra: "<commandline><arg value='-device'/><arg value='edu'/></commandline>" },
    without: plain,
    ignored: [],
  },
  'x86 timers on ARM': {
    written: {
      ...arm,
      ...timers(
        "<timer name='hpet' present='no'/><timer name='pit' present='yes'/><timer name='tsc' present='no'/><timer name='kvmclock'/><timer name='hypervclock' present='no'/><timer name='pit'/>",
      ),
    },
    without: arm,
    ignored: [],
  },
};

/** Settings that reach QEMU and yet do nothing there, so that libvirt is no witness. */
export const settingsWithoutEffectInQemu: Readonly<Record<string, Omit<IgnoredSettingCase, 'without'>>> = {
  'a hidden kvmclock': {
    written: { ...timers("<timer name='kvmclock' present='yes'/>"), extra: hidden },
    ignored: [],
  },
  'a hidden kvmclock that is off': {
    written: { ...timers("<timer name='kvmclock' present='no'/>"), extra: hidden },
    ignored: [],
  },
  'clocks of KVM under TCG': {
    written: {
      ...timers(
        "<timer name='kvmclock' present='yes'/><timer name='hypervclock' present='yes'/><timer name='pit' tickpolicy='discard'/>",
      ),
      type: 'qemu',
    },
    ignored: ["timer hypervclock present='yes'", "timer pit tickpolicy='discard'"],
  },
  'what virt-install writes under TCG': {
    written: {
      ...timers(
        "<timer name='rtc' tickpolicy='catchup'/><timer name='pit' tickpolicy='delay'/><timer name='hpet' present='no'/>",
      ),
      type: 'qemu',
    },
    ignored: [],
  },
  'kvmclock, twice': {
    written: timers(
      "<timer name='kvmclock' present='no'/><timer name='kvmclock' present='yes'/><timer name='kvmclock'/>",
    ),
    ignored: ["!timer kvmclock present='no'", 'timer kvmclock'],
  },
  'kvmclock, twice the same': {
    written: timers("<timer name='kvmclock' present='no'/><timer name='kvmclock' present='no'/>"),
    ignored: ["timer kvmclock present='no'"],
  },
  'pit, twice': {
    written: timers(
      "<timer name='pit' tickpolicy='discard'/><timer name='pit' tickpolicy='catchup'/><timer name='pit' tickpolicy='discard'/>",
    ),
    ignored: ["timer pit tickpolicy='discard'", "!timer pit tickpolicy='catchup'"],
  },
  'pit, discard and then catchup, which libvirt leaves unsaid': {
    written: timers("<timer name='pit' tickpolicy='discard'/><timer name='pit' tickpolicy='catchup'/>"),
    ignored: ["!timer pit tickpolicy='catchup'"],
  },
  'tsc, twice': {
    written: timers(
      "<timer name='tsc' frequency='2000000000'/><timer name='tsc' frequency='3000000000'/><timer name='tsc' frequency='0'/>",
    ),
    ignored: ["!timer tsc frequency='2000000000'", "timer tsc frequency='0'"],
  },
  'hpet, off and then on, where libvirt never says on': {
    written: timers("<timer name='hpet' present='no'/><timer name='hpet' present='yes'/>"),
    ignored: ["!timer hpet present='yes'"],
  },
  'an RTC that does not exist': {
    written: {
      ...s390x,
      clock:
        "<clock offset='localtime'><timer name='rtc' present='yes' track='guest' tickpolicy='catchup'/></clock>",
    },
    ignored: [
      "clock offset='localtime'",
      "timer rtc present='yes'",
      "timer rtc tickpolicy='catchup'",
      "timer rtc track='guest'",
    ],
  },
  'the timers of a microvm': {
    written: {
      ...timers(
        "<timer name='rtc' present='no'/><timer name='pit' present='no'/><timer name='hpet' present='no'/>",
      ),
      machine: 'x86_64 microvm',
    },
    ignored: ["timer pit present='no'"],
  },
  'catchup of an RTC that is no mc146818': {
    written: { ...arm, ...timers("<timer name='rtc' tickpolicy='catchup' track='guest'/>") },
    ignored: ["timer rtc tickpolicy='catchup'"],
  },
  'an HPET that isapc does not have': {
    written: {
      ...timers("<timer name='hpet' present='yes'/>"),
      type: 'qemu',
      machine: 'x86_64 isapc',
    },
    ignored: ["!timer hpet present='yes'"],
  },
};
