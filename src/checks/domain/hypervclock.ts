import type { DefinitionCheck } from '../check.js';
import { describeGuest, isWindows } from '../guestOs.js';
import { x86KvmGuest } from '../machine.js';
import { HYPERV_ENLIGHTENMENTS, TIME_KEEPING } from '../references.js';

export const hypervclock: DefinitionCheck = {
  id: 'domain/hypervclock',
  scope: 'domain',
  judges: 'definition',
  title: 'A Windows guest has the Hyper-V reference time',
  failureTitle: 'A Windows guest lacks the Hyper-V reference time',
  rationale:
    'Windows does not know kvm-clock. Its cheap and steady clock under KVM is the Hyper-V reference time (hv-time); without it QueryPerformanceCounter falls back on the HPET, the PM timer or the RTC, each read of which leaves the guest: CPU time is burnt and the clock drifts under load. Linux prefers kvm-clock and loses nothing by having both.',
  outcomes: {
    pass: 'hv-time is on, by the hypervclock timer, by hyperv passthrough or by an argument; or it is off for a guest that is not Windows.',
    info: 'hv-time is on for a guest that has no use for it, or off for one that is only perhaps Windows.',
    warn: 'hv-time is off for a guest that is probably Windows, or the hypervisor is hidden from a Windows guest for which something suggests that this is meant.',
    fail: 'hv-time is off for a Windows guest.',
    'not-applicable': 'No KVM, or another architecture.',
  },
  fix: "Add <timer name='hypervclock' present='yes'/> to <clock>, then stop and start the guest; for nova set the image property os_type=windows before the instance is created.",
  references: [HYPERV_ENLIGHTENMENTS, TIME_KEEPING],
  needs: () => [],
  appliesTo: x86KvmGuest,
  evaluate({ effectiveClock, guestOs, hiddenFor }) {
    const guest = describeGuest(guestOs);
    const by = effectiveClock.hvTimeDecidedBy;
    if (effectiveClock.hvTime === 'on') {
      const observed = `hv-time is on, by ${by}; ${guest}`;
      const useless = guestOs.family !== 'windows' && guestOs.family !== 'unknown';
      return useless && guestOs.confidence === 'strong'
        ? { outcome: 'info', code: 'on-without-use', observed }
        : { outcome: 'pass', code: 'on', observed };
    }
    const observed = `hv-time is off, by ${by}; ${guest}`;
    const expected = by.includes(' hypervisor')
      ? 'the CPU feature hypervisor, without which the guest looks for nothing of the kind'
      : "<timer name='hypervclock' present='yes'/>";
    if (by.includes(' hypervisor') && hiddenFor.length > 0 && isWindows(guestOs, 'medium')) {
      return {
        outcome: 'warn',
        code: 'hidden-on-purpose',
        observed: `${observed}; perhaps on purpose: ${hiddenFor.join(', ')}`,
        expected,
        detail:
          'decide whether the guest still has to see no hypervisor, which costs it its cheap clock; waive this check for it if so',
      };
    }
    const remedy = [{ kind: 'enable-hypervclock' }] as const;
    if (isWindows(guestOs, 'strong')) return { outcome: 'fail', code: 'off', observed, expected, remedy };
    if (isWindows(guestOs, 'medium')) {
      return { outcome: 'warn', code: 'off-probably', observed, expected, remedy };
    }
    if (isWindows(guestOs, 'weak')) return { outcome: 'info', code: 'off-perhaps', observed };
    return { outcome: 'pass', code: 'not-needed', observed };
  },
};
