import type { EffectiveClock } from '../facts/clock.js';
import { cpuProperty, isOff, isOn } from './cpuProperty.js';
import { hypervisorBitOff } from './hypervisorBit.js';
import { isCommandLine, type QemuArgument } from './qemuArgument.js';

type KvmclockState = Pick<EffectiveClock, 'kvmclock' | 'kvmclockDecidedBy' | 'kvmclockAsked'>;

/**
 * What the guest finds of kvm-clock, and which element or argument decided that.
 * @param accelerator - whether it is KVM, and what says so
 */
export function kvmclockState(
  args: readonly QemuArgument[],
  x86: boolean,
  accelerator: { readonly kvm: boolean; readonly by: string },
): KvmclockState {
  const kvm = cpuProperty(args, 'kvm');
  const asked = cpuProperty(args, 'kvmclock');
  const kvmclockAsked = asked === undefined ? null : isOn(asked.value) ? 'on' : 'off';
  const state = (kvmclock: KvmclockState['kvmclock'], kvmclockDecidedBy: string): KvmclockState => ({
    kvmclock,
    kvmclockDecidedBy,
    kvmclockAsked,
  });
  if (!x86) return state('not-applicable', 'the architecture');
  if (!accelerator.kvm) return state('inert', accelerator.by);
  if (kvm && isOff(kvm.value)) return state('hidden', describe(kvm, "kvm hidden state='on'", 'kvm=off'));
  const invisible = hypervisorBitOff(args);
  if (invisible) return state('hidden', invisible);
  if (asked) {
    const present = kvmclockAsked === 'on' ? 'yes' : 'no';
    const by = describe(asked, `timer kvmclock present='${present}'`, `kvmclock=${kvmclockAsked}`);
    return state(kvmclockAsked === 'on' ? 'on' : 'off', by);
  }
  const last = args.findLast(({ option }) => option === '-cpu')?.by ?? '';
  return state('on', isCommandLine(last) ? `the default of ${last} -cpu` : 'the default');
}

function describe({ by }: { by: string }, element: string, setting: string): string {
  return isCommandLine(by) ? `${by} ${setting}` : element;
}
