import { tinyDomainXml } from './tinyDomain.js';

const qemuNamespace = "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'";

/** One generated domain, in the terms of {@link tinyDomainXml}; its clock is the children's, unless it is given. */
export interface ClockCase {
  /** The whole `<clock>`, and anything else; by default `<clock offset='utc'>` around `timers`. */
  readonly clock?: string;
  readonly timers?: string;
  readonly type?: 'qemu';
  readonly extra?: string;
  /** Children of `qemu:commandline`, with the prefix. */
  readonly commandline?: string;
  /** Children of `qemu:capabilities`. */
  readonly capabilities?: string;
  /** `x86_64 q35` by default. */
  readonly machine?: string;
}

const timer = (name: string, attributes = '') => ({ timers: `<timer name='${name}' ${attributes}/>` });
const clock = (attributes: string) => ({ clock: `<clock ${attributes}/>` });
const invtsc = (policy: string, cpu: string) => ({
  extra: `<cpu ${cpu}<feature policy='${policy}' name='invtsc'/></cpu>`,
});
const hypervisor = (policy: string, cpu: string) => ({
  extra: `<cpu ${cpu}<feature policy='${policy}' name='hypervisor'/></cpu>`,
});
const hyperv = (children: string) => ({ extra: `<features><hyperv>${children}</hyperv></features>` });
const passthroughCpu = "mode='host-passthrough'>";
const customCpu = "mode='custom' match='exact' check='none'><model fallback='forbid'>qemu64</model>";
// What libvirt makes of the policy optional on a custom CPU depends on the host.
const armCpu = "<cpu mode='custom' match='exact'><model fallback='forbid'>cortex-a57</model></cpu>";
const arm = { machine: 'aarch64 virt', type: 'qemu', extra: armCpu } as const;

