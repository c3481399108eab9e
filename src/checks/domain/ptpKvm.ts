import { type DefinitionCheck, given, qemuGuest, type Verdict } from '../check.js';
import { isWindows, noUseForKvmclock } from '../guestOs.js';

const ARM = new Set(['aarch64', 'armv7l']);

export const ptpKvm: DefinitionCheck = {
  id: 'domain/ptp-kvm',
  scope: 'domain',
  judges: 'definition',
  title: 'The guest has kvm-clock or can use ptp_kvm',
  failureTitle: 'The guest has neither kvm-clock nor ptp_kvm',
  rationale:
    "ptp_kvm lets a Linux guest read the host's real time through a hypercall, within a microsecond or so and without a network. No libvirt or QEMU setting enables it: on x86 it takes a visible kvm-clock and a host whose clocksource is the TSC, on ARM a host on its architected counter. Whether the host answers the call is tried out where that may be (see host/ptp-kvm), and otherwise told by its clocksource. kvm-clock alone gives a stable clock, but none that is kept in step with the host's: the guest then needs NTP. Nothing on the host shows whether the guest uses either.",
  outcomes: {
    pass: 'The guest has kvm-clock, ptp_kvm is possible, or both; the finding tells which, and what the other would need.',
    info: 'The guest has neither, since kvm-clock is off or hidden, which is what domain/kvmclock judges.',
    fail: 'An ARM guest cannot use ptp_kvm, and has no kvm-clock.',
    unknown:
      'An ARM guest on a host whose KVM could not be tried out and whose clocksource could not be read.',
    'not-applicable':
      'No KVM, an architecture without the call, Windows and others without a driver, or an ARM guest audited without its host.',
  },
  fix: "Make kvm-clock visible (see domain/kvmclock), and see host/ptp-kvm and host/clocksource for the host's part. In the guest: load ptp_kvm and give chrony a refclock PHC on the PTP clock named 'KVM virtual PTP'.",
  references: [
    {
      title: 'Linux: KVM hypercalls, KVM_HC_CLOCK_PAIRING',
      url: 'https://docs.kernel.org/virt/kvm/x86/hypercalls.html',
    },
    {
      title: 'Linux: PTP_KVM support for arm/arm64',
      url: 'https://docs.kernel.org/virt/kvm/arm/ptp_kvm.html',
    },
    { title: 'chrony.conf(5), refclock PHC', url: 'https://chrony-project.org/documentation.html' },
  ],
  needs: ({ effectiveClock }) => (effectiveClock.kvmclock === 'not-applicable' ? ['ptpKvm'] : []),
  appliesTo(definition) {
    const { virtType, arch = 'x86_64', effectiveClock } = definition;
    if (qemuGuest(definition) !== true) return qemuGuest(definition);
    if (virtType !== 'kvm') return `a domain of type '${virtType}' has no KVM to make the call to`;
    if (effectiveClock.kvmclock === 'not-applicable' && !ARM.has(arch))
      return `KVM on ${arch} has no such call`;
    if (isWindows(definition.guestOs, 'strong')) return 'Windows has no driver for it';
    return true;
  },
  evaluate(definition, host): Verdict {
    const { kvmclock, kvmclockDecidedBy } = definition.effectiveClock;
    if (kvmclock === 'not-applicable') {
      const offer = given(host.ptpKvm);
      return offer.offered
        ? {
            outcome: 'pass',
            code: 'ptp-kvm-only',
            observed: `ptp_kvm is possible: ${offer.because}; ARM has no kvm-clock`,
          }
        : {
            outcome: 'fail',
            code: 'neither',
            observed: `ptp_kvm is impossible: ${offer.because}; ARM has no kvm-clock`,
            ...(offer.wouldNeed !== undefined && { expected: offer.wouldNeed }),
          };
    }
    if (kvmclock !== 'on') {
      const useless = noUseForKvmclock(definition.guestOs);
      if (useless) return { outcome: 'not-applicable', code: 'not-used', observed: useless };
      // One fault is one failure, and that is the business of domain/kvmclock.
      return {
        outcome: 'info',
        code: 'no-kvm-clock',
        observed: `ptp_kvm is impossible without kvm-clock, which is ${kvmclock}, by ${kvmclockDecidedBy} (see domain/kvmclock)`,
      };
    }
    if (!host.ptpKvm.known) {
      const observed = 'kvm-clock; whether ptp_kvm is possible depends on the host';
      return { outcome: 'pass', code: 'kvm-clock', observed, detail: host.ptpKvm.reason };
    }
    const { offered, because, wouldNeed } = host.ptpKvm.value;
    if (offered) {
      return { outcome: 'pass', code: 'both', observed: `kvm-clock, and ptp_kvm is possible: ${because}` };
    }
    return {
      outcome: 'pass',
      code: 'kvm-clock-only',
      observed: `kvm-clock; ptp_kvm is impossible: ${because}`,
      ...(wouldNeed !== undefined && { detail: `ptp_kvm would need ${wouldNeed}` }),
    };
  },
};
