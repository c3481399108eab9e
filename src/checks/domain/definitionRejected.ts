import type { SituationCheck } from '../check.js';
import { TIME_KEEPING } from '../references.js';

export const definitionRejected: SituationCheck = {
  id: 'domain/definition-rejected',
  scope: 'domain',
  judges: 'situation',
  title: 'libvirt takes the clock as it is defined',
  failureTitle: 'libvirt refuses the clock as it is defined',
  rationale:
    "Not all that fits libvirt's schema is accepted: libvirt's parser and its QEMU driver refuse some combinations of timers and attributes (a tickpolicy on kvmclock, track='boot', a time zone that is not named). A file with such a clock cannot be defined; a definition that an older libvirt accepted, or that was written below /etc/libvirt by hand, cannot be started. No other check judges a clock that no guest can have.",
  outcomes: {
    pass: 'Nothing about the clock is refused, or the domain runs with this definition.',
    fail: "libvirt's parser or its QEMU driver refuses the clock; the finding names element and value.",
    'not-applicable': 'No definition of a start to come: nothing but the running one of a transient domain.',
  },
  fix: 'Correct the element that the finding names; virt-xml-validate shows what the schema alone can tell, and virsh domxml-to-native qemu-argv --xml FILE what the driver says.',
  references: [
    TIME_KEEPING,
    {
      title: 'libvirt: src/qemu/qemu_validate.c',
      url: 'https://gitlab.com/libvirt/libvirt/-/blob/master/src/qemu/qemu_validate.c',
    },
  ],
  appliesTo: ({ definitions: { inactive } }) =>
    inactive !== undefined || 'there is only the definition that runs, so libvirt has accepted it',
  needs: ({ definitions: { inactive } }) => (inactive ? [inactive] : []),
  evaluate({ definitions: { inactive } }) {
    const rejections = inactive?.known ? inactive.value.rejections : [];
    if (rejections.length === 0) {
      return { outcome: 'pass', code: 'accepted', observed: 'nothing about the clock is refused' };
    }
    return {
      outcome: 'fail',
      code: 'rejected',
      observed: `refused: ${rejections.join('; ')}`,
      expected: 'a clock that libvirt and QEMU take; until then the domain cannot be defined or started',
    };
  },
};
