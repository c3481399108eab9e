import type { DomainDefinition } from '../../facts/definition.js';
import type { HostFacts } from '../../facts/host.js';
import { type DefinitionCheck, qemuGuest, type Verdict } from '../check.js';
import { hiddenOnPurpose, noUseForKvmclock } from '../guestOs.js';
import { TIME_KEEPING } from '../references.js';

export const kvmclock: DefinitionCheck = {
  id: 'domain/kvmclock',
  scope: 'domain',
  judges: 'definition',
  title: 'The guest can find kvm-clock',
  failureTitle: 'The guest cannot find kvm-clock',
  rationale:
    "kvm-clock gives an x86 KVM guest a clock that is cheap to read, survives migration, and is what ptp_kvm builds on. QEMU offers it unless it is told not to: the usual causes are a kvmclock timer with present='no', and <kvm><hidden state='on'/>, which takes KVM's whole CPUID signature away. A CPU without the feature hypervisor does the same: Linux then does not even look for it. A guest that prefers its TSC does so knowingly; it still needs kvm-clock to be there.",
  outcomes: {
    pass: "The guest finds kvm-clock: no kvmclock timer, or the last one has present='yes'.",
    warn: "present='yes' was asked for where there is no kvm-clock to be had (TCG), or where it is hidden from a guest that has no driver for it; or KVM is hidden and something suggests that this is meant: a PCI device that is passed through, a replaced vendor id, any hint of Windows or macOS, an RTC in local time.",
    fail: 'kvm-clock is switched off or hidden for a guest that would use it, or a kvmclock timer keeps a guest of another architecture from starting.',
    info: 'kvm-clock is switched off or hidden for a guest that has no driver for it, such as Windows.',
    'not-applicable': 'No KVM (TCG and others), or another architecture.',
  },
  fix: "Give the last kvmclock timer present='yes', set <hidden state='off'/>, remove <feature policy='disable' name='hypervisor'/>, and remove kvmclock=off, kvm=off and hypervisor=off from any -cpu in qemu:commandline; then stop and start the guest. Where KVM was hidden on purpose, for a driver that refuses to run in a guest, ask whether the driver still does; there is no patch where something suggests that, unless the guest is known to be Linux or BSD (--guest-os).",
  references: [
    TIME_KEEPING,
    { title: 'Linux: KVM CPUID bits', url: 'https://docs.kernel.org/virt/kvm/x86/cpuid.html' },
    {
      title: 'Linux: timekeeping virtualization for x86',
      url: 'https://docs.kernel.org/virt/kvm/x86/timekeeping.html',
    },
  ],
  needs: () => [],
  appliesTo: qemuGuest,
  evaluate(definition, host) {
    const { effectiveClock: clock } = definition;
    const by = clock.kvmclockDecidedBy;
    switch (clock.kvmclock) {
      case 'on': {
        const detail = whyNotStable(host);
        return {
          outcome: 'pass',
          code: 'on',
          observed: `kvm-clock is on, by ${by}`,
          ...(detail && { detail }),
        };
      }
      case 'inert':
        return clock.kvmclockAsked === 'on'
          ? {
              outcome: 'warn',
              code: 'inert',
              observed: `kvmclock=on has no effect: ${by} has no kvm-clock`,
              expected: "a domain of type 'kvm', or no kvmclock timer",
            }
          : { outcome: 'not-applicable', code: 'no-kvm', observed: `${by} has no kvm-clock` };
      case 'not-applicable':
        return otherArchitecture(definition);
      case 'off':
        return switchedOff(definition, 'switched-off', `kvm-clock is off, by ${by}`);
      case 'hidden':
        return switchedOff(
          definition,
          'kvm-hidden',
          `KVM's signature and kvm-clock with it are hidden, by ${by}`,
        );
    }
  },
};

/** What keeps the host from marking kvm-clock as TSC-stable: as tried out, otherwise as its clocksource lets expect. */
function whyNotStable({ kvm, ptpKvm }: HostFacts): string | null {
  const tried = kvm.known ? kvm.value.stableKvmclock : null;
  if (tried && tried.verdict !== 'inconclusive') {
    return tried.verdict === 'proven' ? null : `it has no TSC-stable flag: ${tried.because}`;
  }
  if (!ptpKvm.known || ptpKvm.value.offered) return null;
  return `${ptpKvm.value.because}, so it has no TSC-stable flag`;
}

function switchedOff(definition: DomainDefinition, code: string, observed: string): Verdict {
  const { guestOs, effectiveClock } = definition;
  const useless = noUseForKvmclock(guestOs);
  if (useless && effectiveClock.kvmclockAsked === 'on') {
    return {
      outcome: 'warn',
      code: 'inert',
      observed: `${observed}, so that kvmclock=on has no effect; ${useless}`,
      expected: 'no kvmclock timer',
    };
  }
  if (useless) return { outcome: 'info', code: 'not-used', observed: `${observed}; ${useless}` };
  const signs = hiddenOnPurpose(definition);
  if (signs.length > 0) {
    return {
      outcome: 'warn',
      code: 'kvm-hidden-on-purpose',
      observed: `${observed}; perhaps on purpose: ${signs.join(', ')}`,
      expected: 'KVM visible to a guest that uses kvm-clock, or a decision that this one has to do without',
      detail:
        'decide what it is: a guest that has to see no hypervisor keeps it hidden (waive this check for it); for one that runs Linux say so with --guest-os NAME=linux, and it can be mended',
    };
  }
  return {
    outcome: 'fail',
    code,
    observed,
    expected:
      code === 'kvm-hidden'
        ? "no <hidden state='on'/> and no kvm=off, and the CPU feature hypervisor"
        : "no kvmclock timer with present='no' and no kvmclock=off",
    remedy: [{ kind: 'enable-kvmclock' }],
  };
}

/** libvirt appends kvmclock=off to -cpu whatever the architecture, and QEMU then does not start. */
function otherArchitecture({ effectiveClock, arch = 'this architecture' }: DomainDefinition): Verdict {
  if (effectiveClock.kvmclockAsked === 'off') {
    return {
      outcome: 'fail',
      code: 'breaks-start',
      observed: `a kvmclock timer with present='no' on ${arch}, where QEMU does not know the property and will not start`,
      expected: 'no kvmclock timer',
      remedy: [{ kind: 'delete-kvmclock-timer' }],
    };
  }
  return {
    outcome: 'not-applicable',
    code: 'other-architecture',
    observed: `${arch} has a counter of its own`,
  };
}
