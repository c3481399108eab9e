import { type Fact, known } from '../facts/fact.js';
import type { Clocksource, PtpKvmOffer } from '../facts/host.js';
import { type KvmProbe, pairsClocks } from '../facts/kvmProbe.js';

/** x86 clocksources that are the TSC itself, which is what the kernel pairs with its real time. */
const TSC_BASED = new Set(['tsc', 'hyperv_clocksource_tsc_page']);

/**
 * Judges whether the host's kernel answers a guest's clock pairing call: by having tried it where that came to a result,
 * otherwise by the clocksource. On x86 the call takes one that is based on the TSC, on ARM the architected counter;
 * elsewhere there is no such call.
 * @see `kvm_pv_clock_pairing` in the kernel's arch/x86/kvm/x86.c, `kvm_ptp_get_time` in arch/arm64/kvm/hypercalls.c
 */
export function ptpKvmOffer(
  architecture: Fact<string>,
  clocksource: Fact<Clocksource>,
  kvm?: Fact<KvmProbe>,
): Fact<PtpKvmOffer> {
  if (!architecture.known) return architecture;
  const arch = architecture.value;
  if (arch !== 'x86_64' && arch !== 'aarch64') {
    const because = /^i.86$/.test(arch)
      ? 'a 32-bit host kernel has no clock pairing call'
      : `KVM on ${arch} has no clock pairing call`;
    return known({ offered: false, because }, architecture.source);
  }
  const tried = kvm?.known ? offerByProbe(kvm.value) : null;
  if (kvm && tried?.offered) return known(tried, kvm.source);
  const wouldNeed = clocksource.known ? clocksourceNeeded(arch, clocksource.value) : null;
  if (kvm && tried) return known({ ...tried, ...(wouldNeed !== null && { wouldNeed }) }, kvm.source);
  if (!clocksource.known) return clocksource;
  const because = `the host's clocksource is ${clocksource.value.current}`;
  const offer = wouldNeed === null ? { offered: true, because } : { offered: false, because, wouldNeed };
  return known(offer, clocksource.source);
}

/** What trying it out came to; null where that is not conclusive. */
function offerByProbe(probe: KvmProbe): PtpKvmOffer | null {
  const { verdict, because } = probe.clockPairing;
  if (verdict !== 'inconclusive') return { offered: verdict === 'proven', because };
  const offered = pairsClocks(probe);
  if (offered === null) return null;
  return {
    offered,
    because: offered
      ? "KVM gave the host's time together with its TSC, as the call does (the call itself could not be tried)"
      : "KVM did not give the host's time together with its TSC, as the call has to",
  };
}

/** What the host's clocksource would have to be; null where it is right. */
function clocksourceNeeded(arch: string, { current, available }: Clocksource): string | null {
  if (arch === 'aarch64') {
    return current === 'arch_sys_counter' ? null : 'the host on clocksource arch_sys_counter';
  }
  if (TSC_BASED.has(current)) return null;
  if (current === 'kvm-clock') {
    return 'the host on clocksource tsc: it is itself a KVM guest, so its own hypervisor must give it an invariant TSC';
  }
  return available.includes('tsc')
    ? 'the host on clocksource tsc, which its kernel still lists as available'
    : 'the host on clocksource tsc, which its kernel marked unstable or does not have';
}
