/** The clocksource that each architecture's KVM builds a guest's clock on. */
const PROPER: Readonly<Record<string, readonly string[]>> = {
  x86_64: ['tsc', 'hyperv_clocksource_tsc_page'],
  i686: ['tsc', 'hyperv_clocksource_tsc_page'],
  aarch64: ['arch_sys_counter'],
  s390x: ['tod'],
  ppc64: ['timebase'],
  ppc64le: ['timebase'],
  riscv64: ['riscv_clocksource'],
};

/**
 * The clocksources that are right for an architecture; none where that is not known.
 * @param architecture - as `uname -m` prints it
 */
export function properClocksources(architecture: string): readonly string[] {
  return PROPER[architecture.replace(/^i[3-6]86$/, 'i686')] ?? [];
}

/**
 * The words of the kernel's command line that take the proper clocksource away. Of several `clocksource=` the last
 * counts, and the kernel ignores the name of one that it does not have.
 * @param words - those about clocks, in their order
 * @param available - what the kernel has; null where that is not known
 * @see `boot_override_clocksource` in the kernel's kernel/time/clocksource.c; `notsc_setup` and `tsc_setup` in
 *   arch/x86/kernel/tsc.c
 */
export function overridingWords(
  words: readonly string[],
  proper: readonly string[],
  available: readonly string[] | null,
): string[] {
  const chosen = words.findLast((word) => word.startsWith('clocksource=') || word === 'clock=pmtmr');
  const name = chosen === 'clock=pmtmr' ? 'acpi_pm' : (chosen?.slice('clocksource='.length) ?? '');
  const chooses = name !== '' && !proper.includes(name) && (available?.includes(name) ?? true);
  const removes = proper.includes('tsc')
    ? words.filter((word) => word === 'notsc' || word === 'tsc=unstable')
    : [];
  return [...(chosen !== undefined && chooses ? [chosen] : []), ...new Set(removes)];
}
