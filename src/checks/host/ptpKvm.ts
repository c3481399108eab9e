import { type KvmProbe, pairsClocks } from '../../facts/kvmProbe.js';
import { given, type HostCheck, type Verdict } from '../check.js';
import { causedByClocksource } from './otherClocksource.js';

export const hostPtpKvm: HostCheck = {
  id: 'host/ptp-kvm',
  scope: 'host',
  title: "KVM gives a guest's ptp_kvm the host's time",
  failureTitle: "KVM does not give a guest's ptp_kvm the host's time",
  rationale:
    "A guest's driver ptp_kvm asks the host for its time by a hypercall, KVM_HC_CLOCK_PAIRING on x86 and a call of its own on ARM. No capability tells whether the call succeeds at the moment. So it is made, in a virtual machine that lives for some milliseconds, and believed only when the time it gives lies between two readings of the host's clock around it. A nested host may never execute the instruction; KVM_GET_CLOCK then still shows the one reading that the call rests on.",
  outcomes: {
    pass: "A guest got the host's time by the call.",
    warn: 'The call was refused; or it could not be made, and KVM_GET_CLOCK did not give both. Where the clocksource explains it, host/clocksource is the one to look at.',
    info: "The call could not be made. Where KVM_GET_CLOCK gave the host's time together with its TSC, the host is able to answer; whether a guest's call gets there is not proven.",
    unknown: 'KVM could not be tried out: it is not there, not allowed, or in use by another hypervisor.',
    'not-applicable': 'An architecture without the call, or nobody wanted KVM tried out (--no-probe).',
  },
  fix: 'See host/clocksource and host/kvm-clock: the call needs a host that keeps time by its TSC (on ARM by the architected counter), and on x86 guests whose TSC KVM does not have to catch up. On ARM it takes Linux 5.13. virt-clock-audit probe shows what was tried.',
  references: [
    {
      title: 'Linux: KVM hypercalls, KVM_HC_CLOCK_PAIRING',
      url: 'https://docs.kernel.org/virt/kvm/x86/hypercalls.html',
    },
    {
      title: 'Linux: PTP_KVM support for arm/arm64',
      url: 'https://docs.kernel.org/virt/kvm/arm/ptp_kvm.html',
    },
  ],
  needs: ['kvm'],
  evaluate(host): Verdict {
    const probe = given(host.kvm);
    const { verdict, because } = probe.clockPairing;
    if (verdict === 'proven') return { outcome: 'pass', code: 'answered', observed: because };
    if (verdict === 'inconclusive') {
      const byFlags = verdictByFlags(probe);
      if (byFlags === null) return { outcome: 'info', code: 'inconclusive', observed: because };
      if (byFlags.offered)
        return { outcome: 'info', code: 'by-flags', observed: byFlags.observed, detail: because };
      return refused(causedByClocksource(host), byFlags.observed);
    }
    return refused(causedByClocksource(host), because);
  },
};

function verdictByFlags(probe: KvmProbe): { offered: boolean; observed: string } | null {
  const offered = pairsClocks(probe);
  if (offered === null) return null;
  return {
    offered,
    observed: offered
      ? "KVM_GET_CLOCK gave the host's time together with its TSC, as the call does"
      : "KVM_GET_CLOCK did not give the host's time together with its TSC, as the call has to",
  };
}

function refused(detail: string | null, observed: string): Verdict {
  const expected = "the host's time, given to a guest by the clock pairing call";
  // Never a failure: where the clocksource is at fault, host/clocksource is what fails.
  return detail === null
    ? { outcome: 'warn', code: 'refused', observed, expected }
    : { outcome: 'warn', code: 'other-clocksource', observed, expected, detail };
}
