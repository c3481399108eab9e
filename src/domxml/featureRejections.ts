import { hypervElements, ioapicElements, kvmElements } from './features.js';
import { atLeast } from './libvirtVersion.js';
import type { Passthrough } from './passthrough.js';
import { child, childrenNamed, type XmlElement } from './tree.js';

/** The enlightenments that are nothing but on or off, of which a later libvirt knows more. */
const SWITCHES = new Set(
  `relaxed vapic spinlocks vpindex runtime synic stimer reset vendor_id frequencies reenlightenment tlbflush ipi evmcs
  avic emsr_bitmap xmm_input`.split(/\s+/),
);
/** The CPU features with a say in the guest's clock. */
const TIME_FEATURES = ['invtsc', 'hypervisor'];
const POLICIES = ['force', 'require', 'optional', 'disable', 'forbid'];

/**
 * Why libvirt's parser refuses what a domain says of CPU features that concern time. What it refuses for other reasons,
 * and names that only some versions know, are left to it.
 * @see `virDomainFeaturesHyperVDefParse` in libvirt's src/conf/domain_conf.c and `virCPUDefParseXML` in cpu_conf.c
 */
export function featureRejections(domain: XmlElement, libvirtVersion: string | null): string[] {
  const rejections: string[] = [];
  for (const { attributes, children } of hypervElements(domain)) {
    const { mode } = attributes;
    const hostModel = mode === 'host-model' && (libvirtVersion === null || atLeast(libvirtVersion, 11, 9));
    if (mode !== undefined && mode !== 'custom' && mode !== 'passthrough' && !hostModel) {
      rejections.push(`hyperv with the unknown mode '${mode}'`);
    }
    for (const feature of children.filter(({ name }) => SWITCHES.has(name))) {
      rejectState(feature, 'hyperv', rejections);
      if (feature.name !== 'stimer' || feature.attributes.state !== 'on') continue;
      for (const direct of childrenNamed(feature, 'direct')) rejectState(direct, 'stimer', rejections);
    }
  }
  for (const kvm of kvmElements(domain)) {
    for (const hidden of childrenNamed(kvm, 'hidden')) rejectState(hidden, 'kvm', rejections);
  }
  for (const { attributes } of ioapicElements(domain)) {
    if (attributes.driver !== undefined && !['qemu', 'kvm'].includes(attributes.driver)) {
      rejections.push(`ioapic with the unknown driver '${attributes.driver}'`);
    }
  }
  return [...rejections, ...cpuRejections(child(domain, 'cpu'))];
}

function rejectState({ name, attributes }: XmlElement, parent: string, rejections: string[]): void {
  const { state } = attributes;
  if (state === undefined) rejections.push(`${parent} feature '${name}' without a state`);
  else if (state !== 'on' && state !== 'off') {
    rejections.push(`${parent} feature '${name}' with the unknown state '${state}'`);
  }
}

function cpuRejections(cpu: XmlElement | undefined): string[] {
  const rejections: string[] = [];
  const { mode, migratable } = cpu?.attributes ?? {};
  if (migratable !== undefined) {
    if (migratable !== 'on' && migratable !== 'off') {
      rejections.push(`cpu with the unknown migratable '${migratable}'`);
    } else if (mode !== 'host-passthrough' && mode !== 'maximum') {
      rejections.push(`cpu migratable='${migratable}' without mode='host-passthrough' or 'maximum'`);
    }
  }
  const features = childrenNamed(cpu, 'feature').map(({ attributes }) => attributes);
  for (const name of TIME_FEATURES) {
    const same = features.filter((feature) => feature.name === name);
    if (same.length > 1) rejections.push(`cpu with the feature '${name}' more than once`);
    for (const { policy } of same) {
      if (policy !== undefined && !POLICIES.includes(policy)) {
        rejections.push(`cpu feature '${name}' with the unknown policy '${policy}'`);
      }
    }
  }
  return rejections;
}

/**
 * Why the QEMU driver refuses its own elements, or a clock for what they leave of QEMU's capabilities.
 * @see `qemuDomainDefNamespaceParse` in libvirt's src/qemu/qemu_domain.c
 */
export function passthroughRejections({ args, env, capabilityNames }: Passthrough): string[] {
  const rejections: string[] = [];
  if (args.some(({ element }) => element.attributes.value === undefined)) {
    rejections.push('qemu:arg without a value');
  }
  for (const { name } of env) {
    if (name === '') rejections.push('qemu:env without a name');
    else if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) rejections.push(`qemu:env with the name '${name}'`);
  }
  if (capabilityNames.includes('')) rejections.push('qemu:capabilities with an element that names none');
  return rejections;
}
