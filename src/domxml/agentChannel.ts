import type { DomainDefinition } from '../facts/definition.js';
import { child, childrenNamed, type XmlElement } from './tree.js';

/** The name of the virtio port that the QEMU guest agent opens. */
export const AGENT_PORT = 'org.qemu.guest_agent.0';

/**
 * Reads whether the guest agent has its channel, and whether something in the guest has opened it. libvirt says
 * the latter only of a running domain; an open port does not mean that the agent answers.
 * @see {@link https://libvirt.org/formatdomain.html#channel}
 */
export function readAgentChannel(domain: XmlElement): DomainDefinition['agentChannel'] {
  const target = childrenNamed(domain, 'devices')
    .flatMap((devices) => childrenNamed(devices, 'channel'))
    .map((channel) => child(channel, 'target')?.attributes)
    .find((attributes) => attributes?.type === 'virtio' && attributes.name === AGENT_PORT);
  if (!target) return 'absent';
  return target.state === 'connected' || target.state === 'disconnected' ? target.state : 'configured';
}
