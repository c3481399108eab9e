import type { XmlElement } from './tree.js';

/** What libvirt records of a running domain around its definition. */
export interface StatusEnvelope {
  /** `virDomainState` in virsh's words. */
  readonly state: string;
  /** QEMU's process id. */
  readonly pid: number | null;
}

/**
 * Reads the envelope of a `/run/libvirt/qemu/NAME.xml`. The definition inside has been parsed already; what
 * is left is small and written by libvirt itself.
 */
export async function readStatusEnvelope(text: string, domain: XmlElement): Promise<StatusEnvelope> {
  const { XMLParser } = await import('fast-xml-parser');
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '', processEntities: false });
  const envelope = parser.parse(text.slice(0, domain.start) + text.slice(domain.end));
  const { state, pid } = envelope.domstatus ?? {};
  const number = Number(pid);
  return { state: String(state ?? ''), pid: Number.isSafeInteger(number) && number > 0 ? number : null };
}
