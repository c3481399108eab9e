import fc from 'fast-check';
import { element, mostly, rarely } from './xmlGrammar.js';

const NAMESPACE = 'http://libvirt.org/schemas/domain/qemu/1.0';

/** The keys of one or more -rtc, in their order. */
export const rtcKeys = fc.array(
  fc.constantFrom(
    'base=utc',
    'base=localtime',
    'base=2006-06-17T16:01:21',
    'base=2006-06-17',
    'clock=vm',
    'clock=host',
    'clock=rt',
    'driftfix=slew',
    'driftfix=none',
  ),
  { minLength: 1, maxLength: 3 },
);
const rtc = rtcKeys.map((keys) => keys.join(','));
const cpu = fc
  .tuple(
    fc.constantFrom('host', 'qemu64', 'kvm64'),
    fc.array(
      fc.constantFrom(
        ...[
          'kvmclock=off',
          'kvmclock=on',
          '-kvmclock',
          '+kvmclock',
          'kvmclock',
          'kvm=off',
          'kvm=no',
          'kvm=on',
        ],
        ...['hv-time', 'hv_time=on', '+hv-time', 'hv-time=off', 'hv_stimer', 'hv-synic=on', 'hv-passthrough'],
        ...['hv_vpindex', 'hv-spinlocks=0x1fff', 'hv-stimer-direct=on', 'migratable=off', 'migratable=on'],
        ...['invtsc', '+invtsc', 'invtsc=off', 'tsc-frequency=2000000000', 'vmx=on', 'hypervisor', ''],
        ...['hypervisor=off', '-hypervisor', 'hypervisor=on', 'tsc-freq=2.5G', 'tsc_freq=2000000K'],
      ),
      { maxLength: 4 },
    ),
  )
  .map(([model, properties]) => [model, ...properties].join(','));
const machine = fc.constantFrom(
  'hpet=off',
  'hpet=on',
  'q35,hpet=no',
  'usb=off',
  'type=pc,hpet=off',
  'pc',
  'kernel_irqchip=split',
);
const global = fc.constantFrom(
  ...[
    'kvm-pit.lost_tick_policy=discard',
    'kvm-pit.lost_tick_policy=delay',
    'mc146818rtc.lost_tick_policy=slew',
  ],
  ...['mc146818rtc.lost_tick_policy=discard', 'PIIX4_PM.disable_s3=1', 'qemu64-x86_64-cpu.kvmclock=off'],
  ...['x86_64-cpu.hypervisor=off', 'kvm64-x86_64-cpu.kvmclock=off', 'i386-cpu.kvmclock=off'],
  ...['max-x86_64-cpu.kvmclock=on', 'cpu.kvmclock=off', 'mc146818rtc.base_year=2000'],
);
/** One option with its value, as the words of a command line. */
export const optionWords: fc.Arbitrary<readonly string[]> = fc.oneof(
  fc.tuple(fc.constantFrom('-rtc', '--rtc'), rtc),
  fc.tuple(fc.constant('-cpu'), cpu),
  fc.tuple(fc.constantFrom('-machine', '-M', '--machine'), machine),
  fc.tuple(fc.constantFrom('-global', '--global'), global),
  fc.constantFrom(['-no-hpet'], ['--no-hpet'], ['-icount', 'shift=auto'], ['-accel', 'tcg']),
  // What looks like an option is a value behind one that takes one.
  fc.constantFrom(['-name', '-no-hpet'], ['-fw_cfg', '-rtc'], ['-S'], ['-name', 'a,,b'], ['-smbios', '']),
);
const environment = fc.tuple(
  mostly(['TZ', 'TZ', 'XTZ', 'TZDIR', '_X'], ['', '1X', 'A-B', 'A B']),
  fc.option(fc.constantFrom('Asia/Tokyo', 'UTC', '', 'a b', "it's"), { nil: undefined, freq: 8 }),
);
const capability = fc.tuple(
  fc.constantFrom('add', 'del'),
  fc.constantFrom(
    ...['kvm-pit-lost-tick-policy', 'no-hpet', 'machine-hpet', 'cpu.migratable', 'cpu.kvm-no-adjvtime'],
    'rtc-reset-reinjection',
  ),
);

/** A block in libvirt's namespace, by whatever prefix, or in another that libvirt passes over. */
function block(name: string, children: (prefix: string) => fc.Arbitrary<string>): fc.Arbitrary<string> {
  const spelling = fc.oneof(
    { weight: 6, arbitrary: fc.constant({ prefix: 'qemu:', declaration: {} }) },
    { weight: 1, arbitrary: fc.constant({ prefix: 'q:', declaration: { 'xmlns:q': NAMESPACE } }) },
    { weight: 1, arbitrary: fc.constant({ prefix: '', declaration: { xmlns: NAMESPACE } }) },
    {
      weight: 1,
      arbitrary: fc.constant({
        prefix: 'q:',
        declaration: { 'xmlns:q': NAMESPACE.replace('1.0', '2.0') },
      }),
    },
    { weight: 1, arbitrary: fc.constant({ prefix: '', declaration: {} }) },
  );
  return spelling.chain(({ prefix, declaration }) =>
    children(prefix).map((inside) => element(`${prefix}${name}`, declaration, inside)),
  );
}

const commandline = block('commandline', (prefix) =>
  fc
    .tuple(
      fc.array(optionWords, { maxLength: 3 }),
      fc.oneof(
        { weight: 3, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.array(environment, { maxLength: 2 }) },
      ),
      mostly(['complete'], ['without a value']),
    )
    .map(([options, variables, kind]) => {
      const words = options.flat().map((value) => element(`${prefix}arg`, { value }));
      if (kind === 'without a value') words.push(element(`${prefix}arg`, {}));
      const names = variables.map(([name, value]) => element(`${prefix}env`, { name, value }));
      return [...words, ...names].join('');
    }),
);
const capabilities = block('capabilities', (prefix) =>
  fc
    .array(capability, { maxLength: 2 })
    .map((all) => all.map(([action, name]) => element(`${prefix}${action}`, { capability: name })).join('')),
);
/** libvirt's other element of that namespace sets properties of devices that it has given a name: no clock has one. */
const override = fc.constant(
  "<qemu:override><qemu:device alias='ua-none'><qemu:frontend><qemu:property name='lost_tick_policy' type='string' value='slew'/></qemu:frontend></qemu:device></qemu:override>",
);

/** Everything that the QEMU driver's namespace lets in. */
export const commandlines: fc.Arbitrary<string> = fc
  .tuple(rarely(commandline, 4), rarely(capabilities, 2), rarely(override, 1), rarely(commandline, 1))
  .map((parts) => parts.join('\n'));
