import { type DefinitionCheck, qemuGuest } from '../check.js';
import { TIME_KEEPING } from '../references.js';

export const ignoredAttributes: DefinitionCheck = {
  id: 'domain/ignored-attributes',
  scope: 'domain',
  judges: 'definition',
  title: 'All that is written about the clock has an effect',
  failureTitle: 'Something that is written about the clock contradicts what is in force',
  rationale:
    "libvirt and QEMU pass over much without a word: present='no' on the rtc or the pit does not take it away, the numbers of <catchup> reach nobody, a second rtc timer and a second <clock> are not looked at, and a qemu:commandline in another namespace is dropped. Who reads the XML then believes something that is not so.",
  outcomes: {
    pass: 'Everything has an effect.',
    info: 'Something has none, and would change nothing if it were removed.',
    warn: 'Something has none and says the contrary of what is in force: the author wanted another clock than the guest has.',
    'not-applicable': 'The domain is not run by QEMU.',
  },
  fix: 'Remove what has no effect; where it contradicts, decide which one was meant.',
  references: [TIME_KEEPING],
  needs: () => [],
  appliesTo: qemuGuest,
  evaluate({ ignored }) {
    if (ignored.length === 0)
      return {
        outcome: 'pass',
        code: 'none',
        observed: 'nothing that is written about the clock is ignored',
      };
    const contradictions = ignored.filter(({ contradicts }) => contradicts);
    const told = contradictions.length > 0 ? contradictions : ignored;
    const observed = told.map(({ setting, because }) => `${setting}: ${because}`).join('; ');
    return contradictions.length > 0
      ? {
          outcome: 'warn',
          code: 'contradicts',
          observed,
          expected: 'what was meant, said where it has an effect',
        }
      : { outcome: 'info', code: 'no-effect', observed };
  },
};
