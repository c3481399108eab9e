import { expect } from 'chai';
import { ChronycGarbled } from '../../src/chrony/fields.js';
import {
  parseActivity,
  parseSource,
  parseSourceStatistics,
  parseTracking,
} from '../../src/chrony/records.js';
import { ALL_REPORTS, ESSENTIAL_REPORTS, parseReports } from '../../src/chrony/reports.js';

const tracking =
  'C0A80101,192.0.2.1,3,1795289476.123456789,0.000012345,-0.000023456,0.000034567,-1.234,0.005,0.067,0.012345678,0.000987654,64.2,Normal';
const source = '^,*,192.0.2.1,2,6,377,25,-0.000123000,0.000456000,0.012345000';
const clock = '#,-,A,B,0,4,377,9,0.000001000,0.000002000,0.000003000';
const statistics = '192.0.2.1,8,5,512,-0.049,0.230,0.000123000,0.000037543';
const clockStatistics = 'A,B,8,5,112,0.001,0.230,0.000001000,0.000000543';
const activity = '2,1,0,0,4';

const output = (...lines: string[]) => `${lines.join('\n')}\n`;
const all = (...lines: string[]) => parseReports(output(...lines), ALL_REPORTS);

describe('the reports of one run of chronyc', () => {
  it('are told apart without a word between them', () => {
    const read = all(tracking, source, clock, statistics, clockStatistics, activity);
    expect(read.tracking.referenceId).to.equal('C0A80101');
    expect(read.sources.map(({ mode, name }) => `${mode} ${name}`)).to.deep.equal([
      'server 192.0.2.1',
      'refclock A,B',
    ]);
    expect(read.sourceStatistics.map(({ name }) => name)).to.deep.equal(['192.0.2.1', 'A,B']);
    expect(read.activity).to.deep.equal({
      online: 2,
      offline: 1,
      burstOnline: 0,
      burstOffline: 0,
      unresolved: 4,
    });
  });

  it('may be of a chronyd without sources', () => {
    const { sources, sourceStatistics } = all(tracking, activity);
    expect({ sources, sourceStatistics }).to.deep.equal({ sources: [], sourceStatistics: [] });
  });

  it('may be the two that a verdict needs', () => {
    const read = parseReports(output(tracking, source), ESSENTIAL_REPORTS);
    expect(read).to.deep.include({ sourceStatistics: [], activity: null });
    expect(read.sources).to.have.length(1);
  });

  const whole = output(tracking, source, statistics, activity);

  it('are refused when cut off, wherever that is', () => {
    let refused = 0;
    for (let length = 0; length < whole.length - 1; length++) {
      const cut = whole.slice(0, length);
      expect(() => parseReports(cut, ALL_REPORTS), `after ${length}`).to.throw(ChronycGarbled);
      refused++;
    }
    expect(refused).to.be.above(200);
  });

  it('are refused when there is something else in between', () => {
    expect(() => all(tracking, source, 'Sprechen Sie Deutsch?', statistics, activity)).to.throw(
      ChronycGarbled,
    );
    expect(() => all(tracking, source, statistics, activity, activity)).to.throw(ChronycGarbled);
    expect(() => all(source, tracking, statistics, activity)).to.throw(ChronycGarbled);
    expect(() => parseReports(whole, ESSENTIAL_REPORTS)).to.throw(ChronycGarbled, 'more than was asked for');
  });
});

describe('a line of chronyc -c sourcestats', () => {
  it('is read field by field, its signs as they are', () => {
    expect(parseSourceStatistics(statistics)).to.deep.equal({
      name: '192.0.2.1',
      samples: 8,
      runs: 5,
      spanSeconds: 512,
      frequencyPpm: -0.049,
      skewPpm: 0.23,
      offsetSeconds: 0.000123,
      standardDeviationSeconds: 0.000037543,
    });
    const none = parseSourceStatistics('2001:db8::1,0,0,0,0.000,2000.000,-0.000000000,4.000000000');
    expect(none).to.deep.include({ name: '2001:db8::1', samples: 0 });
    expect(Object.is(none.offsetSeconds, 0)).to.equal(true);
  });

  for (const line of [
    '',
    'a,1,2',
    '192.0.2.1,8,5,512,-0.049,0.230,0.000123000',
    statistics.replace('0.230', 'nan'),
  ]) {
    it(`is refused when it is '${line}'`, () => {
      expect(() => parseSourceStatistics(line)).to.throw(ChronycGarbled, /^sourcestats /);
    });
  }
});

describe('the line of chronyc -c activity', () => {
  for (const line of ['', '1,2,3,4', '1,2,3,4,x', '1,2,3,4,5.5', '200 OK']) {
    it(`is refused when it is '${line}'`, () => {
      expect(() => parseActivity(line)).to.throw(ChronycGarbled, /^activity /);
    });
  }
});

describe('a chronyc that prints more fields at the end than today', () => {
  it('is understood all the same', () => {
    expect(parseTracking(`${tracking},37,0.5`)).to.deep.equal(parseTracking(tracking));
    expect(parseSource(`${source},0.5,new`)).to.deep.equal(parseSource(source));
    expect(parseSourceStatistics(`${statistics},0.5,new`)).to.deep.equal(parseSourceStatistics(statistics));
    expect(parseActivity(`${activity},7`)).to.deep.equal(parseActivity(activity));
    const longer = [`${tracking},37`, `${source},9`, `${statistics},9`, `${activity},9`];
    expect(all(...longer)).to.deep.equal(all(tracking, source, statistics, activity));
  });
});
