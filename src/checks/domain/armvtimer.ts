import type { DefinitionCheck } from '../check.js';
import { qemuGuest } from '../check.js';
import { TIME_KEEPING } from '../references.js';

export const armvtimer: DefinitionCheck = {
  id: 'domain/armvtimer',
  scope: 'domain',
  judges: 'definition',
  title: "The ARM guest's counter does what it is set to do while the guest is paused",
  failureTitle: "The ARM guest's counter does something else while the guest is paused",
  rationale:
    "On ARM's virt machine under KVM the virtual counter is stopped while the guest is paused: the guest does not notice, and is late by the pause afterwards. With tickpolicy='discard' on the armvtimer it runs on: the guest jumps, and stays right. Both are legitimate, so this only informs; who pauses, saves or migrates guests wants to know.",
  outcomes: {
    info: 'The counter stops (delay, the default), or runs on (discard).',
    'not-applicable': "Anything but ARM's virt machine under KVM.",
  },
  fix: "Nothing needs fixing. For a guest that is paused often: <timer name='armvtimer' tickpolicy='discard'/>, or NTP in the guest that may step the clock.",
  references: [
    TIME_KEEPING,
    {
      title: 'QEMU: ARM CPU features, kvm-no-adjvtime',
      url: 'https://www.qemu.org/docs/master/system/arm/cpu-features.html',
    },
  ],
  needs: () => [],
  appliesTo(definition) {
    const guest = qemuGuest(definition);
    if (guest !== true) return guest;
    const none = definition.effectiveClock.armVirtualCounterStopsOnPause === null;
    return none ? "only ARM's virt machine under KVM has it" : true;
  },
  evaluate: ({ effectiveClock: { armVirtualCounterStopsOnPause } }) =>
    armVirtualCounterStopsOnPause
      ? {
          outcome: 'info',
          code: 'stops',
          observed: 'the virtual counter stops while the guest is paused, so the guest is late afterwards',
        }
      : {
          outcome: 'info',
          code: 'runs-on',
          observed:
            'the virtual counter runs on while the guest is paused, so the guest jumps and stays right',
        },
};
