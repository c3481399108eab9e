import { hasKvm } from './embeddedDriver.js';

/** The domain's own element: libvirt's status files have one around it. */
export function domainElement(text: string): string {
  if (!text.includes('<domstatus')) return text;
  return /<domain[\s>].*<\/domain>/s.exec(text)?.[0] ?? text;
}

/**
 * A definition as libvirt knows it on a host without KVM: for TCG, with a CPU that TCG has. Nothing else is changed, above
 * all nothing about the clock.
 */
export function withoutKvm(xml: string): string {
  return xml
    .replace(/(<domain[^>]*\stype\s*=\s*)(["'])kvm\2/, '$1$2qemu$2')
    .replace(/mode=(["'])host-(?:passthrough|model)\1/, 'mode=$1maximum$1')
    .replace(/(<cpu[^>]*?)\smigratable=(["']).*?\2/, '$1');
}

/** Without /dev/kvm, and for another architecture than x86, libvirt knows neither the type nor the CPU that goes with it. */
export function forThisHost(xml: string): string {
  return hasKvm() && /arch\s*=\s*["'](x86_64|i686)/.test(xml) ? xml : withoutKvm(xml);
}
