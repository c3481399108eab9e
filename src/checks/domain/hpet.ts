import type { DefinitionCheck } from '../check.js';
import { isTrue } from '../imageProperty.js';
import { x86Guest } from '../machine.js';
import { TIME_KEEPING } from '../references.js';

export const hpet: DefinitionCheck = {
  id: 'domain/hpet',
  scope: 'domain',
  judges: 'definition',
  title: 'The guest has no HPET',
  failureTitle: 'The guest has an emulated HPET',
  rationale:
    "QEMU gives the pc and q35 machines an HPET unless it is told not to, and without a word in the XML that is what a guest gets. Every read of it leaves the guest, and a guest that falls back on it (Windows without the Hyper-V reference time, Linux whose better clocksources are gone) pays with CPU time and loses ticks on a busy host. nova, virt-install and oVirt all switch it off. Looking for '-no-hpet' alone misses the newer spelling '-machine hpet=off', and a missing timer is not an HPET that is off.",
  outcomes: {
    pass: "The HPET is off: a hpet timer with present='no', or an argument that says so.",
    info: "nova was asked for it (the image property hw_time_hpet), or nothing says anything and the machine type is a vendor's, whose default is not known.",
    warn: 'The HPET is on, by request or because nothing switches it off.',
    'not-applicable': 'The machine has none: other architectures, microvm, isapc.',
  },
  fix: "Add <timer name='hpet' present='no'/> to <clock>, then stop and start the guest. The timers are part of what a migration compares: change both sides.",
  references: [
    TIME_KEEPING,
    {
      title: 'nova: hw_time_hpet image property',
      url: 'https://docs.openstack.org/glance/latest/admin/useful-image-properties.html',
    },
  ],
  needs: () => [],
  appliesTo(definition) {
    const guest = x86Guest(definition);
    if (guest !== true) return guest;
    const none = definition.effectiveClock.hpet === 'not-applicable';
    return none ? `the machine ${definition.machine ?? ''} has no HPET` : true;
  },
  evaluate({ effectiveClock, owner }) {
    const by = effectiveClock.hpetDecidedBy;
    if (effectiveClock.hpet === 'off') {
      return { outcome: 'pass', code: 'off', observed: `the HPET is off, by ${by}` };
    }
    const asked = isTrue(owner.imageProperties?.hw_time_hpet);
    if (owner.kind === 'nova' && asked) {
      const observed = `the HPET is on, by ${by}; the image property hw_time_hpet asks for it`;
      return { outcome: 'info', code: 'asked-of-nova', observed };
    }
    if (effectiveClock.hpet === 'unknown') {
      const observed = `whether there is an HPET is not known: ${by}`;
      return { outcome: 'info', code: 'vendor-default', observed };
    }
    return {
      outcome: 'warn',
      code: 'on',
      observed: `the HPET is on, by ${by}`,
      expected: "<timer name='hpet' present='no'/>",
      remedy: [{ kind: 'disable-hpet' }],
    };
  },
};
