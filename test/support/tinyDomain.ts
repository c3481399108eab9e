export interface TinyDomain {
  name: string;
  /** The `<clock>` element; empty for none. */
  clock: string;
  type?: 'qemu' | 'kvm';
  /** Further children of `<domain>`, such as `<cpu>` or `<qemu:commandline>`. */
  extra?: string;
  /** Further children of `<devices>`, such as a channel. */
  devices?: string;
  /** Attributes of `<domain>`, such as the declaration of the qemu namespace. */
  rootAttributes?: string;
}

/** A `<clock>` that every check is content with, around further timers. */
export function goodClock(timers = ''): string {
  return `<clock offset='utc'>${timers}<timer name='hpet' present='no'/></clock>`;
}

/** The device that makes a domain's clock settable from outside. */
export const agentChannelXml =
  "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>";

/** The XML of an x86 domain of 64 MiB that has no disk and no network and starts without /dev/kvm. */
export function tinyDomainXml(domain: TinyDomain): string {
  const { name, clock, type = 'qemu', extra = '', devices = '', rootAttributes = '' } = domain;
  const escapedName = name.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<domain type='${type}'${rootAttributes && ` ${rootAttributes}`}>
  <name>${escapedName}</name>
  <memory unit='MiB'>64</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
  </os>
  ${clock}
  ${extra}
  <devices>
    <controller type='usb' model='none'/>
    ${devices}
    <memballoon model='none'/>
  </devices>
</domain>
`;
}
