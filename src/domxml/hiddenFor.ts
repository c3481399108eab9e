import { isOn } from './cpuProperty.js';
import { hypervElements } from './features.js';
import type { QemuArgument } from './qemuArgument.js';
import { child, childrenNamed, type XmlElement } from './tree.js';

/** A name that somebody chose for a guest with macOS: `macos-13`, `osx`, `hackintosh`. */
const MACOS_NAME = /(?<![a-z])(?:mac[-_ ]?os(?:[-_ ]?x)?|osx|hackintosh)(?![a-z])/i;
const LONGEST_TEXT = 255;

/**
 * What people hide a hypervisor for, as far as a definition shows it: a driver for a device that is passed through may
 * refuse to run in a guest, and macOS and anti-cheat software expect another machine. One phrase each; empty where
 * nothing of the kind is there.
 * @param passed - the arguments of `qemu:commandline` with a say in the clock
 * @param words - all of its arguments, as they stand there
 * @see {@link https://libvirt.org/formatdomain.html#hypervisor-features} for vendor_id and hidden
 */
export function hiddenFor(
  domain: XmlElement,
  passed: readonly QemuArgument[],
  words: readonly string[],
): string[] {
  const found: string[] = [];
  const devices = childrenNamed(child(domain, 'devices'), 'hostdev');
  if (devices.some(({ attributes }) => attributes.type === 'pci') || words.some(isVfio)) {
    found.push('a PCI device is passed through to it');
  }
  const vendors = hypervElements(domain).flatMap((hyperv) => childrenNamed(hyperv, 'vendor_id'));
  if (vendors.some(({ attributes }) => attributes.state === 'on') || passed.some(namesVendor)) {
    found.push("Hyper-V's vendor id is replaced");
  }
  const names = ['name', 'title', 'description'].map((it) => child(domain, it)?.text.slice(0, LONGEST_TEXT));
  if (
    names.some((text) => MACOS_NAME.test(text ?? '')) ||
    words.some((word) => /^isa-applesmc\b/.test(word))
  ) {
    found.push('it looks like macOS');
  }
  return found;
}

/** Whether the arguments give the guest Hyper-V's interfaces, of which the vendor's name is none. */
export function passesEnlightenments(passed: readonly QemuArgument[]): boolean {
  return passed.some(
    ({ option, settings }) =>
      option === '-cpu' &&
      settings.some(([key, value]) => key.startsWith('hv-') && key !== 'hv-vendor-id' && isOn(value)),
  );
}

function isVfio(word: string): boolean {
  return /^vfio-pci\b/.test(word);
}

function namesVendor({ settings }: QemuArgument): boolean {
  return settings.some(([key]) => key === 'hv-vendor-id' || key === 'cpu.hv-vendor-id');
}
