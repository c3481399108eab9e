import { given, type HostCheck, type Verdict } from '../check.js';
import { unlessX86 } from './x86Host.js';

/** Clocksources that are the TSC itself; a host on kvm-clock is a guest, whose TSC another hypervisor looks after. */
const NO_FAILURE = new Set(['tsc', 'hyperv_clocksource_tsc_page', 'kvm-clock']);

export const tscFlags: HostCheck = {
  id: 'host/tsc-flags',
  scope: 'host',
  title: "The host's TSC is invariant",
  failureTitle: "The host's TSC is not invariant",
  rationale:
    "A guest reads its kvm-clock by counting the host's TSC. That is only right while the TSC ticks at one rate whatever the CPU's frequency (constant_tsc) and does not stop in deep sleep states (nonstop_tsc). Without both, the kernel gives the TSC up at the first sign of trouble, and no guest can be given an invariant one. tsc_reliable is a different flag, which only says that the watchdog is switched off, and is not needed.",
  outcomes: {
    pass: 'constant_tsc and nonstop_tsc are both there.',
    warn: 'One or both are missing, but the kernel keeps time by the TSC all the same, or the host is itself a KVM guest.',
    fail: 'One or both are missing, and the clocksource is none that is based on the TSC.',
    unknown: '/proc/cpuinfo could not be read.',
    'not-applicable': 'The host is not x86.',
  },
  fix: "Update BIOS and firmware, and look there for settings of the TSC and of sleep states. On a host that is itself a guest, give that guest an invariant TSC (<feature policy='require' name='invtsc'/> in libvirt).",
  references: [
    {
      title: 'Linux: timekeeping virtualization for x86',
      url: 'https://docs.kernel.org/virt/kvm/x86/timekeeping.html',
    },
    {
      title: 'Linux: x86 feature flags',
      url: 'https://docs.kernel.org/arch/x86/cpuinfo.html',
    },
  ],
  needs: ['architecture', 'tscFlags'],
  evaluate(host): Verdict {
    const elsewhere = unlessX86(host, 'TSC');
    if (elsewhere) return elsewhere;
    const flags = given(host.tscFlags);
    const missing = [
      ...(flags?.constant ? [] : ['constant_tsc']),
      ...(flags?.nonstop ? [] : ['nonstop_tsc']),
    ];
    if (missing.length === 0) {
      return { outcome: 'pass', code: 'invariant', observed: 'the CPUs have constant_tsc and nonstop_tsc' };
    }
    const { clocksource } = host;
    const current = clocksource.known ? clocksource.value.current : null;
    const observed = `the CPUs lack ${missing.join(' and ')}`;
    const expected = 'constant_tsc and nonstop_tsc';
    if (current !== null && !NO_FAILURE.has(current)) {
      const detail = `the clocksource is ${current}: the kernel does not keep time by this TSC either`;
      return { outcome: 'fail', code: 'tsc-not-used', observed, expected, detail };
    }
    const detail = current === null ? 'the clocksource is not known' : `the clocksource is ${current}`;
    return { outcome: 'warn', code: 'not-invariant', observed, expected, detail };
  },
};
