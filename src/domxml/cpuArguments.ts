import { hasMigratable } from './capabilities.js';
import type { Clock } from './clockElement.js';
import { DEFAULT_MODELS } from './cpuGlobals.js';
import { enlightenmentProperties, hiddenElement, hypervMode } from './features.js';
import { HYPERV_HOST_MODEL } from './hypervState.js';
import type { Passthrough } from './passthrough.js';
import type { Setting } from './qemuArgument.js';
import { child, childrenNamed, type XmlElement } from './tree.js';

/** What becomes of a CPU feature by its policy; `optional` is libvirt's to decide on the host. */
const FEATURE_STATES: ReadonlyMap<string, string> = new Map([
  ['require', 'on'],
  ['force', 'on'],
  ['disable', 'off'],
  ['forbid', 'off'],
]);

/**
 * The properties of `-cpu` that libvirt generates, as far as they concern time, in its order.
 * @see `qemuBuildCpuCommandLine` in libvirt's src/qemu/qemu_command.c
 */
export function cpuSettings(
  domain: XmlElement,
  clock: Clock,
  arch: string,
  passthrough: Passthrough,
): Setting[] {
  const settings: Setting[] = [];
  const migratable = migratableCpu(domain, arch, passthrough);
  if (migratable) settings.push(['migratable', migratable]);
  const cpu = child(domain, 'cpu');
  const features = childrenNamed(cpu, 'feature');
  // QEMU reports the bit among what the host's CPU has, and libvirt spells out all of that.
  if (cpu?.attributes.mode === 'host-model' && !features.some(isHypervisorBit)) {
    settings.push(['hypervisor', 'on']);
  }
  for (const { attributes } of features) {
    const state = FEATURE_STATES.get(attributes.policy ?? 'require');
    if (attributes.name === 'invtsc' && state) settings.push(['invtsc', state]);
    if (attributes.name === 'hypervisor' && state) {
      settings.push(attributes.policy === 'forbid' ? ['hypervisor', state, 'forbid'] : ['hypervisor', state]);
    }
  }
  for (const timer of clock.timers) {
    if (timer.name === 'kvmclock' && timer.present !== null) {
      settings.push(['kvmclock', timer.present ? 'on' : 'off']);
    } else if (timer.name === 'hypervclock' && timer.present) {
      settings.push(['hv-time', 'on']);
    } else if (timer.name === 'tsc' && timer.frequencyHz !== null) {
      settings.push(['tsc-frequency', String(timer.frequencyHz)]);
    } else if (timer.name === 'armvtimer') {
      if (timer.tickpolicy === 'delay') settings.push(['kvm-no-adjvtime', 'off']);
      if (timer.tickpolicy === 'discard') settings.push(['kvm-no-adjvtime', 'on']);
    }
  }
  const mode = hypervMode(domain);
  if (mode === 'passthrough') settings.push(['hv-passthrough', 'on']);
  if (mode === 'host-model') settings.push([HYPERV_HOST_MODEL, 'on']);
  for (const property of enlightenmentProperties(domain)) settings.push([property, 'on']);
  if (hiddenElement(domain)?.attributes.state === 'on') settings.push(['kvm', 'off']);
  return settings;
}

/**
 * What libvirt makes of the attribute `migratable`, or of its absence with host-passthrough. QEMU's CPU of the host has
 * that property on x86_64 alone.
 */
function migratableCpu(domain: XmlElement, arch: string, passthrough: Passthrough): string | null {
  const { mode, migratable } = child(domain, 'cpu')?.attributes ?? {};
  if (mode !== 'host-passthrough' && mode !== 'maximum') return null;
  if (!hasMigratable(arch, passthrough)) return null;
  const byDefault = mode === 'maximum' ? null : arch === 'x86_64' ? 'on' : 'off';
  return migratable ?? byDefault;
}

function isHypervisorBit({ attributes }: XmlElement): boolean {
  return attributes.name === 'hypervisor';
}

/** The CPU model that libvirt names to QEMU, by default QEMU's own default; undefined where it is the host's to decide. */
export function cpuModel(domain: XmlElement, arch: string): string | undefined {
  const cpu = child(domain, 'cpu');
  if (!cpu) return DEFAULT_MODELS.get(arch);
  const { mode, match } = cpu.attributes;
  if (mode === 'host-passthrough') return 'host';
  if (mode === 'maximum') return 'max';
  if (mode === 'host-model' || match === 'minimum') return undefined;
  return child(cpu, 'model')?.text.trim() || DEFAULT_MODELS.get(arch);
}
