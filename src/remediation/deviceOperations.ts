import { AGENT_PORT } from '../domxml/agentChannel.js';
import { child, type XmlElement } from '../domxml/tree.js';
import type { NewElement } from './change.js';
import type { Operation } from './operation.js';

/**
 * Adds the channel of the guest agent. libvirt fills in the socket, the address, and the controller where it lacks one.
 * @see {@link https://libvirt.org/formatdomain.html#channel}
 */
export function addAgentChannel(domain: XmlElement): Operation[] {
  const channel: NewElement = {
    name: 'channel',
    attributes: [['type', 'unix']],
    children: [
      {
        name: 'target',
        attributes: [
          ['type', 'virtio'],
          ['name', AGENT_PORT],
        ],
      },
    ],
  };
  const devices = child(domain, 'devices');
  const [parent, elements] = devices
    ? [devices, [channel]]
    : [domain, [{ name: 'devices', attributes: [], children: [channel] }]];
  return [{ kind: 'add-elements', parent, after: null, elements }];
}