/** Section by section, everything that has a say in the guest's clock. */
export const clockMatrix: Readonly<Record<string, Readonly<Record<string, ClockCase>>>> = {
  offset: {
    'no clock': { clock: '' },
    'an empty clock': { clock: '<clock/>' },
    utc: {},
    'utc, reset': clock("offset='utc' adjustment='reset'"),
    'utc, 3600': clock("offset='utc' adjustment='3600'"),
    'utc, 0': clock("offset='utc' adjustment='0'"),
    'utc, no number': clock("offset='utc' adjustment='abc'"),
    'utc, empty adjustment': clock("offset='utc' adjustment=''"),
    'utc, plus sign': clock("offset='utc' adjustment='+60'"),
    'utc, spaces in front': clock("offset='utc' adjustment='  60'"),
    'utc, spaces behind': clock("offset='utc' adjustment='60 '"),
    'utc, hexadecimal': clock("offset='utc' adjustment='0x10'"),
    'utc, beyond 64 bits': clock("offset='utc' adjustment='99999999999999999999'"),
    'utc, reset in capitals': clock("offset='utc' adjustment='RESET'"),
    'utc with a basis': clock("offset='utc' basis='localtime'"),
    localtime: clock("offset='localtime'"),
    'localtime, reset': clock("offset='localtime' adjustment='reset'"),
    'localtime, -3600': clock("offset='localtime' adjustment='-3600'"),
    timezone: clock("offset='timezone' timezone='Europe/Paris'"),
    'timezone that does not exist': clock("offset='timezone' timezone='Mars/Phobos'"),
    'timezone without one': clock("offset='timezone'"),
    'timezone, empty': clock("offset='timezone' timezone=''"),
    variable: clock("offset='variable'"),
    'variable, no number': clock("offset='variable' adjustment='abc'"),
    'variable, a fraction': clock("offset='variable' adjustment='1.5'"),
    'variable, empty': clock("offset='variable' adjustment=''"),
    'variable, reset': clock("offset='variable' adjustment='reset'"),
    'variable, negative': clock("offset='variable' adjustment='-60'"),
    'variable, empty basis': clock("offset='variable' basis=''"),
    'variable, beyond the year 9999': clock("offset='variable' adjustment='253402300800'"),
    'variable, nineteen digits': clock("offset='variable' adjustment='1234567890123456789'"),
    'variable, nineteen digits, most of them zeros': clock(
      "offset='variable' adjustment='0000000000000000060'",
    ),
    'variable, before the year 1': clock("offset='variable' adjustment='-99999999999'"),
    'variable, in the year 56': clock("offset='variable' adjustment='-62167219200'"),
    'utc, beyond the year 9999': clock("offset='utc' adjustment='999999999999'"),
    'variable, beyond the year 9999, over which a passed-through base is put': {
      ...clock("offset='variable' adjustment='253402300800'"),
      commandline: "<qemu:arg value='-rtc'/><qemu:arg value='base=utc'/>",
    },
    'variable, localtime': clock("offset='variable' adjustment='60' basis='localtime'"),
    'variable, unknown basis': clock("offset='variable' adjustment='60' basis='mars'"),
    'absolute, 0': clock("offset='absolute' start='0'"),
    'absolute, 2010': clock("offset='absolute' start='1262304000'"),
    'absolute, last second': clock("offset='absolute' start='253402300799'"),
    'absolute, beyond it': clock("offset='absolute' start='253402300800'"),
    'absolute, negative': clock("offset='absolute' start='-1'"),
    'absolute without start': clock("offset='absolute'"),
    'absolute, no number': clock("offset='absolute' start='now'"),
    'absolute, empty': clock("offset='absolute' start=''"),
    'absolute, a negative 0': clock("offset='absolute' start='-0'"),
    'absolute, plus sign': clock("offset='absolute' start='+60'"),
    'absolute, spaces in front': clock("offset='absolute' start=' 60'"),
    'empty offset': clock("offset=''"),
    'offset in capitals': clock("offset='UTC'"),
    'unknown offset': clock("offset='mars'"),
    'two clocks': {
      clock: "<clock offset='utc'/><clock offset='localtime'><timer name='kvmclock' present='no'/></clock>",
    },
    'two clocks, the zone in the second': {
      clock: "<clock/><clock offset='timezone' timezone='Asia/Tokyo'/>",
    },
    'two clocks, the adjustment in the second': {
      clock: "<clock offset='utc'/><clock adjustment='3600'/>",
    },
    'two clocks, the start in the second': { clock: "<clock offset='absolute'/><clock start='5'/>" },
    'two clocks, the first offset empty': { clock: "<clock offset=''/><clock offset='localtime'/>" },
    'two clocks with timers': {
      clock:
        "<clock offset='localtime'><timer name='rtc' track='wall'/></clock><clock><timer name='rtc' track='guest'/></clock>",
    },
  },
  rtc: {
    'track wall': timer('rtc', "track='wall'"),
    'track guest': timer('rtc', "track='guest'"),
    'track realtime': timer('rtc', "track='realtime'"),
    'track boot': timer('rtc', "track='boot'"),
    'unknown track': timer('rtc', "track='mars'"),
    catchup: timer('rtc', "tickpolicy='catchup'"),
    delay: timer('rtc', "tickpolicy='delay'"),
    merge: timer('rtc', "tickpolicy='merge'"),
    discard: timer('rtc', "tickpolicy='discard'"),
    'present no': timer('rtc', "present='no'"),
    'first of two': {
      timers: "<timer name='rtc' track='wall'/><timer name='rtc' track='guest' tickpolicy='catchup'/>",
    },
    'second refused': { timers: "<timer name='rtc'/><timer name='rtc' track='boot'/>" },
    'catchup limits': {
      timers:
        "<timer name='rtc' tickpolicy='catchup'><catchup threshold='123' slew='120' limit='10000'/></timer>",
    },
    'catchup limits without catchup': { timers: "<timer name='rtc'><catchup threshold='123'/></timer>" },
    'empty catchup': { timers: "<timer name='rtc'><catchup/></timer>" },
    'empty track': timer('rtc', "track=''"),
    'empty tickpolicy': timer('rtc', "tickpolicy=''"),
    'empty catchup limit': { timers: "<timer name='rtc'><catchup threshold=''/></timer>" },
    'catchup limit of 0': { timers: "<timer name='rtc'><catchup threshold='0'/></timer>" },
    'catchup limit, no number': {
      timers: "<timer name='rtc' tickpolicy='catchup'><catchup threshold='many'/></timer>",
    },
    'two catchups': {
      timers: "<timer name='rtc' tickpolicy='catchup'><catchup threshold='1'/><catchup slew='2'/></timer>",
    },
    'frequency 0': timer('rtc', "frequency='0'"),
    'frequency, a negative 0': timer('rtc', "frequency='-0'"),
    frequency: timer('rtc', "frequency='1024'"),
    mode: timer('rtc', "mode='native'"),
  },
  pit: {
    bare: timer('pit'),
    'present no': timer('pit', "present='no'"),
    delay: timer('pit', "tickpolicy='delay'"),
    catchup: timer('pit', "tickpolicy='catchup'"),
    discard: timer('pit', "tickpolicy='discard'"),
    merge: timer('pit', "tickpolicy='merge'"),
    two: { timers: "<timer name='pit' tickpolicy='discard'/><timer name='pit' tickpolicy='delay'/>" },
    'under TCG': { ...timer('pit', "tickpolicy='discard'"), type: 'qemu' },
    'on i440fx': { ...timer('pit', "tickpolicy='discard'"), machine: 'x86_64 pc' },
    'capability deleted': {
      ...timer('pit', "tickpolicy='discard'"),
      capabilities: "<qemu:del capability='kvm-pit-lost-tick-policy'/>",
    },
    'capability deleted, catchup': {
      ...timer('pit', "tickpolicy='catchup'"),
      capabilities: "<qemu:del capability='kvm-pit-lost-tick-policy'/>",
    },
    track: timer('pit', "track='wall'"),
    'of QEMU itself': {
      ...timer('pit', "tickpolicy='discard'"),
      extra: "<features><ioapic driver='qemu'/></features>",
    },
  },
  hpet: {
    no: timer('hpet', "present='no'"),
    yes: timer('hpet', "present='yes'"),
    bare: timer('hpet'),
    'policy only': timer('hpet', "tickpolicy='catchup'"),
    'no, then yes': { timers: "<timer name='hpet' present='no'/><timer name='hpet' present='yes'/>" },
    'on i440fx': { ...timer('hpet', "present='no'"), machine: 'x86_64 pc' },
    'capability deleted': {
      ...timer('hpet', "present='no'"),
      capabilities: "<qemu:del capability='no-hpet'/>",
    },
    'capability deleted, yes': {
      ...timer('hpet', "present='yes'"),
      capabilities: "<qemu:del capability='no-hpet'/>",
    },
    'machine option added': {
      ...timer('hpet', "present='no'"),
      capabilities: "<qemu:add capability='machine-hpet'/>",
    },
    'machine option added and deleted': {
      ...timer('hpet', "present='no'"),
      capabilities: "<qemu:del capability='machine-hpet'/><qemu:add capability='machine-hpet'/>",
    },
    'on isapc': { ...timer('hpet', "present='no'"), machine: 'x86_64 isapc' },
    'on microvm': { ...timer('hpet', "present='no'"), machine: 'x86_64 microvm' },
  },
  kvmclock: {
    yes: timer('kvmclock', "present='yes'"),
    no: timer('kvmclock', "present='no'"),
    bare: timer('kvmclock'),
    'no, then yes': { timers: "<timer name='kvmclock' present='no'/><timer name='kvmclock' present='yes'/>" },
    'yes, then no': { timers: "<timer name='kvmclock' present='yes'/><timer name='kvmclock' present='no'/>" },
    'no, then bare': { timers: "<timer name='kvmclock' present='no'/><timer name='kvmclock'/>" },
    'under TCG': { ...timer('kvmclock', "present='yes'"), type: 'qemu' },
    hidden: { extra: "<features><kvm><hidden state='on'/></kvm></features>" },
    'not hidden': { extra: "<features><kvm><hidden state='off'/></kvm></features>" },
    'hidden, and asked for': {
      ...timer('kvmclock', "present='yes'"),
      extra: "<features><kvm><hidden state='on'/></kvm></features>",
    },
    'hidden in a second features': {
      extra: "<features><acpi/></features><features><kvm><hidden state='on'/></kvm></features>",
    },
    'hidden in a second kvm': {
      extra: "<features><kvm><hint-dedicated state='off'/></kvm><kvm><hidden state='on'/></kvm></features>",
    },
    'hidden, then not': {
      extra: "<features><kvm><hidden state='on'/><hidden state='off'/></kvm></features>",
    },
    'hidden, and a kvm that replaces it': {
      extra: "<features><kvm><hidden state='on'/></kvm><kvm/></features>",
    },
    'hidden without a state': { extra: '<features><kvm><hidden/></kvm></features>' },
    'hypervisor bit off': hypervisor('disable', passthroughCpu),
    'hypervisor bit off, custom CPU': hypervisor('disable', customCpu),
    'hypervisor bit off, host-model': hypervisor('disable', "mode='host-model'>"),
    'hypervisor bit off, maximum': hypervisor('disable', "mode='maximum'>"),
    'hypervisor bit forbidden': hypervisor('forbid', customCpu),
    'hypervisor bit forced': hypervisor('force', customCpu),
    'hypervisor bit required': hypervisor('require', passthroughCpu),
    'hypervisor bit of host-model': { extra: "<cpu mode='host-model'/>" },
    'hypervisor bit with an unknown policy': hypervisor('mars', customCpu),
    'hypervisor bit twice': {
      extra: `<cpu ${passthroughCpu}<feature name='hypervisor'/><feature name='hypervisor'/></cpu>`,
    },
    'hypervisor bit off under TCG': { ...hypervisor('disable', customCpu), type: 'qemu' },
    tickpolicy: timer('kvmclock', "tickpolicy='delay'"),
    'empty present': timer('kvmclock', "present=''"),
    'unknown present': timer('kvmclock', "present='maybe'"),
  },
  'Hyper-V': {
    yes: timer('hypervclock', "present='yes'"),
    no: timer('hypervclock', "present='no'"),
    bare: timer('hypervclock'),
    'under TCG': { ...timer('hypervclock', "present='yes'"), type: 'qemu' },
    tickpolicy: timer('hypervclock', "tickpolicy='delay'"),
    passthrough: { extra: "<features><hyperv mode='passthrough'/></features>" },
    'passthrough and hypervclock': {
      ...timer('hypervclock', "present='yes'"),
      extra: "<features><hyperv mode='passthrough'/></features>",
    },
    'passthrough in a second features': {
      extra: "<features><acpi/></features><features><hyperv mode='passthrough'/></features>",
    },
    'no, then yes': {
      timers: "<timer name='hypervclock' present='no'/><timer name='hypervclock' present='yes'/>",
    },
    'yes, then no': {
      timers: "<timer name='hypervclock' present='yes'/><timer name='hypervclock' present='no'/>",
    },
    custom: { extra: "<features><hyperv mode='custom'><relaxed state='on'/></hyperv></features>" },
    enlightenments: hyperv(
      "<vpindex state='on'/><synic state='on'/><stimer state='on'><direct state='on'/></stimer><frequencies state='on'/><reenlightenment state='on'/><tlbflush state='on'/>",
    ),
    'one off again': hyperv("<synic state='on'/><stimer state='on'/><synic state='off'/>"),
    'direct after a stimer that is off': hyperv(
      "<stimer state='on'><direct state='on'/></stimer><stimer state='off'><direct state='off'/></stimer>",
    ),
    'direct without a state': hyperv("<stimer state='on'><direct/></stimer>"),
    'direct without a state in a stimer that is off': hyperv("<stimer state='off'><direct/></stimer>"),
    'unknown state': hyperv("<stimer state='yes'/>"),
    'unknown mode': { extra: "<features><hyperv mode='mars'/></features>" },
    'passthrough, then custom': {
      extra: "<features><hyperv mode='passthrough'/><hyperv><synic state='on'/></hyperv></features>",
    },
    'and hidden': {
      ...timer('hypervclock', "present='yes'"),
      extra: "<features><kvm><hidden state='on'/></kvm></features>",
    },
  },
  tsc: {
    'present no': timer('tsc', "present='no'"),
    'present yes': timer('tsc', "present='yes'"),
    'mode native': timer('tsc', "mode='native'"),
    track: timer('tsc', "track='guest'"),
    'frequency 0': timer('tsc', "frequency='0'"),
    'frequency, empty': timer('tsc', "frequency=''"),
    'frequency, negative': timer('tsc', "frequency='-1'"),
    'frequency, no number': timer('tsc', "frequency='fast'"),
    'unknown mode': timer('tsc', "mode='mars'"),
    'invtsc require, host-passthrough': invtsc('require', passthroughCpu),
    'invtsc force, host-passthrough': invtsc('force', passthroughCpu),
    'invtsc optional, host-passthrough': invtsc('optional', passthroughCpu),
    'invtsc disable, host-passthrough': invtsc('disable', passthroughCpu),
    'invtsc require, custom CPU': invtsc('require', customCpu),
    'invtsc force, custom CPU': invtsc('force', customCpu),
    'invtsc disable, custom CPU': invtsc('disable', customCpu),
    'invtsc forbid, host-passthrough': invtsc('forbid', passthroughCpu),
    'invtsc forbid, custom CPU': invtsc('forbid', customCpu),
    'invtsc require, host-model': invtsc('require', "mode='host-model'>"),
    'invtsc disable, host-model': invtsc('disable', "mode='host-model'>"),
    'invtsc require, maximum': invtsc('require', "mode='maximum'>"),
    'invtsc without policy': { extra: `<cpu ${passthroughCpu}<feature name='invtsc'/></cpu>` },
    'invtsc twice': {
      extra: `<cpu ${passthroughCpu}<feature name='invtsc'/><feature name='invtsc'/></cpu>`,
    },
    'invtsc under TCG': { ...invtsc('require', customCpu), type: 'qemu' },
  },
  migratable: {
    on: { extra: "<cpu mode='host-passthrough' migratable='on'/>" },
    off: { extra: "<cpu mode='host-passthrough' migratable='off'/>" },
    unknown: { extra: "<cpu mode='host-passthrough' migratable='yes'/>" },
    maximum: { extra: "<cpu mode='maximum'/>" },
    'maximum, off': { extra: "<cpu mode='maximum' migratable='off'/>" },
    'host-model, off': { extra: "<cpu mode='host-model' migratable='off'/>" },
    'capability deleted': {
      extra: "<cpu mode='host-passthrough'/>",
      capabilities: "<qemu:del capability='cpu.migratable'/>",
    },
    i686: { extra: "<cpu mode='host-passthrough'/>", machine: 'i686 pc' },
    'i686, on': { extra: "<cpu mode='host-passthrough' migratable='on'/>", machine: 'i686 pc' },
    'i686, capability added': {
      extra: "<cpu mode='host-passthrough'/>",
      capabilities: "<qemu:add capability='cpu.migratable'/>",
      machine: 'i686 pc',
    },
  },
  'other timers': {
    platform: timer('platform'),
    armvtimer: timer('armvtimer'),
    unknown: timer('mars'),
    'empty name': timer(''),
    nameless: { timers: "<timer present='yes'/>" },
  },
  'other architectures': {
    i686: {
      timers:
        "<timer name='rtc' tickpolicy='catchup'/><timer name='pit' tickpolicy='delay'/><timer name='hpet' present='no'/><timer name='kvmclock' present='no'/><timer name='hypervclock' present='yes'/>",
      machine: 'i686 pc',
    },
    'aarch64 with the timers of x86': {
      ...arm,
      timers:
        "<timer name='rtc' tickpolicy='catchup' track='guest'/><timer name='pit' tickpolicy='delay'/><timer name='hpet' present='no'/><timer name='tsc' present='no'/>",
    },
    'aarch64, variable': { ...arm, ...clock("offset='variable' adjustment='7200'") },
    'aarch64, kvmclock no': { ...arm, ...timer('kvmclock', "present='no'") },
    'aarch64, kvmclock no, without a CPU': {
      machine: 'aarch64 virt',
      type: 'qemu',
      ...timer('kvmclock', "present='no'"),
    },
    'aarch64, hidden': {
      ...arm,
      extra: `${armCpu}<features><kvm><hidden state='on'/></kvm></features>`,
    },
    'aarch64, hpet yes': { ...arm, ...timer('hpet', "present='yes'") },
    'aarch64, kvmclock yes': { ...arm, ...timer('kvmclock', "present='yes'") },
    'aarch64, hypervclock yes': { ...arm, ...timer('hypervclock', "present='yes'") },
    'aarch64, hypervclock no': { ...arm, ...timer('hypervclock', "present='no'") },
    'aarch64, tsc yes': { ...arm, ...timer('tsc', "present='yes'") },
    'aarch64, armvtimer without KVM': { ...arm, ...timer('armvtimer', "tickpolicy='delay'") },
    'aarch64, pit merge': { ...arm, ...timer('pit', "tickpolicy='merge'") },
    armv7l: { machine: 'armv7l virt', type: 'qemu', ...timer('rtc', "track='realtime'") },
  },
  passthrough: {
    rtc: {
      commandline: "<qemu:arg value='-rtc'/><qemu:arg value='base=localtime,clock=vm'/>",
    },
    'rtc over a timer': {
      ...timer('rtc', "track='guest' tickpolicy='catchup'"),
      commandline: "<qemu:arg value='-rtc'/><qemu:arg value='clock=host'/>",
    },
    'rtc with a date': {
      commandline: "<qemu:arg value='-rtc'/><qemu:arg value='base=2006-06-17T16:01:21'/>",
    },
    'two dashes': { commandline: "<qemu:arg value='--rtc'/><qemu:arg value='clock=rt'/>" },
    'another prefix': {
      extra:
        "<q:commandline xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><q:arg value='-rtc'/><q:arg value='clock=vm'/></q:commandline>",
    },
    'another namespace': {
      extra:
        "<q:commandline xmlns:q='http://libvirt.org/schemas/domain/qemu/2.0'><q:arg value='-rtc'/><q:arg value='clock=vm'/></q:commandline>",
    },
    cpu: {
      ...timer('kvmclock', "present='no'"),
      commandline: "<qemu:arg value='-cpu'/><qemu:arg value='qemu64,-kvmclock,+hv_time,kvm=on'/>",
    },
    'cpu without the hypervisor bit': {
      commandline: "<qemu:arg value='-cpu'/><qemu:arg value='qemu64,-hypervisor,tsc-freq=2.5G'/>",
    },
    machine: { commandline: "<qemu:arg value='-machine'/><qemu:arg value='hpet=off'/>" },
    'M, for machine': { commandline: "<qemu:arg value='-M'/><qemu:arg value='hpet=on'/>" },
    global: {
      ...timer('pit', "tickpolicy='delay'"),
      commandline:
        "<qemu:arg value='-global'/><qemu:arg value='kvm-pit.lost_tick_policy=discard'/><qemu:arg value='-global'/><qemu:arg value='mc146818rtc.lost_tick_policy=slew'/><qemu:arg value='-global'/><qemu:arg value='PIIX4_PM.disable_s3=1'/>",
    },
    'no-hpet': { commandline: "<qemu:arg value='-no-hpet'/>" },
    icount: { commandline: "<qemu:arg value='-icount'/><qemu:arg value='shift=auto'/>", type: 'qemu' },
    'an option as a value': { commandline: "<qemu:arg value='-fw_cfg'/><qemu:arg value='-no-hpet'/>" },
    TZ: { ...clock("offset='localtime'"), commandline: "<qemu:env name='TZ' value='Asia/Tokyo'/>" },
    'TZ over a timezone': {
      ...clock("offset='timezone' timezone='Europe/Paris'"),
      commandline: "<qemu:env name='TZ' value='Asia/Tokyo'/>",
    },
    'two TZ': {
      ...clock("offset='localtime'"),
      commandline: "<qemu:env name='TZ' value='Asia/Tokyo'/><qemu:env name='TZ' value='Asia/Seoul'/>",
    },
    'TZ without a value': { ...clock("offset='localtime'"), commandline: "<qemu:env name='TZ'/>" },
    'empty TZ': { ...clock("offset='localtime'"), commandline: "<qemu:env name='TZ' value=''/>" },
    'two blocks': {
      extra:
        "<qemu:commandline><qemu:arg value='-rtc'/><qemu:arg value='clock=rt'/></qemu:commandline><qemu:commandline><qemu:arg value='-rtc'/><qemu:arg value='clock=vm'/></qemu:commandline>",
    },
    'no argument': { commandline: '<qemu:arg/>' },
    'no name': { commandline: "<qemu:env value='x'/>" },
    'a name that is none': { commandline: "<qemu:env name='1X' value='x'/>" },
    'a capability without a name': { capabilities: '<qemu:del/>' },
    'properties of devices': {
      extra:
        "<qemu:override><qemu:device alias='x'><qemu:frontend><qemu:property name='lost_tick_policy' type='string' value='slew'/></qemu:frontend></qemu:device></qemu:override>",
    },
    'another variable': { commandline: "<qemu:env name='XTZ' value='Asia/Tokyo'/>" },
  },
};

/** The domain of a case. */
export function clockCaseXml(name: string, it: ClockCase): string {
  const [arch, machine] = (it.machine ?? 'x86_64 q35').split(' ');
  const commandline = it.commandline && `<qemu:commandline>${it.commandline}</qemu:commandline>`;
  const capabilities = it.capabilities && `<qemu:capabilities>${it.capabilities}</qemu:capabilities>`;
  const extra = [it.extra, capabilities, commandline].filter(Boolean).join('\n');
  return tinyDomainXml({
    name: name.replaceAll(/[^\w-]+/g, '-'),
    clock: it.clock ?? `<clock offset='utc'>${it.timers ?? ''}</clock>`,
    type: it.type ?? 'kvm',
    extra,
    rootAttributes: qemuNamespace,
  }).replace("arch='x86_64' machine='q35'", `arch='${arch}' machine='${machine}'`);
}
