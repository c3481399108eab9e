import fc from 'fast-check';
import { commandlines } from './commandlineGrammar.js';
import { cpus, features } from './featureGrammar.js';
import { type Attributes, element, mostly, oneOf } from './xmlGrammar.js';

/** A machine that libvirt translates on any host with these emulators; KVM is only asked for on x86. */
interface MachineCase {
  readonly type: 'kvm' | 'qemu';
  readonly arch: string;
  readonly machine: string;
}

const QEMU_NAMESPACE = 'http://libvirt.org/schemas/domain/qemu/1.0';

/** Numbers as people and programs get them wrong, for every attribute that takes one. */
const NUMBERS = [
  ...[
    '0',
    '-0',
    '+5',
    '5',
    '3600',
    '-3600',
    ' 5',
    '5 ',
    '\t5',
    '\n5',
    '007',
    '-007',
    '- 5',
    '--5',
    '+-5',
    '5,0',
  ],
  ...[
    '',
    ' ',
    '0x10',
    '1e3',
    '1E3',
    '1.5',
    '5.',
    '.5',
    '1.',
    '5.0',
    '-1.0',
    '+1.0',
    'abc',
    '5s',
    'NaN',
    'Infinity',
  ],
  ...['9223372036854775807', '9223372036854775808', '-9223372036854775808', '-9223372036854775809'],
  ...['18446744073709551615', '18446744073709551616', '99999999999999999999', '9007199254740993'],
  ...[
    '4294967296',
    '253402300799',
    '253402300800',
    '99999999999',
    '-99999999999',
    '1234567890123456789',
    '1e-1',
    '1e0',
    '5\u00a0',
    '٣',
    '-',
    '+',
    'reset',
    'RESET',
  ],
];
const number = fc.oneof(
  { weight: 3, arbitrary: oneOf(NUMBERS) },
  { weight: 4, arbitrary: fc.integer().map(String) },
);
const natural = fc.oneof({ weight: 4, arbitrary: fc.nat().map(String) }, { weight: 1, arbitrary: number });

const offsets = mostly(['utc', 'localtime', 'timezone', 'variable', 'absolute'], ['', 'UTC', 'mars', ' utc']);
const zones = mostly(
  ['Europe/Paris', 'UTC', 'Mars/Phobos', ':Asia/Tokyo'],
  ['', ' ', "O'Higgins", 'a&b', 'a b', '$(x)'],
);

