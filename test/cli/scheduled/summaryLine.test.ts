import { expect } from 'chai';
import { compare } from '../../../src/cli/scheduled/comparison.js';
import { resultOf } from '../../../src/cli/scheduled/result.js';
import { summaryLine } from '../../../src/cli/scheduled/summaryLine.js';
import { scheduledReport, type WantedReport } from './scheduledReports.js';

function line(wanted: readonly WantedReport[], before: readonly WantedReport[] | null = null): string {
  const reports = wanted.map(scheduledReport);
  const previous = before && resultOf(before.map(scheduledReport));
  return summaryLine(compare(previous, reports, 'warn'), reports);
}

const wrong: WantedReport = {
  host: ['warn host/clocksource hpet'],
  domains: { 'web1=u1': ['fail domain/rtc-track guest'] },
};

describe('the line that tells what changed', () => {
  it('is empty when nothing changed', () => {
    expect(line([wrong], [wrong])).to.equal('');
    expect(line([{ host: [] }])).to.equal('');
  });

  it('says what is new, what is gone and how many there are now', () => {
    expect(line([wrong])).to.equal(
      'virt-clock-audit: compute7: 1 failure, 1 warning; new: failure domain/rtc-track (guest) on web1, warning host/clocksource (hpet) on compute7\n',
    );
    expect(line([{ host: ['warn host/clocksource hpet'] }], [wrong])).to.equal(
      'virt-clock-audit: compute7: 1 warning; gone: failure domain/rtc-track (guest) on web1\n',
    );
  });

  it('says when all is well again', () => {
    expect(line([{ host: [], domains: {} }], [{ host: ['warn host/clocksource hpet'] }])).to.equal(
      'virt-clock-audit: compute7: nothing is wrong any more; gone: warning host/clocksource (hpet) on compute7\n',
    );
  });

  it('says what could not be looked at', () => {
    expect(line([{ ...wrong, problems: ['qemu:///system no-connection'] }], [wrong])).to.equal(
      'virt-clock-audit: compute7: 1 could not be checked, 1 failure, 1 warning; new: could not check qemu:///system (no-connection)\n',
    );
  });

  it('names the host of everything where there are several', () => {
    expect(line([wrong, { hostname: 'compute8', host: ['warn host/clocksource hpet'] }])).to.equal(
      'virt-clock-audit: 2 hosts: 1 failure, 2 warnings; new: failure domain/rtc-track (guest) on web1 of compute7, warning host/clocksource (hpet) on compute7, warning host/clocksource (hpet) on compute8\n',
    );
  });

  it('stays one short line of harmless characters, whatever names a domain has and however many there are', () => {
    const name = (index: number) =>
      `${index}\n\u001b]0;x\u0007\u202e<3>${'x'.repeat(5000)}\n=${index}` as const;
    const many = Array.from({ length: 500 }, (_, index) => [name(index), ['fail domain/rtc-track guest']]);
    const told = line([{ hostname: 'h'.repeat(300), domains: Object.fromEntries(many) }]);
    expect(told.length).to.be.below(1000);
    expect(told).to.match(/^[\x20-\x7e…]*\n$/);
    expect(told).to.contain('500 failures; new: failure domain/rtc-track (guest) on 0\\u{a}\\u{1b}]0;x');
    expect(told).to.match(/ and 497 more\n$/);
  });
});
