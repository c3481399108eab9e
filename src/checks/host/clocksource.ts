import { given, type HostCheck, type Verdict } from '../check.js';
import { clocksourceCause, guestOf } from './clocksourceCause.js';
import { properClocksources } from './properClocksource.js';

/** Emulated or external timers: slow to read, and no base for a guest's clock. */
const SLOW = new Set(['hpet', 'acpi_pm', 'jiffies', 'refined-jiffies', 'pit']);

export const clocksource: HostCheck = {
  id: 'host/clocksource',
  scope: 'host',
  title: "The host's clocksource lets KVM offer a stable kvm-clock and ptp_kvm",
  failureTitle: "The host's clocksource keeps KVM from offering a stable kvm-clock and ptp_kvm",
  rationale:
    "KVM marks its guests' kvm-clock as TSC-stable, and answers ptp_kvm, only while the host itself keeps time by its TSC (on ARM by the architected counter). When the kernel's watchdog finds the TSC unreliable it falls back to hpet or acpi_pm, and every guest loses both at once. A host on kvm-clock is itself a guest. Where the kernel's command line, the CPU's flags or the hypervisor below this host explain what is found, the finding says so.",
  outcomes: {
    pass: 'tsc or hyperv_clocksource_tsc_page on x86, arch_sys_counter on ARM, tod, timebase or riscv_clocksource elsewhere.',
    warn: 'kvm-clock (the host is itself a KVM guest), or a clocksource that this tool does not know.',
    fail: 'hpet, acpi_pm, jiffies, refined-jiffies or pit.',
    unknown: 'The clocksource could not be read.',
  },
  fix: "Look in the kernel's log for 'clocksource' and 'Marking TSC unstable'; update BIOS and firmware first; remove clocksource= and notsc from the kernel's command line; say tsc=reliable only after a diagnosis. A nested host needs an invariant TSC from its own hypervisor.",
  references: [
    {
      title: 'Linux: sysfs clocksource',
      url: 'https://www.kernel.org/doc/Documentation/ABI/testing/sysfs-devices-clocksource',
    },
    {
      title: 'Linux: timekeeping virtualization for x86',
      url: 'https://docs.kernel.org/virt/kvm/x86/timekeeping.html',
    },
  ],
  needs: ['architecture', 'clocksource'],
  evaluate(host): Verdict {
    const arch = given(host.architecture).replace(/^i[3-6]86$/, 'i686');
    const { current, available } = given(host.clocksource);
    const proper = properClocksources(arch);
    const observed = `${current} on ${arch}; available: ${available.join(' ')}`;
    const expected = proper.join(' or ') || 'a clocksource that is known for this architecture';
    if (proper.includes(current)) return { outcome: 'pass', code: 'proper', observed };
    const owner = guestOf(host);
    const nested = owner === null ? '' : `; this host is itself a guest (${owner})`;
    if (SLOW.has(current)) {
      const detail = `${clocksourceCause(host, proper)}${nested}`;
      return { outcome: 'fail', code: 'slow-clocksource', observed, expected, detail };
    }
    if (current === 'kvm-clock') {
      const who = owner === null || owner === 'kvm' ? 'a KVM guest' : `a guest (${owner})`;
      const detail = `the host is itself ${who}: its guests get no TSC-stable kvm-clock and no ptp_kvm`;
      return { outcome: 'warn', code: 'nested', observed, expected, detail };
    }
    const detail = nested.slice(2);
    return { outcome: 'warn', code: 'unusual-clocksource', observed, expected, ...(detail && { detail }) };
  },
};
