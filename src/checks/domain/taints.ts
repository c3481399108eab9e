import type { SituationCheck } from '../check.js';
import { whyNotRunning } from '../running.js';

export const taints: SituationCheck = {
  id: 'domain/taints',
  scope: 'domain',
  judges: 'situation',
  title: 'libvirt knows of nothing done behind its back',
  failureTitle: "Something was done behind libvirt's back",
  rationale:
    "libvirt marks a running domain as tainted when arguments were passed through to QEMU (custom-argv), or when somebody spoke to QEMU's monitor or the guest agent past libvirt (custom-monitor, custom-ga-command). The mark stays until the domain stops. It proves nothing wrong with the clock, but tells where to look, and that a vendor may refuse support.",
  outcomes: {
    pass: 'The domain is not tainted.',
    info: 'It is; the finding tells in what way.',
    unknown: 'libvirt did not tell.',
    'not-applicable': 'The domain does not run, was read from a file, or its libvirt is older than 7.1.',
  },
  fix: 'Nothing needs fixing; see domain/commandline-override for what was passed through.',
  references: [
    {
      title: 'virDomainGetMessages',
      url: 'https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainGetMessages',
    },
    { title: 'libvirt: Domain taint', url: 'https://libvirt.org/kbase/index.html' },
  ],
  appliesTo(domain) {
    const { taints: messages } = domain;
    if (messages === null) return whyNotRunning(domain);
    if (!messages.known && messages.cause === 'libvirt-too-old') return messages.reason;
    if (!messages.known && messages.cause === 'not-supported') return messages.reason;
    return true;
  },
  needs: ({ taints: messages }) => (messages ? [messages] : []),
  evaluate({ taints: messages }) {
    const told = messages?.known ? messages.value : [];
    return told.length === 0
      ? { outcome: 'pass', code: 'none', observed: 'libvirt has marked nothing' }
      : { outcome: 'info', code: 'tainted', observed: told.join('; ') };
  },
};
