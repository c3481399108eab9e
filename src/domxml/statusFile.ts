import type { XmlElement } from './tree.js';

/**
 * Reads the state of the domain from the envelope of a `/run/libvirt/qemu/NAME.xml`. The definition inside has
 * been parsed already; what is left is small and written by libvirt itself.
 * @returns the state in libvirt's words; empty where the envelope is not what libvirt writes
 */
export async function readState(text: string, domain: XmlElement): Promise<string> {
  const { XMLParser } = await import('fast-xml-parser');
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '', processEntities: false });
  try {
    const envelope = parser.parse(text.slice(0, domain.start) + text.slice(domain.end));
    return String(envelope.domstatus?.state ?? '');
  } catch {
    // It has limits of its own on names and depth; the definition is worth more than the state.
    return '';
  }
}
