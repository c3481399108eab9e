import { given, type HostCheck, type Verdict } from '../check.js';
import { unlessX86 } from './x86Host.js';

export const kvmParameters: HostCheck = {
  id: 'host/kvm-parameters',
  scope: 'host',
  title: "The kvm module's parameters about clocks",
  failureTitle: "The kvm module's parameters about clocks",
  rationale:
    "Two parameters of the kvm module are looked for when clocks go wrong, and rarely are the cause. kvmclock_periodic_sync updated all kvm-clocks every five minutes in times when they followed the host's NTP corrections; they no longer do, and newer kernels do without the parameter. tsc_tolerance_ppm is how far a guest's TSC frequency may be from the host's before KVM scales it.",
  outcomes: {
    info: 'Always: no value of either is a defect, and nor is its absence.',
    unknown: 'A parameter could not be read.',
    'not-applicable': 'The host is not x86, or kvm is not loaded.',
  },
  fix: 'Leave both at their defaults (on, and 250 ppm) unless a measurement says otherwise; tuned switches the first off for real-time hosts.',
  references: [
    {
      title: 'Linux: the commit that removes kvmclock_periodic_sync, and why',
      url: 'https://github.com/kvm-x86/linux/commit/43ddbf16edf5',
    },
    {
      title: 'Linux: timekeeping virtualization for x86',
      url: 'https://docs.kernel.org/virt/kvm/x86/timekeeping.html',
    },
  ],
  needs: ['architecture', 'kvmParameters'],
  evaluate(host): Verdict {
    const elsewhere = unlessX86(host, 'such parameters');
    if (elsewhere) return elsewhere;
    const { kvmclockPeriodicSync: sync, tscTolerancePpm: tolerance } = given(host.kvmParameters);
    if (sync === null && tolerance === null) {
      const observed = 'kvm is not loaded, or has neither parameter';
      return { outcome: 'not-applicable', code: 'no-parameters', observed };
    }
    const parts = [
      `kvmclock_periodic_sync is ${sync === null ? 'absent, as in newer kernels' : sync ? 'on' : 'off'}`,
      `tsc_tolerance_ppm is ${tolerance ?? 'absent'}`,
    ];
    return { outcome: 'info', code: 'parameters', observed: parts.join(', ') };
  },
};
