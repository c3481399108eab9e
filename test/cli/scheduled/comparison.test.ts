import { expect } from 'chai';
import type { FailOn } from '../../../src/cli/exitCode.js';
import { compare } from '../../../src/cli/scheduled/comparison.js';
import type { ResultEntry } from '../../../src/cli/scheduled/result.js';
import { scheduledReport, type WantedReport } from './scheduledReports.js';

const words = (entries: readonly ResultEntry[]) =>
  entries.map(({ host, domain, check, name, outcome, code }) =>
    [outcome, check ?? `problem:${name}`, code, domain ?? host].join(' '),
  );

/** What each of some runs tells, one after the other; with the last of the `--fail-on` for those that have none of their own. */
function runs(failOn: FailOn | readonly FailOn[], ...wanted: readonly (readonly WantedReport[])[]) {
  let previous: readonly ResultEntry[] | null = null;
  const limits = typeof failOn === 'string' ? [failOn] : failOn;
  return wanted.map((each, index) => {
    const limit = limits[index] ?? limits.at(-1) ?? 'warn';
    const { entries, appeared, gone } = compare(previous, each.map(scheduledReport), limit);
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

  it('tells what a milder --fail-on left out by the first run for which it counts, and only then', () => {
    const wrong: WantedReport[] = [{ host: ['warn host/clocksource hpet', 'fail host/time-zone other'] }];
    const [fail, warn] = ['fail host/time-zone other compute7', 'warn host/clocksource hpet compute7'];
    const told = (...failOn: FailOn[]) => runs(failOn, ...failOn.map(() => wrong)).map((it) => it.appeared);
    expect(told('unknown', 'unknown', 'warn', 'warn')).to.deep.equal([[], [], [fail, warn], []]);
    expect(told('unknown', 'fail', 'warn', 'fail', 'warn')).to.deep.equal([[], [fail], [warn], [], []]);
    expect(told('warn', 'unknown', 'warn')).to.deep.equal([[fail, warn], [], []]);
  });

  it('does not tell that something is gone which was never told, nor what it turned into twice', () => {
    const of = (...host: NonNullable<WantedReport['host']>): WantedReport[] => [{ host }];
    const [other, hpet] = ['fail host/time-zone other', 'warn host/clocksource hpet'] as const;
    expect(runs(['unknown', 'warn'], of(other), of())[1]).to.deep.equal(nothing);
    expect(
      runs(['unknown', 'warn'], of('fail host/clocksource acpi'), of(hpet), of(hpet), of()),
    ).to.deep.equal([
      nothing,
      { appeared: ['warn host/clocksource hpet compute7'], gone: [] },
      nothing,
      { appeared: [], gone: ['warn host/clocksource hpet compute7'] },
    ]);
  });

  it('tells what did not count and could not be seen when it is seen again and counts', () => {
    const well: WantedReport[] = [{ domains: { 'web=u1': ['fail domain/rtc-track guest'] } }];
    const down: WantedReport[] = [{ problems: ['qemu:///system no-connection'] }];
    expect(runs(['unknown', 'warn'], well, down, well, well).map((it) => it.appeared)).to.deep.equal([
      [],
      ['unknown problem:qemu:///system no-connection compute7'],
      ['fail domain/rtc-track guest u1'],
      [],
    ]);
  });

  it('takes what an older state holds for told', () => {
    const reports = [scheduledReport({ host: ['fail host/time-zone other'] })];
    const { uncounted, ...older } = compare(null, reports, 'unknown').entries[0] as ResultEntry;
    expect(uncounted).to.equal(true);
    expect(compare([older], reports, 'warn')).to.deep.equal({ entries: [older], appeared: [], gone: [] });
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
    const two: WantedReport = {
      ...{ hostname: 'two.example', sources: ['qemu:///system on root@two'] },
      host: ['warn host/clocksource hpet'],
      domains: { 'web=u1': ['fail domain/rtc-track guest'] },
    };
    const [, away, back] = runs(
      'warn',
      fleet({ hostname: 'one', domains: { 'web=u1': ['fail domain/rtc-track guest'] } }, two),
      // Out of reach it is only known by the name that ssh was given.
      fleet(
        { hostname: 'one', domains: { 'web=u1': [] } },
        { hostname: 'two', sources: [], problems: ['root@two ssh-failed'] },
      ),
      fleet({ hostname: 'one', domains: { 'web=u1': [] } }, two),
    );
    expect(away).to.deep.equal({
      appeared: ['unknown problem:root@two ssh-failed two'],
      gone: ['fail domain/rtc-track guest u1'],
    });
    expect(back).to.deep.equal({ appeared: [], gone: ['unknown problem:root@two ssh-failed two'] });
  });

  it('does not keep the findings of deleted domains for as long as something else cannot be read', () => {
    const broken = (...problems: string[]): WantedReport => ({
      ...{ host: [], sources: ['guests', 'more.xml'], domains: {}, problems },
    });
    const whole: WantedReport = {
      ...broken('guests/bad.xml malformed-xml'),
      domains: {
        'web=u1@guests/web.xml': ['fail domain/rtc-track guest'],
        'db=u2@more.xml': ['warn domain/hpet present'],
      },
    };
    const gone = (...problems: string[]) =>
      runs('warn', [whole], [broken(...problems)])[1]?.gone.filter((it) => !it.includes('problem:'));
    const [web, db] = ['fail domain/rtc-track guest u1', 'warn domain/hpet present u2'];
    expect(gone('guests/bad.xml malformed-xml')).to.deep.equal([web, db]);
    expect(gone('guests/web.xml malformed-xml')).to.deep.equal([db]);
    expect(gone('guests unreadable')).to.deep.equal([db]);
    expect(gone('guests/bad.xml malformed-xml', 'more.xml unreadable')).to.deep.equal([web]);
    expect(gone('web no-match')).to.deep.equal([web, db]);
    expect(gone('web not-in-sosreport')).to.deep.equal([db]);
  });

  it("keeps what only the files of a recorded host's libvirt could show, or nothing did", () => {
    const connection = 'qemu:///system on two';
    const recorded = (wanted: WantedReport): WantedReport => ({ hostname: 'two.example', ...wanted });
    const before = recorded({
      ...{ host: [], sources: [connection], domains: { 'web=u1': ['fail domain/rtc-track guest'] } },
    });
    const gone = (wanted: WantedReport) => runs('warn', [before], [recorded(wanted)])[1]?.gone;
    const files = ['/etc/libvirt/qemu and /run/libvirt/qemu on two'];
    expect(gone({ host: [], sources: files, problems: ['/etc/libvirt/qemu on two unreadable'] })).to.be.empty;
    expect(gone({ host: [], sources: [], problems: ['two no-hypervisor'] })).to.be.empty;
    expect(gone({ host: [], sources: [connection], problems: ['two recording-cut-off'] })).to.be.empty;
    expect(gone({ host: [], sources: [connection], problems: ['other.xml unreadable'] })).to.have.length(1);
  });

  it('keeps what a state does not tell the source of while anything cannot be read', () => {
    const [entry] = compare(
      null,
      [scheduledReport({ host: ['warn host/clocksource hpet'] })],
      'warn',
    ).entries;
    expect(entry?.source).to.equal('compute7');
    const { source: _, ...older } = entry as ResultEntry;
    const without = scheduledReport({ problems: ['bad.xml malformed-xml'] });
    expect(compare([older], [without], 'warn').gone).to.deep.equal([]);
    expect(compare([entry as ResultEntry], [without], 'warn').gone).to.have.length(1);
  });

  it('does not take what was waived for mended, and tells it when the waiver ends', () => {
    const wrong: WantedReport = { domains: { 'web=u1': ['fail domain/rtc-track guest'] } };
    const waived: WantedReport = { ...wrong, waived: ['domain/rtc-track'] };
    const milder: WantedReport = { ...waived, domains: { 'web=u1': ['warn domain/rtc-track wall'] } };
    expect(runs('warn', [wrong], [waived], [wrong]).slice(1)).to.deep.equal([
      nothing,
      { appeared: ['fail domain/rtc-track guest u1'], gone: [] },
    ]);
    expect(runs('warn', [wrong], [milder])[1]).to.deep.equal(nothing);
  });
});
