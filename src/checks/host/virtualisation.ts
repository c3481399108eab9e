import { given, type HostCheck, type Verdict } from '../check.js';
import { guestOf } from './clocksourceCause.js';

export const virtualisation: HostCheck = {
  id: 'host/virtualisation',
  scope: 'host',
  title: 'Whether the hypervisor is itself a guest',
  failureTitle: 'Whether the hypervisor is itself a guest',
  rationale:
    "A hypervisor in a virtual machine passes on a clock that another hypervisor makes. When that one pauses or migrates it, all of its guests stop with it, and their clocks with them. Its guests get a TSC-stable kvm-clock and ptp_kvm only if it keeps time by the TSC, for which its own hypervisor has to give it an invariant one. A host whose hypervisor hides itself cannot be told from a machine of metal; and whether this tool runs in a container makes no difference, since a container's clock is the host's.",
  outcomes: {
    pass: 'It is a machine of its own.',
    info: 'It is a guest.',
    unknown: 'Nothing that could be read tells.',
  },
  fix: "Nothing is broken. In the hypervisor below, give this host an invariant TSC (in libvirt <feature policy='require' name='invtsc'/> and a <timer name='tsc' frequency='…'/>), and keep it from being paused or migrated without need.",
  references: [
    {
      title: 'systemd-detect-virt(1)',
      url: 'https://www.freedesktop.org/software/systemd/man/latest/systemd-detect-virt.html',
    },
    {
      title: 'Linux: running nested guests with KVM',
      url: 'https://docs.kernel.org/virt/kvm/x86/running-nested-guests.html',
    },
  ],
  needs: ['virtualisation'],
  evaluate(host): Verdict {
    const virtual = given(host.virtualisation);
    if (!virtual) {
      return { outcome: 'pass', code: 'metal', observed: 'nothing shows that this host is a guest' };
    }
    const observed = `this host is itself a guest of ${guestOf(host)}, by ${virtual.evidence}`;
    const detail = 'when it is paused or migrated, its guests and their clocks stop with it';
    return { outcome: 'info', code: 'guest', observed, detail };
  },
};
