import { expect } from 'chai';
import { type PairingAttempt, pairingVerdict, X86_REFUSALS } from '../../src/ptp/pairingVerdict.js';
import { stableVerdict } from '../../src/ptp/stableVerdict.js';
import { ALL_CLOCK_FLAGS } from '../support/kvmProbes.js';

const TIME = 1_790_000_000_000_000_000n;
const answer = (members: Partial<PairingAttempt>): PairingAttempt => ({
  answered: true,
  result: 0,
  timeNanoseconds: TIME,
  startNanoseconds: TIME - 1000n,
  endNanoseconds: TIME + 1500n,
  ...(members as object),
});

/** What is tried, the verdict, and the words that have to be in its reason. */
const pairings: readonly [string, PairingAttempt, string, RegExp][] = [
  ['a time inside the bracket', answer({}), 'proven', /got the host's time/],
  ['a time at its very edge', answer({ startNanoseconds: TIME }), 'proven', /got/],
  ['a time before it', answer({ startNanoseconds: TIME + 1n }), 'inconclusive', /not the host's/],
  ['a time after it', answer({ endNanoseconds: TIME - 1n }), 'inconclusive', /not the host's/],
  ['a result of 0 and nothing written', answer({ timeNanoseconds: null }), 'inconclusive', /no time/],
  ['EOPNOTSUPP', answer({ result: -95, timeNanoseconds: null }), 'refused', /-95 EOPNOTSUPP: .*clocksource/],
  ['ENOSYS', answer({ result: -1000, timeNanoseconds: null }), 'refused', /-1000 ENOSYS: .*no such call/],
  ['a result that is none', answer({ result: 9, timeNanoseconds: null }), 'inconclusive', /came back with 9/],
  ['EPERM, which ring 0 does not get', answer({ result: -1 }), 'inconclusive', /-1/],
  [
    'an instruction that is never executed',
    { answered: false, how: 'the guest stood still' },
    'inconclusive',
    /not executed \(the guest stood still\)/,
  ],
];

describe('the verdict on the clock pairing call', () => {
  for (const [what, attempt, verdict, because] of pairings) {
    it(`is ${verdict} for ${what}`, () => {
      const { proof, bracketSeconds } = pairingVerdict(attempt, X86_REFUSALS);
      expect(proof.verdict).to.equal(verdict);
      expect(proof.because).to.match(because);
      expect(bracketSeconds === null).to.equal(verdict !== 'proven');
    });
  }

  it('tells how wide the bracket was, and how the call ended', () => {
    expect(pairingVerdict(answer({}), X86_REFUSALS)).to.deep.include({
      hypercall: '0',
      bracketSeconds: 2.5e-6,
    });
    expect(pairingVerdict(answer({ result: -95 }), X86_REFUSALS).hypercall).to.equal('-95 EOPNOTSUPP');
  });
});

/** What KVM_GET_CLOCK may return and returned, the pvclock page, and the verdict. */
const stables: readonly [readonly string[], readonly string[], readonly string[] | null, string, RegExp][] = [
  [ALL_CLOCK_FLAGS, ALL_CLOCK_FLAGS, ['tsc-stable'], 'proven', /KVM_GET_CLOCK and the guest's pvclock page/],
  [ALL_CLOCK_FLAGS, ['tsc-stable'], null, 'proven', /^KVM_GET_CLOCK said/],
  [ALL_CLOCK_FLAGS, [], [], 'refused', /clocksource is not based on the TSC/],
  [ALL_CLOCK_FLAGS, [], null, 'refused', /^KVM_GET_CLOCK did not/],
  [
    ALL_CLOCK_FLAGS,
    [],
    ['tsc-stable'],
    'inconclusive',
    /says not stable, the guest's pvclock page says stable/,
  ],
  [ALL_CLOCK_FLAGS, ['tsc-stable'], ['guest-stopped'], 'inconclusive', /says not stable$/],
  [[], [], ['tsc-stable'], 'proven', /^the guest's pvclock page said/],
  [[], [], [], 'refused', /^the guest's pvclock page did not/],
  [[], [], null, 'inconclusive', /no such flag/],
];

describe('the verdict on a stable kvm-clock', () => {
  for (const [offered, clockFlags, pvclockFlags, verdict, because] of stables) {
    const page = pvclockFlags === null ? 'no page' : `a page with ${pvclockFlags.join(' ') || 'nothing'}`;
    const clock = offered.length === 0 ? 'cannot tell' : `tells ${clockFlags.join(' ') || 'nothing'}`;
    it(`is ${verdict} when KVM_GET_CLOCK ${clock}, with ${page}`, () => {
      const proof = stableVerdict({ offered, clockFlags, pvclockFlags });
      expect(proof.verdict).to.equal(verdict);
      expect(proof.because).to.match(because);
    });
  }
});
