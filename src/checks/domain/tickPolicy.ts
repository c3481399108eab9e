import type { DefinitionCheck } from '../check.js';
import { describeGuest, isWindows } from '../guestOs.js';
import { x86Guest } from '../machine.js';
import { TIME_KEEPING } from '../references.js';

export const tickPolicy: DefinitionCheck = {
  id: 'domain/tick-policy',
  scope: 'domain',
  judges: 'definition',
  title: 'Late ticks are delivered as the guest is used to',
  failureTitle: 'Late ticks are delivered in an unusual way',
  rationale:
    "When the host could not run the guest in time, QEMU owes it ticks of the RTC and KVM ticks of the PIT. The tickpolicy says what becomes of them: Windows counts RTC ticks and wants them made up for (catchup), and the PIT's are delivered late (delay). This only matters to guests that count ticks: old Windows and very old Linux. A guest on kvm-clock, the Hyper-V reference time or its TSC does not notice, so this check never does more than inform.",
  outcomes: {
    pass: 'A Windows guest has rtc catchup and the PIT delays.',
    info: 'Anything else: Windows without rtc catchup, a PIT that discards, or a guest that does not count ticks.',
    'not-applicable': 'Another architecture, or not QEMU.',
  },
  fix: "For old Windows guests: <timer name='rtc' tickpolicy='catchup'/> and <timer name='pit' tickpolicy='delay'/>. Nothing needs fixing for others.",
  references: [
    TIME_KEEPING,
    { title: 'qemu(1), -rtc driftfix', url: 'https://www.qemu.org/docs/master/system/invocation.html' },
  ],
  needs: () => [],
  appliesTo: x86Guest,
  evaluate({ effectiveClock: { rtc, pitLostTickPolicy, pitDecidedBy }, guestOs }) {
    const slew = rtc.present
      ? [
          `late RTC ticks are ${rtc.driftfix === 'slew' ? 'made up for' : 'dropped'}, by ${rtc.driftfixDecidedBy}`,
        ]
      : [];
    const pit = pitLostTickPolicy === null ? [] : [`the PIT uses ${pitLostTickPolicy}, by ${pitDecidedBy}`];
    const observed = [...slew, ...pit, describeGuest(guestOs)].join('; ');
    if (!isWindows(guestOs, 'medium')) return { outcome: 'info', code: 'ticks-not-counted', observed };
    if (rtc.present && rtc.driftfix !== 'slew')
      return { outcome: 'info', code: 'rtc-without-catchup', observed };
    if (pitLostTickPolicy === 'discard') return { outcome: 'info', code: 'pit-discards', observed };
    return { outcome: 'pass', code: 'usual', observed };
  },
};
