import { expect } from 'chai';
import { hpet } from '../../src/checks/domain/hpet.js';
import { invtscMigration } from '../../src/checks/domain/invtscMigration.js';
import { tickPolicy } from '../../src/checks/domain/tickPolicy.js';
import { tscFrequency } from '../../src/checks/domain/tscFrequency.js';
import { known, unknown } from '../../src/facts/fact.js';
import type { TscCounter } from '../../src/facts/host.js';
import { definitionOf, linux, nova, unknownGuest, windows } from '../support/definitions.js';
import { verdictOn } from '../support/verdicts.js';

const s390x = definitionOf({ arch: 's390x', clock: { hvTime: 'not-applicable', hpet: 'not-applicable' } });

describe('the HPET', () => {
  it('is better off, and on by default', () => {
    expect(verdictOn(hpet, definitionOf())).to.equal('warn on');
    expect(verdictOn(hpet, definitionOf({ clock: { hpet: 'off' } }))).to.equal('pass off');
  });

  it('is information where nova was asked for it', () => {
    const asking = (hw_time_hpet: string) => ({ ...nova, imageProperties: { hw_time_hpet } });
    expect(verdictOn(hpet, definitionOf({ owner: asking('true') }))).to.equal('info asked-of-nova');
    expect(verdictOn(hpet, definitionOf({ owner: asking('false') }))).to.equal('warn on');
    expect(verdictOn(hpet, definitionOf({ owner: nova }))).to.equal('warn on');
  });

  it("is information where only a vendor knows the machine's default", () => {
    const vendor = definitionOf({ machine: 'pc-q35-rhel9.2.0', clock: { hpet: 'unknown' } });
    expect(verdictOn(hpet, vendor)).to.equal('info vendor-default');
  });

  it('is no question where the machine has none', () => {
    const microvm = definitionOf({ machine: 'microvm', clock: { hpet: 'not-applicable' } });
    expect(verdictOn(hpet, microvm)).to.equal('not-applicable not-applicable');
    expect(verdictOn(hpet, s390x)).to.equal('not-applicable not-applicable');
  });
});

describe('the tick policies', () => {
  const catchup = { rtc: { driftfix: 'slew' } } as const;

  it('never do more than inform', () => {
    expect(verdictOn(tickPolicy, definitionOf({ guestOs: windows(), clock: catchup }))).to.equal(
      'pass usual',
    );
    expect(verdictOn(tickPolicy, definitionOf({ guestOs: windows() }))).to.equal('info rtc-without-catchup');
    const discarding = { ...catchup, pitLostTickPolicy: 'discard' } as const;
    expect(verdictOn(tickPolicy, definitionOf({ guestOs: windows(), clock: discarding }))).to.equal(
      'info pit-discards',
    );
    for (const guestOs of [linux, unknownGuest, windows('weak')]) {
      expect(verdictOn(tickPolicy, definitionOf({ guestOs, clock: discarding }))).to.equal(
        'info ticks-not-counted',
      );
    }
    expect(verdictOn(tickPolicy, s390x)).to.equal('not-applicable not-applicable');
  });
});

describe('an invariant TSC', () => {
  it('needs a frequency, or the guest cannot be migrated', () => {
    expect(verdictOn(invtscMigration, definitionOf())).to.equal('pass no-invtsc');
    expect(verdictOn(invtscMigration, definitionOf({ clock: { invtsc: false } }))).to.equal('pass no-invtsc');
    expect(verdictOn(invtscMigration, definitionOf({ clock: { invtsc: true } }))).to.equal(
      'warn invtsc-without-frequency',
    );
    expect(
      verdictOn(invtscMigration, definitionOf({ clock: { invtsc: true, tscFrequencyHz: 2e9 } })),
    ).to.equal('pass invtsc-with-frequency');
    expect(verdictOn(invtscMigration, definitionOf({ clock: { migratable: false } }))).to.equal(
      'warn not-migratable',
    );
    expect(verdictOn(invtscMigration, definitionOf({ clock: { migratable: true } }))).to.equal(
      'pass no-invtsc',
    );
    expect(verdictOn(invtscMigration, s390x)).to.equal('not-applicable not-applicable');
  });
});

describe('the TSC frequency', () => {
  const asked = (tscFrequencyHz: number, counter: TscCounter | null) =>
    verdictOn(tscFrequency, definitionOf({ clock: { tscFrequencyHz } }), {
      tscCounter: known(counter, 'test'),
    });
  const host = (scaling: boolean | null): TscCounter => ({ frequencyHz: 2_000_000_000, scaling });

  it('must be within 250 ppm of the host, or the host must scale', () => {
    expect(asked(2_000_000_000, host(false))).to.equal('pass within-tolerance');
    expect(asked(2_000_500_000, host(false))).to.equal('pass within-tolerance');
    expect(asked(1_999_500_000, host(false))).to.equal('pass within-tolerance');
    expect(asked(2_000_500_001, host(false))).to.equal('fail out-of-tolerance');
    expect(asked(1_999_499_999, host(false))).to.equal('fail out-of-tolerance');
    expect(asked(3_000_000_000, host(true))).to.equal('pass scaled');
    expect(asked(3_000_000_000, host(null))).to.equal('warn scaling-unknown');
    expect(asked(3_000_000_000, null)).to.equal('warn host-unknown');
  });

  it('is unknown without the capabilities, and no question where none is asked for', () => {
    const refused = { tscCounter: unknown('libvirt', 'refused', 'libvirt refused') };
    expect(verdictOn(tscFrequency, definitionOf({ clock: { tscFrequencyHz: 2e9 } }), refused)).to.equal(
      'unknown refused',
    );
    expect(verdictOn(tscFrequency, definitionOf())).to.equal('not-applicable not-applicable');
  });
});
