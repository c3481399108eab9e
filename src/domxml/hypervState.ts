import type { EffectiveClock } from '../facts/clock.js';
import { cpuProperties, cpuProperty, isOn } from './cpuProperty.js';
import { hypervisorBitOff } from './hypervisorBit.js';
import { isCommandLine, QEMU_DEFAULT, type QemuArgument } from './qemuArgument.js';

type HypervState = Pick<EffectiveClock, 'hvTime' | 'hvTimeDecidedBy' | 'enlightenments' | 'hvPassthrough'>;

/**
 * Stands among the CPU's properties for what libvirt 11.9 and later make of `<hyperv mode='host-model'>` when the domain
 * starts: one property for each enlightenment that the host has, the clock among them. The live definition spells them.
 */
export const HYPERV_HOST_MODEL = 'hv-host-model';

/** Properties that start like an enlightenment and are none: what the guest is told, and how strict QEMU is. */
const NO_ENLIGHTENMENT = /^hv-(time$|passthrough$|host-model$|enforce-cpuid$|version-id-)/;

/**
 * What the guest gets of Hyper-V's clock and the interfaces around it.
 * @param accelerator - whether it is KVM, and what says so
 * @see docs/system/i386/hyperv.rst in QEMU
 */
export function hypervState(
  args: readonly QemuArgument[],
  x86: boolean,
  accelerator: { readonly kvm: boolean; readonly by: string },
): HypervState {
  const time = cpuProperty(args, 'hv-time');
  const hostModel = cpuProperty(args, HYPERV_HOST_MODEL);
  const isHostModel = hostModel !== undefined && !isCommandLine(hostModel.by);
  const passthrough = isHostModel ? hostModel : cpuProperty(args, 'hv-passthrough');
  const hvPassthrough = isOn(passthrough?.value);
  const enlightenments = cpuProperties(args)
    .filter((key) => key.startsWith('hv-') && !NO_ENLIGHTENMENT.test(key))
    .filter((key) => isOn(cpuProperty(args, key)?.value))
    .map((key) => key.slice('hv-'.length))
    .sort();
  const state = (hvTime: HypervState['hvTime'], hvTimeDecidedBy: string): HypervState => ({
    hvTime,
    hvTimeDecidedBy,
    enlightenments,
    hvPassthrough,
  });
  if (!x86) return state('not-applicable', 'the architecture');
  const invisible = hypervisorBitOff(args);
  if (invisible) {
    return { hvTime: 'off', hvTimeDecidedBy: invisible, enlightenments: [], hvPassthrough: false };
  }
  // QEMU turns everything on that the host has before it looks at single properties, and drops none of these then.
  if (time && (isOn(time.value) || !hvPassthrough)) {
    const value = isOn(time.value) ? 'on' : 'off';
    const by = isCommandLine(time.by) ? `${time.by} hv-time=${value}` : "timer hypervclock present='yes'";
    return value === 'off' ? state('off', by) : usable(by);
  }
  if (!passthrough || !hvPassthrough) return state('off', QEMU_DEFAULT);
  if (isCommandLine(passthrough.by)) return usable(`${passthrough.by} hv-passthrough=on`);
  return usable(`hyperv mode='${isHostModel ? 'host-model' : 'passthrough'}'`);

  function usable(by: string): HypervState {
    return accelerator.kvm ? state('on', by) : state('inert', accelerator.by);
  }
}
