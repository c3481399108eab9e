import { qemuGuest, type SituationCheck } from '../check.js';
import { isTrue } from '../imageProperty.js';
import { takesVirtioSerial } from '../virtioSerial.js';

export const agentChannel: SituationCheck = {
  id: 'domain/agent-channel',
  scope: 'domain',
  judges: 'situation',
  title: "The guest's clock can be set from outside",
  failureTitle: "The guest's clock cannot be set from outside",
  rationale:
    'A guest that was paused, saved or restored is late by that time. virsh domtime, nova after a resume and libvirt-guests with SYNC_TIME set it right through the guest agent, for which the domain needs the channel org.qemu.guest_agent.0 and the guest a running agent. A guest without one is not wrong now; it depends on its own NTP after every pause. A connected channel means that something in the guest opened it, not that it answers.',
  outcomes: {
    pass: 'The channel is there, and connected if the domain runs.',
    info: 'nova gave the instance none, which it only does for the image property hw_qemu_guest_agent.',
    warn: 'There is no channel, or nobody in the running guest listens.',
    'not-applicable': 'The domain is not run by QEMU.',
  },
  fix: "Where there is a channel, install qemu-guest-agent in the guest and start it. Where there is none, first add <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>; for nova set hw_qemu_guest_agent=yes on the image.",
  references: [
    { title: 'QEMU guest agent', url: 'https://www.qemu.org/docs/master/interop/qemu-ga.html' },
    { title: 'libvirt: Channel', url: 'https://libvirt.org/formatdomain.html#channel' },
  ],
  appliesTo({ definitions: { live, inactive } }) {
    const fact = live ?? inactive;
    if (!fact) return 'no definition was read';
    return fact.known ? qemuGuest(fact.value) : true;
  },
  needs: ({ definitions: { live, inactive } }) => [live ?? inactive].filter((fact) => fact !== undefined),
  evaluate({ definitions: { live, inactive } }) {
    const fact = live ?? inactive;
    const definition = fact?.known ? fact.value : null;
    switch (definition?.agentChannel) {
      case 'connected':
        return {
          outcome: 'pass',
          code: 'connected',
          observed: 'the channel of the guest agent is connected',
        };
      case 'configured':
        return { outcome: 'pass', code: 'configured', observed: 'there is a channel for the guest agent' };
      case 'disconnected':
        return {
          outcome: 'warn',
          code: 'disconnected',
          observed: 'there is a channel for the guest agent, but nobody in the guest listens',
          expected: 'a running qemu-guest-agent',
        };
    }
    const observed = 'there is no channel for a guest agent';
    if (definition?.owner.kind === 'nova' && !isTrue(definition.owner.imageProperties?.hw_qemu_guest_agent)) {
      return { outcome: 'info', code: 'absent-by-nova', observed: `${observed}: nova was not asked for one` };
    }
    // What runs is beyond mending; the next start may have a channel already.
    const next = inactive ?? live;
    const canBeAdded = next?.known && next.value.agentChannel === 'absent' && takesVirtioSerial(next.value);
    return {
      outcome: 'warn',
      code: 'absent',
      observed,
      expected: 'the channel org.qemu.guest_agent.0',
      ...(canBeAdded && { remedy: [{ kind: 'add-agent-channel' }] }),
    };
  },
};
