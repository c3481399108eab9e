import { type DefinitionCheck, qemuGuest } from '../check.js';
import { TIME_KEEPING } from '../references.js';

export const foreignTimers: DefinitionCheck = {
  id: 'domain/foreign-timers',
  scope: 'domain',
  judges: 'definition',
  title: "All timers belong to the guest's architecture",
  failureTitle: 'Some timers belong to another architecture',
  rationale:
    'The timers pit, hpet, tsc, kvmclock and hypervclock exist on x86 only, the armvtimer on ARM only. libvirt refuses some of them elsewhere (see domain/definition-rejected) and drops most of the rest without a word, so what is left over from a template harms nobody; but a TSC frequency, like kvmclock switched off (see domain/kvmclock), reaches QEMU, which then does not start.',
  outcomes: {
    pass: 'There are none.',
    info: 'There are some, without effect.',
    fail: 'A tsc timer has a frequency, which libvirt hands to a QEMU that does not know the property and will not start.',
    'not-applicable': 'The domain is not run by QEMU.',
  },
  fix: 'Remove them from the template when it is next touched; a tsc timer with a frequency before the next start.',
  references: [TIME_KEEPING],
  needs: () => [],
  appliesTo: qemuGuest,
  evaluate({ foreignTimers, effectiveClock, arch = 'this architecture' }) {
    if (effectiveClock.hvTime === 'not-applicable' && effectiveClock.tscFrequencyHz !== null) {
      return {
        outcome: 'fail',
        code: 'breaks-start',
        observed: `a TSC frequency on ${arch}, where QEMU does not know the property and will not start`,
        expected: 'no tsc timer, or one without a frequency',
        remedy: [{ kind: 'drop-tsc-frequency' }],
      };
    }
    if (foreignTimers.length === 0)
      return { outcome: 'pass', code: 'none', observed: 'no timer of another architecture' };
    const observed = `timers without effect on ${arch}: ${foreignTimers.join(', ')}`;
    return { outcome: 'info', code: 'left-over', observed };
  },
};
