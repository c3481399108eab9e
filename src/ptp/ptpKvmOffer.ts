import { type Fact, known } from '../facts/fact.js';
import type { Clocksource, PtpKvmOffer } from '../facts/host.js';

/** x86 clocksources that are the TSC itself, which is what the kernel pairs with its real time. */
const TSC_BASED = new Set(['tsc', 'hyperv_clocksource_tsc_page']);

/**
 * Judges whether the host's kernel answers a guest's clock pairing call. On x86 that takes a clocksource
 * based on the TSC, on ARM the architected counter; elsewhere there is no such call.
 * @see `kvm_pv_clock_pairing` in the kernel's arch/x86/kvm/x86.c, `kvm_ptp_get_time` in arch/arm64/kvm/hypercalls.c
 */
export function ptpKvmOffer(architecture: Fact<string>, clocksource: Fact<Clocksource>): Fact<PtpKvmOffer> {
  if (!architecture.known) return architecture;
  const arch = architecture.value;
  if (arch !== 'x86_64' && arch !== 'aarch64') {
    const because = /^i.86$/.test(arch)
      ? 'a 32-bit host kernel has no clock pairing call'
      : `KVM on ${arch} has no clock pairing call`;
    return known({ offered: false, because }, architecture.source);
  }
  if (!clocksource.known) return clocksource;
  const { current, available } = clocksource.value;
  const offered = arch === 'x86_64' ? TSC_BASED.has(current) : current === 'arch_sys_counter';
  const because = `the host's clocksource is ${current}`;
  if (offered) return known({ offered, because }, clocksource.source);
  return known({ offered, because, wouldNeed: needed(arch, current, available) }, clocksource.source);
}

function needed(arch: string, current: string, available: readonly string[]): string {
  if (arch === 'aarch64') return 'the host on clocksource arch_sys_counter';
  if (current === 'kvm-clock') {
    return 'the host on clocksource tsc: it is itself a KVM guest, so its own hypervisor must give it an invariant TSC';
  }
  return available.includes('tsc')
    ? 'the host on clocksource tsc, which its kernel still lists as available'
    : 'the host on clocksource tsc, which its kernel marked unstable or does not have';
}
