import { expect } from 'chai';
import { leapSecond } from '../../src/checks/host/leapSecond.js';
import { unknown } from '../../src/facts/fact.js';
import type { HostFacts } from '../../src/facts/host.js';
import type { KernelClock } from '../../src/facts/kernelClock.js';
import { findingOnHost, verdictOnHost } from '../support/hostVerdicts.js';
import { chrony, kernel, NOBODY, noChronyd, running, SYNCHRONISED } from '../support/kernelSituations.js';

const unread = { chrony: unknown('chronyc', 'chronyc-missing', 'chronyc is missing') };
const told = (state: KernelClock['state']) => kernel({ ...SYNCHRONISED, state });
const unsynchronised = { leapStatus: 'not-synchronised' } as const;

describe("host/leap-second by the kernel's word", () => {
  for (const [what, facts, verdict] of [
    ['another daemon that announces none', { ...noChronyd, ...told('ok') }, 'pass none-announced'],
    ['another daemon that announces one', { ...noChronyd, ...told('insert-second') }, 'info leap-insert'],
    ['another that deletes one', { ...unread, ...told('delete-second') }, 'info leap-delete'],
    ['the second itself', { ...noChronyd, ...told('leap-in-progress') }, 'info leap-over'],
    ['the time after it', { ...noChronyd, ...told('leap-over') }, 'info leap-over'],
    [
      'nobody who could know',
      { ...noChronyd, ...running(), ...kernel(NOBODY) },
      'not-applicable daemon-absent',
    ],
    [
      'an unsynchronised ntpd',
      { ...noChronyd, ...running('ntpd'), ...kernel(NOBODY) },
      'not-applicable not-synchronised',
    ],
    ['a chronyd that cannot be asked', { ...unread, ...told('ok') }, 'pass none-announced'],
    ['such a one, unsynchronised', { ...unread, ...kernel(NOBODY) }, 'not-applicable not-synchronised'],
    [
      'chronyd alone that announces one',
      { ...chrony({ leapStatus: 'insert-second' }), ...told('ok') },
      'info leap-insert',
    ],
    ['the kernel alone', { ...chrony(), ...told('insert-second') }, 'info leap-insert'],
    ['neither', { ...chrony(), ...told('ok') }, 'pass none-announced'],
    [
      'a chronyd that is not synchronised',
      { ...chrony(unsynchronised), ...kernel(NOBODY) },
      'not-applicable not-synchronised',
    ],
    [
      'flags that are left from an announcement without synchronisation',
      { ...chrony(), ...kernel({ ...NOBODY, status: ['ins', 'unsync'] }) },
      'pass none-announced',
    ],
  ] as const satisfies readonly (readonly [string, Partial<HostFacts>, string])[]) {
    it(`gives ${verdict} for ${what}`, () => expect(verdictOnHost(leapSecond, facts)).to.equal(verdict));
  }

  it('is unknown where neither could be asked, with what keeps chronyd from it', () => {
    const kernelClock = unknown('adjtimex', 'adjtimex-denied', 'refused');
    expect(verdictOnHost(leapSecond, { ...unread, kernelClock })).to.equal('unknown chronyc-missing');
  });

  it('names who told it', () => {
    const { evidence } = findingOnHost(leapSecond, { ...unread, ...told('ok') });
    expect(evidence).to.deep.equal([{ fact: 'host.kernelClock', source: 'adjtimex' }]);
  });
});
