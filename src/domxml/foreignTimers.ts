import type { Timer } from './clockElement.js';
import { isX86, type Machine } from './machine.js';

const X86_TIMERS: ReadonlySet<string> = new Set(['kvmclock', 'hypervclock', 'hpet', 'pit', 'tsc']);

/** Whether the timer is one that only x86 machines have, written for another architecture. */
export function isForeignTimer({ name }: Pick<Timer, 'name'>, { arch }: Machine): boolean {
  return X86_TIMERS.has(name) && !isX86(arch);
}

/**
 * The names of timers that this architecture does not have and that libvirt takes and drops without a word.
 * A PIT is never refused, the others only with `present='yes'`. `kvmclock` with `present='no'` is not among them:
 * it does have an effect, since QEMU does not start with it.
 * @see `qemuValidateDomainDefClockTimers` in libvirt's src/qemu/qemu_validate.c
 */
export function foreignTimers(timers: readonly Timer[], machine: Machine): string[] {
  const dropped = timers.filter((timer) => isForeignTimer(timer, machine) && isDropped(timer));
  return [...new Set(dropped.map(({ name }) => name))];
}

function isDropped({ name, present, frequencyHz }: Timer): boolean {
  if (name === 'pit') return true;
  if (name === 'kvmclock') return present === null;
  return present !== true && frequencyHz === null;
}
