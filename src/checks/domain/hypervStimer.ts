import type { DefinitionCheck } from '../check.js';
import { describeGuest, isWindows } from '../guestOs.js';
import { x86KvmGuest } from '../machine.js';
import { HYPERV_ENLIGHTENMENTS, HYPERVISOR_FEATURES } from '../references.js';

export const hypervStimer: DefinitionCheck = {
  id: 'domain/hyperv-stimer',
  scope: 'domain',
  judges: 'definition',
  title: 'A Windows guest has synthetic timers',
  failureTitle: 'A Windows guest has no synthetic timers',
  rationale:
    'The Hyper-V synthetic timers (stimer) give Windows timer interrupts without emulated hardware. Without them some versions lean on the HPET or the RTC, which costs a busy host dearly and delays ticks.',
  outcomes: {
    pass: 'stimer is on, or QEMU is asked for all that the host has (passthrough).',
    info: 'stimer is off in a nova instance, where nova does not switch it on, or in a guest that is only probably Windows.',
    warn: 'The guest has the reference time but not the synthetic timers.',
    'not-applicable':
      'The guest is not known to be Windows, has no reference time (see domain/hypervclock), no KVM, or another architecture.',
  },
  fix: "Add <vpindex state='on'/>, <synic state='on'/> and <stimer state='on'/> to <features><hyperv>, on hosts that can do it (virsh domcapabilities) with <direct state='on'/> in the last one, then stop and start the guest.",
  references: [HYPERV_ENLIGHTENMENTS, HYPERVISOR_FEATURES],
  needs: () => [],
  appliesTo(definition) {
    const guest = x86KvmGuest(definition);
    if (guest !== true) return guest;
    if (!isWindows(definition.guestOs, 'medium')) return describeGuest(definition.guestOs);
    return definition.effectiveClock.hvTime === 'on' || 'there is no Hyper-V reference time to build on';
  },
  evaluate({ effectiveClock: { enlightenments, hvPassthrough }, owner, guestOs }) {
    if (hvPassthrough) {
      return { outcome: 'pass', code: 'passthrough', observed: 'all that the host has (hv-passthrough)' };
    }
    if (enlightenments.includes('stimer')) {
      return { outcome: 'pass', code: 'on', observed: 'the synthetic timers are on' };
    }
    const observed = 'the synthetic timers are off';
    if (owner.kind === 'nova') {
      return { outcome: 'info', code: 'off-by-nova', observed: `${observed}: nova does not switch them on` };
    }
    if (!isWindows(guestOs, 'strong')) {
      return { outcome: 'info', code: 'off-probably', observed: `${observed}; ${describeGuest(guestOs)}` };
    }
    const names = ['vpindex', 'synic', 'stimer'].filter((name) => !enlightenments.includes(name));
    return {
      outcome: 'warn',
      code: 'off',
      observed,
      expected: "<stimer state='on'> with vpindex and synic",
      remedy: [{ kind: 'enable-enlightenments', names }],
    };
  },
};
