import type { DefinitionCheck } from '../check.js';
import type { Intent } from '../intent.js';
import { x86KvmGuest } from '../machine.js';
import { HYPERV_ENLIGHTENMENTS, HYPERVISOR_FEATURES } from '../references.js';

/**
 * What each enlightenment takes, by QEMU's property names without `hv-`.
 * @see `kvm_hyperv_properties` in QEMU's target/i386/kvm/kvm.c, and its docs/system/i386/hyperv.rst
 */
const DEPENDENCIES: Readonly<Record<string, readonly string[]>> = {
  synic: ['vpindex'],
  stimer: ['synic', 'time'],
  'stimer-direct': ['stimer'],
  tlbflush: ['vpindex'],
  'tlbflush-ext': ['tlbflush'],
  'tlbflush-direct': ['vapic'],
  ipi: ['vpindex'],
  evmcs: ['vapic'],
};

/** What completes the set: each behind what it takes itself. */
function completion(lacking: readonly string[], has: ReadonlySet<string>): Intent[] {
  const missing = new Set<string>();
  const add = (name: string) => {
    if (has.has(name)) return;
    for (const needed of DEPENDENCIES[name] ?? []) add(needed);
    missing.add(name);
  };
  lacking.forEach(add);
  const names = [...missing].filter((name) => name !== 'time');
  return [
    ...(missing.has('time') ? [{ kind: 'enable-hypervclock' } as const] : []),
    ...(names.length > 0 ? [{ kind: 'enable-enlightenments', names } as const] : []),
  ];
}

/** How libvirt spells it. */
function spelled(name: string | undefined): string {
  return name === 'time' ? "<timer name='hypervclock' present='yes'/>" : `<${name} state='on'/>`;
}

export const hypervDependencies: DefinitionCheck = {
  id: 'domain/hyperv-dependencies',
  scope: 'domain',
  judges: 'definition',
  title: 'Every Hyper-V enlightenment has what it needs',
  failureTitle: 'A Hyper-V enlightenment lacks what it needs',
  rationale:
    'Some enlightenments build on others: the synthetic timers (stimer) need the reference time (the hypervclock timer), the synthetic interrupt controller (synic) and with it vpindex. QEMU refuses to start a guest whose set is incomplete; libvirt before 11.9 defines it without a word, so that it only comes out at the next start.',
  outcomes: {
    pass: 'The set is complete, or QEMU is asked for all that the host has (passthrough).',
    fail: 'An enlightenment is asked for without one that it needs: the guest cannot start.',
    'not-applicable': 'No KVM, another architecture, or no enlightenments.',
  },
  fix: "Add what is missing: <vpindex state='on'/> and <synic state='on'/> in <features><hyperv>, and for time <timer name='hypervclock' present='yes'/> in <clock>; or remove the enlightenment that needs it.",
  references: [HYPERV_ENLIGHTENMENTS, HYPERVISOR_FEATURES],
  needs: () => [],
  appliesTo(definition) {
    const guest = x86KvmGuest(definition);
    if (guest !== true) return guest;
    const { enlightenments, hvPassthrough } = definition.effectiveClock;
    return enlightenments.length > 0 || hvPassthrough || 'no Hyper-V enlightenment is asked for';
  },
  evaluate({ effectiveClock: { enlightenments, hvPassthrough, hvTime } }) {
    if (hvPassthrough) {
      return { outcome: 'pass', code: 'passthrough', observed: 'all that the host has (hv-passthrough)' };
    }
    const has = new Set([...enlightenments, ...(hvTime === 'on' ? ['time'] : [])]);
    const lacking = enlightenments.flatMap((name) =>
      (DEPENDENCIES[name] ?? [])
        .filter((needed) => !has.has(needed))
        .map((needed) => `${name} without ${needed}`),
    );
    if (lacking.length === 0) {
      return { outcome: 'pass', code: 'complete', observed: `complete: ${[...has].sort().join(', ')}` };
    }
    const needed = [...new Set(lacking.map((it) => it.split(' without ')[1] ?? ''))];
    return {
      outcome: 'fail',
      code: 'incomplete',
      observed: `${lacking.join(', ')}: QEMU refuses to start the guest`,
      expected: `${needed.map(spelled).join(', ')} as well`,
      remedy: completion(needed, has),
    };
  },
};
