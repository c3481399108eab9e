import { readDefinition } from '../../src/domxml/definition.js';

/** What is special about a domain; the rest is an x86 guest under KVM. */
export interface DomainParts {
  readonly type?: string;
  readonly machine?: string;
  readonly arch?: string;
  /** Children of `<clock>`. */
  readonly timers?: string;
  /** Further children of `<domain>`. */
  readonly inside?: string;
  /** The words of `qemu:commandline`. */
  readonly words?: readonly string[];
  /** libvirt's. */
  readonly version?: string | null;
}

/** The definition of such a domain. */
export function definitionOfParts({
  type = 'kvm',
  machine = 'q35',
  arch = 'x86_64',
  timers = '',
  inside = '',
  words = [],
  version = null,
}: DomainParts) {
  const args = words.map((word) => `<qemu:arg value='${word}'/>`).join('');
  return readDefinition(
    `<domain type='${type}' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>n</name>
    <os><type arch='${arch}' machine='${machine}'>hvm</type></os><clock offset='utc'>${timers}</clock>${inside}
    <qemu:commandline>${args}</qemu:commandline></domain>`,
    version,
  );
}
/** Its effective clock. */
export const clockOf = (parts: DomainParts) => definitionOfParts(parts).effectiveClock;
/** `<features>` with a `<hyperv>` around the children. */
export const hyperv = (children: string, attributes = '') =>
  `<features><hyperv${attributes}>${children}</hyperv></features>`;
