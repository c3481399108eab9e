import fc from 'fast-check';
import { element, mostly, rarely } from './xmlGrammar.js';

const state = mostly(['on', 'off'], ['', 'yes', 'ON']);
const optionalState = fc.record({ state }, { requiredKeys: [] });

/**
 * Those that libvirt 9.0 knows and that take a state alone. The names of later ones, and of none, are left out: what a
 * newer libvirt takes must not be called an error because an older one refuses it.
 */
const enlightenment = fc
  .tuple(
    fc.constantFrom(
      ...['relaxed', 'vapic', 'vpindex', 'runtime', 'synic', 'reset', 'frequencies', 'reenlightenment'],
      ...['tlbflush', 'ipi', 'evmcs', 'avic'],
    ),
    fc.oneof({ weight: 40, arbitrary: state }, { weight: 1, arbitrary: fc.constant(undefined) }),
  )
  .map(([name, value]) => element(name, { state: value }));
const direct = fc
  .oneof({ weight: 25, arbitrary: fc.record({ state }) }, { weight: 1, arbitrary: optionalState })
  .map((attributes) => element('direct', attributes));
const stimer = fc
  .tuple(state, fc.array(direct, { maxLength: 2 }))
  .map(([value, children]) => element('stimer', { state: value }, children.join('')));
const others = fc.constantFrom(
  "<spinlocks state='on' retries='8191'/>",
  "<spinlocks state='off'/>",
  "<vendor_id state='on' value='KVMKVMKVM'/>",
  "<vendor_id state='off'/>",
);
const hyperv = fc
  .tuple(
    fc.record({ mode: mostly(['custom', 'passthrough'], ['', 'mars']) }, { requiredKeys: [] }),
    fc.array(
      fc.oneof(
        { weight: 6, arbitrary: enlightenment },
        { weight: 3, arbitrary: stimer },
        { weight: 1, arbitrary: others },
      ),
      {
        maxLength: 4,
      },
    ),
  )
  .map(([attributes, children]) => element('hyperv', attributes, children.join('')));

const hidden = fc
  .oneof({ weight: 25, arbitrary: fc.record({ state }) }, { weight: 1, arbitrary: optionalState })
  .map((attributes) => element('hidden', attributes));
const kvm = fc.array(hidden, { maxLength: 2 }).map((children) => element('kvm', {}, children.join('')));

const ioapic = fc
  .record({ driver: mostly(['qemu', 'kvm'], ['', 'mars']) }, { requiredKeys: [] })
  .map((attributes) => element('ioapic', attributes));

/** `<features>`, once or twice; of x86 alone what other architectures refuse for reasons that are not the clock's. */
export function features({ arch }: { readonly arch: string }): fc.Arbitrary<string> {
  const isX86 = arch === 'x86_64' || arch === 'i686';
  const feature = isX86
    ? fc.oneof(
        { weight: 4, arbitrary: hyperv },
        { weight: 3, arbitrary: kvm },
        { weight: 1, arbitrary: ioapic },
      )
    : kvm;
  const block = fc
    .array(feature, { minLength: 1, maxLength: 3 })
    .map((children) => element('features', {}, children.join('')));
  return rarely(
    fc.array(block, { minLength: 1, maxLength: 2 }).map((blocks) => blocks.join('')),
    4,
  );
}

const migratable = mostly(['on', 'off'], ['', 'yes']);
// What becomes of the policy optional is decided by the host's CPU.
const policy = mostly(['require', 'force', 'disable', 'forbid'], ['', 'mars']);
const timeFeature = fc
  .record({ name: fc.constantFrom('invtsc', 'hypervisor'), policy }, { requiredKeys: ['name'] })
  .map((attributes) => element('feature', attributes));
const featureList = fc.oneof(
  { weight: 6, arbitrary: fc.array(timeFeature, { maxLength: 1 }) },
  { weight: 2, arbitrary: fc.array(timeFeature, { maxLength: 2 }) },
);

/** `<cpu>`: of x86 alone, since the names of CPU models and the modes that work differ elsewhere. */
export function cpus({ arch, type }: { readonly arch: string; readonly type: string }): fc.Arbitrary<string> {
  if (arch !== 'x86_64' && arch !== 'i686') return fc.constant('');
  const kvmModes = type === 'kvm' ? ['host-passthrough', 'host-passthrough'] : [];
  const mode = fc.constantFrom(...kvmModes, 'maximum');
  const simple = fc
    .tuple(
      fc.record({ mode, migratable }, { requiredKeys: ['mode'] }),
      type === 'kvm' ? featureList : fc.constant([]),
    )
    .map(([attributes, list]) => element('cpu', attributes, list.join('')));
  // Forbidding a feature is checked against the host's CPU.
  const model = "<model fallback='forbid'>qemu64</model>";
  const custom = fc
    .tuple(
      fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: migratable }),
      featureList,
    )
    .map(([value, list]) =>
      element(
        'cpu',
        { mode: 'custom', match: 'exact', check: 'none', migratable: value },
        model + list.join(''),
      ),
    );
  return rarely(fc.oneof({ weight: 3, arbitrary: simple }, { weight: 1, arbitrary: custom }), 6);
}
