import { given, type HostCheck, type Verdict } from '../check.js';
import { causedByClocksource } from './otherClocksource.js';

export const kvmClock: HostCheck = {
  id: 'host/kvm-clock',
  scope: 'host',
  title: "KVM marks a new guest's kvm-clock as TSC-stable",
  failureTitle: "KVM does not mark a new guest's kvm-clock as TSC-stable",
  rationale:
    'A guest whose kvm-clock is marked as TSC-stable reads it without a system call and without making sure that its vCPUs agree. KVM sets the mark while the host keeps time by its TSC and has seen no TSC go backwards. What KVM lists as its capabilities says nothing about that: so it is tried out, in a virtual machine of one vCPU that lives for some milliseconds. Guests that were started earlier, and that have several vCPUs, may still fare differently.',
  outcomes: {
    pass: 'KVM_GET_CLOCK, the pvclock page of a new guest, or both say that it is stable.',
    warn: 'They say that it is not. Where the clocksource explains it, host/clocksource is the one to look at.',
    info: 'The experiment had no result.',
    unknown: 'KVM could not be tried out: it is not there, not allowed, or in use by another hypervisor.',
    'not-applicable': 'The host is not x86, or nobody wanted KVM tried out (--no-probe).',
  },
  fix: "Look in the kernel's log for 'TSC' and 'clocksource'. A host whose TSC went backwards, as firmware may let it in suspend to RAM, needs a restart before its guests' clocks are stable again; firmware is the first thing to update.",
  references: [
    {
      title: 'Linux: the KVM API, KVM_GET_CLOCK',
      url: 'https://docs.kernel.org/virt/kvm/api.html',
    },
    {
      title: 'Linux: timekeeping virtualization for x86',
      url: 'https://docs.kernel.org/virt/kvm/x86/timekeeping.html',
    },
  ],
  needs: ['kvm'],
  evaluate(host): Verdict {
    const { stableKvmclock } = given(host.kvm);
    if (stableKvmclock === null) {
      const observed = "this host's architecture has no kvm-clock";
      return { outcome: 'not-applicable', code: 'other-architecture', observed };
    }
    const { verdict, because: observed } = stableKvmclock;
    if (verdict === 'proven') return { outcome: 'pass', code: 'stable', observed };
    if (verdict === 'inconclusive') return { outcome: 'info', code: 'inconclusive', observed };
    const expected = "the mark TSC-stable on a new guest's kvm-clock";
    const detail = causedByClocksource(host);
    // Never a failure: where the clocksource is at fault, host/clocksource is what fails.
    return detail === null
      ? { outcome: 'warn', code: 'not-stable', observed, expected }
      : { outcome: 'warn', code: 'other-clocksource', observed, expected, detail };
  },
};
