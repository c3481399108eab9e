import type { EffectiveClock } from '../facts/clock.js';
import type { Clock } from './clockElement.js';
import { isOff } from './cpuProperty.js';
import { isX86, type Machine, machineSetting } from './machine.js';
import { isCommandLine, QEMU_DEFAULT, type QemuArgument, RUNNING_QEMU } from './qemuArgument.js';

const VENDOR_DEFAULT_BY = `${QEMU_DEFAULT}, which a vendor may have changed`;
/** The machine types of QEMU itself; `pc-q35-rhel9.2.0` is a vendor's. */
const UPSTREAM_MACHINE = /^(pc|q35|pc(-q35|-i440fx)?-\d+(\.\d+)+)$/;
const PIT_POLICY = 'kvm-pit.lost_tick_policy';

/** Whether the machine has an HPET, and what decided that. */
export function hpetState(
  args: readonly QemuArgument[],
  clock: Clock,
  { arch, machine = 'pc' }: Machine,
): Pick<EffectiveClock, 'hpet' | 'hpetDecidedBy'> {
  const none = (hpetDecidedBy: string) => ({ hpet: 'not-applicable', hpetDecidedBy }) as const;
  if (!isX86(arch)) return none('the architecture');
  if (/^(microvm|isapc|xenfv|xenpv|none|x-remote)/.test(machine)) return none(`machine '${machine}'`);
  for (const { option, settings, by } of args.toReversed()) {
    const said = option === '-machine' && settings.findLast(([key]) => key === 'hpet')?.[1];
    if (said) {
      const hpet = isOff(said) ? 'off' : 'on';
      return { hpet, hpetDecidedBy: isCommandLine(by) ? `${by} -machine hpet=${hpet}` : by };
    }
    if (option === '-no-hpet')
      return { hpet: 'off', hpetDecidedBy: isCommandLine(by) ? `${by} -no-hpet` : by };
  }
  // Before 9.2.0 libvirt left what present='yes' asks for to QEMU's default.
  const asked = args.every(({ by }) => !by.startsWith(RUNNING_QEMU)) && clock.timers.some(isPresentHpet);
  if (!asked && !UPSTREAM_MACHINE.test(machine)) return { hpet: 'unknown', hpetDecidedBy: VENDOR_DEFAULT_BY };
  return { hpet: 'on', hpetDecidedBy: asked ? "timer hpet present='yes'" : QEMU_DEFAULT };
}

function isPresentHpet({ name, present }: Clock['timers'][number]): boolean {
  return name === 'hpet' && present === true;
}

/**
 * What KVM's in-kernel PIT does with late ticks. QEMU emulates the PIT itself, and has no such policy for it, when the
 * interrupt controllers are not all in the kernel.
 * @param accelerator - whether it is KVM, and what says so
 * @see `kvm_pit_in_kernel` and `pc_basic_device_init` in QEMU
 */
export function pitState(
  args: readonly QemuArgument[],
  { arch, machine }: Machine,
  accelerator: { readonly kvm: boolean; readonly by: string },
): Pick<EffectiveClock, 'pitLostTickPolicy' | 'pitDecidedBy'> {
  const none = (pitDecidedBy: string) => ({ pitLostTickPolicy: null, pitDecidedBy });
  if (!isX86(arch)) return none('the architecture');
  if (!accelerator.kvm) return none(accelerator.by);
  if (machine === 'microvm') return none("machine 'microvm'");
  const irqchip = kernelIrqchip(args);
  if (irqchip && (irqchip.value === 'split' || isOff(irqchip.value))) return none(irqchip.by);
  const pit = machineSetting(args, 'pit');
  if (pit && isOff(pit.value)) return none(`${pit.by} -machine pit=off`);
  for (const { option, settings, by } of args.toReversed()) {
    const policy = option === '-global' && settings.find(([key]) => key === PIT_POLICY)?.[1];
    if (policy) {
      const pitLostTickPolicy = policy === 'discard' ? 'discard' : 'delay';
      return {
        pitLostTickPolicy,
        pitDecidedBy: isCommandLine(by) ? `${by} -global ${PIT_POLICY}=${policy}` : by,
      };
    }
  }
  return { pitLostTickPolicy: 'delay', pitDecidedBy: QEMU_DEFAULT };
}

function kernelIrqchip(args: readonly QemuArgument[]): { value: string; by: string } | null {
  for (const { option, settings, by } of args.toReversed()) {
    const hasKey = option === '-machine' || option === '-accel';
    const value = hasKey && settings.findLast(([key]) => key === 'kernel-irqchip')?.[1];
    if (value) return { value, by: isCommandLine(by) ? `${by} ${option} kernel-irqchip=${value}` : by };
  }
  return null;
}
