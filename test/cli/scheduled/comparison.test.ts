import { expect } from 'chai';
import type { FailOn } from '../../../src/cli/exitCode.js';
import { compare } from '../../../src/cli/scheduled/comparison.js';
import type { ResultEntry } from '../../../src/cli/scheduled/result.js';
import { scheduledReport, type WantedReport } from './scheduledReports.js';

const words = (entries: readonly ResultEntry[]) =>
  entries.map(({ host, domain, check, name, outcome, code }) =>
    [outcome, check ?? `problem:${name}`, code, domain ?? host].join(' '),
  );

/** What each of some runs tells, one after the other. */
function runs(failOn: FailOn, ...wanted: readonly (readonly WantedReport[])[]) {
  let previous: readonly ResultEntry[] | null = null;
  return wanted.map((each) => {
    const { entries, appeared, gone } = compare(previous, each.map(scheduledReport), failOn);
    previous = JSON.parse(JSON.stringify(entries));
    return { appeared: words(appeared), gone: words(gone) };
  });
}

const nothing = { appeared: [], gone: [] };

describe('the comparison with the run before', () => {
  it('tells all that is wrong in a first run, the worst first, and then only what changed', () => {
    const first: WantedReport = {
      host: ['warn host/clocksource hpet', 'pass host/time-zone utc', 'info host/kernel-clock pll'],
      domains: { 'web=u1': ['fail domain/rtc-track guest'], db: ['unknown domain/hpet unread'] },
    };
    const second = { ...first, domains: { 'web=u1': [], db: ['unknown domain/hpet unread'] } } as const;
    expect(runs('warn', [first], [first], [second], [second])).to.deep.equal([
      {
        appeared: [
          'unknown domain/hpet unread db',
          'fail domain/rtc-track guest u1',
          'warn host/clocksource hpet compute7',
        ],
        gone: [],
      },
      nothing,
      { appeared: [], gone: ['fail domain/rtc-track guest u1'] },
      nothing,
    ]);
  });

  it('tells nothing in a first run in which nothing is wrong', () => {
    expect(runs('warn', [{ host: ['pass host/clocksource tsc'] }])).to.deep.equal([nothing]);
  });

  it('tells what turned into something else once, as what it is now', () => {
    const with_ = (finding: 'warn' | 'fail', code: string): WantedReport[] => [
      { domains: { 'web=u1': [`${finding} domain/rtc-track ${code}`] } },
    ];
    expect(
      runs('warn', with_('warn', 'realtime'), with_('fail', 'guest'), with_('warn', 'realtime')).slice(1),
    ).to.deep.equal([
      { appeared: ['fail domain/rtc-track guest u1'], gone: [] },
      { appeared: ['warn domain/rtc-track realtime u1'], gone: [] },
    ]);
  });

  it('takes a renamed domain for the same, and two definitions that are wrong alike for one', () => {
    const [first, second] = runs(
      'warn',
      [{ domains: { 'web=u1': ['fail domain/rtc-track guest', 'fail domain/rtc-track guest'] } }],
      [{ domains: { 'shop=u1': ['fail domain/rtc-track guest'] } }],
    );
    expect(first?.appeared).to.have.length(1);
    expect(second).to.deep.equal(nothing);
  });

  it('leaves out what is waived, and tells it when the waiver ends', () => {
    const wrong: WantedReport = { host: ['warn host/clocksource hpet'] };
    expect(runs('warn', [{ ...wrong, waived: ['host/clocksource'] }], [wrong])).to.deep.equal([
      nothing,
      { appeared: ['warn host/clocksource hpet compute7'], gone: [] },
    ]);
  });

  it('leaves out what is milder than --fail-on counts, and with never leaves out nothing', () => {
    const wrong: WantedReport[] = [
      {
        host: ['warn host/clocksource hpet', 'fail host/time-zone other'],
        problems: ['qemu:///system no-connection'],
      },
    ];
    const told = (failOn: FailOn) => runs(failOn, wrong, [{ host: [] }]).map((it) => it.appeared.length);
    expect(told('warn')).to.deep.equal([3, 0]);
    expect(told('fail')).to.deep.equal([2, 0]);
    expect(told('unknown')).to.deep.equal([1, 0]);
    expect(told('never')).to.deep.equal([3, 0]);
    expect(runs('fail', wrong, [{ host: [] }])[1]?.gone).to.have.length(2);
  });

  it('keeps what a hypervisor that does not answer could not show', () => {
    const well: WantedReport[] = [
      { host: ['warn host/clocksource hpet'], domains: { 'web=u1': ['fail domain/rtc-track guest'] } },
    ];
    const down: WantedReport[] = [
      { host: ['warn host/clocksource hpet'], problems: ['qemu:///system no-connection'] },
    ];
    const mended: WantedReport[] = [{ host: ['warn host/clocksource hpet'], domains: { 'web=u1': [] } }];
    expect(runs('warn', well, down, down, well, mended).slice(1)).to.deep.equal([
      { appeared: ['unknown problem:qemu:///system no-connection compute7'], gone: [] },
      nothing,
      { appeared: [], gone: ['unknown problem:qemu:///system no-connection compute7'] },
      { appeared: [], gone: ['fail domain/rtc-track guest u1'] },
    ]);
  });

  it('tells of a domain that is gone, where all could be looked at', () => {
    const [, second] = runs(
      'warn',
      [{ domains: { 'web=u1': ['fail domain/rtc-track guest'] } }],
      [{ domains: {} }],
    );
    expect(second?.gone).to.deep.equal(['fail domain/rtc-track guest u1']);
  });

  it('keeps hosts apart, and what one of them could not show while it was out of reach', () => {
    const fleet = (...hosts: WantedReport[]) => hosts;
    const [, away, back] = runs(
      'warn',
      fleet(
        { hostname: 'one', domains: { 'web=u1': ['fail domain/rtc-track guest'] } },
        { hostname: 'two.example', domains: { 'web=u1': ['fail domain/rtc-track guest'] } },
      ),
      // Out of reach it is only known by the name that ssh was given.
      fleet(
        { hostname: 'one', domains: { 'web=u1': [] } },
        { hostname: 'two', problems: ['two ssh-failed'] },
      ),
      fleet(
        { hostname: 'one', domains: { 'web=u1': [] } },
        { hostname: 'two.example', domains: { 'web=u1': ['fail domain/rtc-track guest'] } },
      ),
    );
    expect(away).to.deep.equal({
      appeared: ['unknown problem:two ssh-failed two'],
      gone: ['fail domain/rtc-track guest u1'],
    });
    expect(back).to.deep.equal({ appeared: [], gone: ['unknown problem:two ssh-failed two'] });
  });
});
