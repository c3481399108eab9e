import { expect } from 'chai';
import { readDefinition } from '../../src/domxml/definition.js';
import { tinyDomainXml } from '../support/tinyDomain.js';

const channelOf = (devices: string) =>
  readDefinition(tinyDomainXml({ name: 'agent', clock: '', devices }), null).agentChannel;
const channel = (target: string, type = 'unix') =>
  `<channel type='${type}'><source mode='bind' path='/run/x'/><target ${target}/></channel>`;
const agent = "type='virtio' name='org.qemu.guest_agent.0'";

describe("the guest agent's channel", () => {
  it('is absent without a channel, and with other channels only', () => {
    expect(channelOf('')).to.equal('absent');
    expect(channelOf(channel("type='virtio' name='com.redhat.spice.0' state='connected'"))).to.equal(
      'absent',
    );
    expect(channelOf(channel("type='guestfwd' address='10.0.2.1' port='4600'"))).to.equal('absent');
    expect(channelOf(channel("type='xen' name='org.qemu.guest_agent.0'"))).to.equal('absent');
    expect(channelOf("<channel type='unix'/>")).to.equal('absent');
  });

  it('is configured where nobody says whether it is open', () => {
    expect(channelOf(channel(agent))).to.equal('configured');
    expect(channelOf(channel(agent, 'spicevmc'))).to.equal('configured');
    expect(channelOf(channel(`${agent} state='unknown'`))).to.equal('configured');
  });

  it('is as libvirt reports it of a running domain, behind any other channel', () => {
    const spice = channel("type='virtio' name='com.redhat.spice.0' state='disconnected'");
    expect(channelOf(spice + channel(`${agent} state='connected'`))).to.equal('connected');
    expect(channelOf(spice + channel(`${agent} state='disconnected'`))).to.equal('disconnected');
  });

  it('is not taken from a console or from another namespace', () => {
    expect(channelOf(`<console type='pty'><target ${agent}/></console>`)).to.equal('absent');
    expect(channelOf(`<channel xmlns='urn:x'><target ${agent}/></channel>`)).to.equal('absent');
  });
});