const clockAttributes: fc.Arbitrary<Attributes> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ offset: oneOf(['utc', 'localtime', 'variable']) }) },
  { weight: 1, arbitrary: fc.record({ offset: offsets }) },
  {
    weight: 6,
    arbitrary: fc.record({ offset: fc.constantFrom('utc', 'localtime', 'variable'), adjustment: number }),
  },
  { weight: 2, arbitrary: fc.record({ offset: fc.constant('timezone'), timezone: zones }) },
  {
    weight: 2,
    arbitrary: fc.record({
      offset: fc.constant('absolute'),
      start: natural,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record(
      {
        offset: offsets,
        adjustment: number,
        basis: mostly(['utc', 'localtime'], ['', 'mars']),
        timezone: zones,
        start: number,
        adjustment0: number,
        mars: fc.constant('1'),
      },
      { requiredKeys: [] },
    ),
  },
);

const present = mostly(['yes', 'no'], ['', 'on', 'YES']);
const tickpolicy = mostly(['delay', 'catchup', 'merge', 'discard'], ['', 'slew']);
const track = mostly(['boot', 'guest', 'wall', 'realtime'], ['', 'host']);
// With another frequency it depends on this host's TSC whether libvirt takes it.
const frequency = fc.constantFrom(
  '0',
  '00',
  ' 0',
  '+0',
  '-0',
  '-1',
  '',
  'fast',
  '0x0',
  '18446744073709551616',
);
const mode = mostly(['auto', 'native', 'emulate', 'paravirt', 'smpsafe'], ['', 'mars']);

const catchup = fc
  .record({ threshold: natural, slew: natural, limit: natural, mars: natural }, { requiredKeys: [] })
  .map((attributes) => element('catchup', attributes));

/** A timer with what libvirt takes on it, and now and then something else. */
const legalTimer = fc.oneof(
  // Anything but aarch64 with KVM refuses it.
  {
    weight: 1,
    arbitrary: fc.record({ name: fc.constant('armvtimer'), tickpolicy, present }, { requiredKeys: ['name'] }),
  },
  ...[
    fc.record(
      {
        name: fc.constant('rtc'),
        track: fc.constantFrom('wall', 'guest', 'realtime'),
        tickpolicy: fc.constantFrom('catchup', 'delay'),
        present,
      },
      { requiredKeys: ['name'] },
    ),
    fc.record(
      { name: fc.constant('pit'), tickpolicy: fc.constantFrom('delay', 'catchup', 'discard'), present },
      { requiredKeys: ['name'] },
    ),
    fc.record({ name: fc.constant('hpet'), present, tickpolicy }, { requiredKeys: ['name'] }),
    fc.record({ name: fc.constant('tsc'), present, mode, frequency, tickpolicy }, { requiredKeys: ['name'] }),
    fc.record({ name: fc.constantFrom('kvmclock', 'hypervclock'), present }, { requiredKeys: ['name'] }),
  ].map((arbitrary) => ({ weight: 8, arbitrary })),
);
const anyTimer = fc.record(
  {
    name: mostly(
      ['platform', 'pit', 'rtc', 'hpet', 'tsc', 'kvmclock', 'hypervclock', 'armvtimer'],
      ['', 'RTC', 'mars', 'constructor'],
    ),
    present,
    tickpolicy,
    track,
    frequency: fc.oneof(frequency, frequency),
    mode,
    mars: fc.constant('1'),
  },
  { requiredKeys: [] },
);
const timer = fc
  .tuple(
    fc.oneof({ weight: 20, arbitrary: legalTimer }, { weight: 1, arbitrary: anyTimer }),
    fc.oneof(
      { weight: 20, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(catchup, { maxLength: 2 }) },
    ),
  )
  .map(([attributes, children]) => element('timer', attributes, children.join('')));

const clock = fc
  .tuple(clockAttributes, fc.array(timer, { maxLength: 4 }))
  .map(([attributes, timers]) => element('clock', attributes, timers.join('')));
const clocks = fc.oneof(
  { weight: 12, arbitrary: clock },
  { weight: 1, arbitrary: fc.array(clock, { maxLength: 2 }).map((all) => all.join('')) },
);

/**
 * The XML of whole domains, legal and illegal, over everything that has a say in the clock.
 * @param kvm - whether this host has it
 */
export function domains(kvm: boolean): fc.Arbitrary<string> {
  const x86 = fc.record<MachineCase>({
    type: kvm ? fc.constantFrom('kvm', 'kvm', 'kvm', 'qemu') : fc.constant('qemu'),
    arch: fc.constant('x86_64'),
    machine: fc.constantFrom('q35', 'pc', 'pc-q35-5.2', 'pc-i440fx-6.0', 'isapc', 'microvm'),
  });
  const i686 = fc.record<MachineCase>({
    type: kvm ? fc.constantFrom('kvm', 'qemu') : fc.constant('qemu'),
    arch: fc.constant('i686'),
    machine: fc.constantFrom('pc', 'q35'),
  });
  const others = fc.constantFrom<MachineCase>(
    { type: 'qemu', arch: 'aarch64', machine: 'virt' },
    { type: 'qemu', arch: 'armv7l', machine: 'virt' },
    { type: 'qemu', arch: 'ppc64', machine: 'pseries' },
    // Not riscv64: whether libvirt finds a CPU there to give properties to depends on the version of QEMU.
    { type: 'qemu', arch: 's390x', machine: 's390-ccw-virtio' },
  );
  const machines = fc.oneof(
    { weight: 8, arbitrary: x86 },
    { weight: 1, arbitrary: i686 },
    { weight: 2, arbitrary: others },
  );
  return machines.chain((machine) =>
    fc
      .tuple(clocks, features(machine), cpus(machine), commandlines)
      .map((parts) => domain(machine, parts.join('\n'))),
  );
}

function domain({ type, arch, machine }: MachineCase, inside: string): string {
  // An isapc has no PCI bus for a balloon, and s390x no USB; none of them needs a device to be translated.
  return `<domain type='${type}' xmlns:qemu='${QEMU_NAMESPACE}'>
<name>generated</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
<os><type arch='${arch}' machine='${machine}'>hvm</type></os>
${inside}
<devices><controller type='usb' model='none'/><memballoon model='none'/></devices>
</domain>`;
}
