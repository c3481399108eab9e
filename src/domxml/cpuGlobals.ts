import { isX86 } from './machine.js';
import type { QemuArgument } from './qemuArgument.js';

/** What QEMU calls the CPUs of an architecture, behind the model: `qemu64-x86_64-cpu`. */
const FAMILIES: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'x86_64'],
  ['i686', 'i386'],
  ['aarch64', 'arm'],
  ['armv7l', 'arm'],
  ['ppc64', 'powerpc64'],
  ['ppc64le', 'powerpc64'],
]);
/** QEMU's own default on x86, where a command line names no model, and libvirt's where a definition names none. */
export const DEFAULT_MODELS: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'qemu64'],
  ['i686', 'qemu32'],
]);

/**
 * Leaves out each `-global` of a type that the guest's CPU is not of: a property of a type counts for the types derived
 * from it, so that of `x86_64-cpu` for every model and that of `kvm64-x86_64-cpu` for that model alone. Where nobody
 * knows the model, a setting for one is taken to be meant for it.
 * @see `qdev_prop_set_globals` in QEMU's hw/core/qdev-properties.c
 */
export function withoutForeignGlobals(args: readonly QemuArgument[], arch: string): readonly QemuArgument[] {
  const cpu = args.findLast(({ option }) => option === '-cpu');
  const model = cpu ? cpu.model : DEFAULT_MODELS.get(arch);
  return args.filter(({ driver }) => driver === undefined || isOf(driver, model, arch));
}

function isOf(driver: string, model: string | undefined, arch: string): boolean {
  const [, named, family] = /^(?:(?:(.+)-)?([^-]+)-)?cpu$/.exec(driver) ?? [];
  if (family === undefined) return true;
  if (family !== (FAMILIES.get(arch) ?? arch)) return named === undefined && family === arch;
  if (named === undefined || model === undefined || named === model) return true;
  // On x86 the type of the host's CPU is derived from the one with all that the accelerator has.
  return isX86(arch) && named === 'max' && model === 'host';
}
