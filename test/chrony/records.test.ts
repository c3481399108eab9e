import { expect } from 'chai';
import { ChronycGarbled } from '../../src/chrony/fields.js';
import { parseSource, parseTracking } from '../../src/chrony/records.js';

/** What chrony 4.3 prints, from its manual's field order. */
const tracking =
  'C0A80101,ntp1.example.org,3,1795289476.123456789,0.000012345,-0.000023456,0.000034567,-1.234,0.005,0.067,0.012345678,0.000987654,64.2,Normal';
const source = '^,*,192.0.2.1,2,6,377,25,-0.000123,0.000456,0.012345';

/** The line with some of its fields replaced. */
function edited(line: string, changes: Readonly<Record<number, string>>): string {
  const fields = line.split(',');
  for (const [index, text] of Object.entries(changes)) fields[Number(index)] = text;
  return fields.join(',');
}

describe('a line of chronyc -c tracking', () => {
  it('is read field by field, a slow system clock as a negative offset', () => {
    expect(parseTracking(tracking)).to.deep.equal({
      referenceId: 'C0A80101',
      referenceName: 'ntp1.example.org',
      stratum: 3,
      referenceTimeSeconds: 1795289476.1234567,
      systemOffsetSeconds: -0.000012345,
      lastOffsetSeconds: -0.000023456,
      rmsOffsetSeconds: 0.000034567,
      frequencyPpm: -1.234,
      residualFrequencyPpm: 0.005,
      skewPpm: 0.067,
      rootDelaySeconds: 0.012345678,
      rootDispersionSeconds: 0.000987654,
      updateIntervalSeconds: 64.2,
      leapStatus: 'normal',
    });
  });

  it('says ahead for a clock that chrony calls fast, and never minus zero', () => {
    expect(parseTracking(edited(tracking, { 4: '-0.030000000' })).systemOffsetSeconds).to.equal(0.03);
    expect(Object.is(parseTracking(edited(tracking, { 4: '0.000000000' })).systemOffsetSeconds, 0)).to.equal(
      true,
    );
  });

  it('tells all four leap states apart', () => {
    const states = ['Normal', 'Insert second', 'Delete second', 'Not synchronised'];
    const read = states.map((state) => parseTracking(edited(tracking, { 13: state })).leapStatus);
    expect(read).to.deep.equal(['normal', 'insert-second', 'delete-second', 'not-synchronised']);
  });

  it('may have a name with commas in it, or none', () => {
    const named = parseTracking(edited(tracking, { 1: 'a,b,,c' }));
    expect(named).to.deep.include({ referenceName: 'a,b,,c', stratum: 3, skewPpm: 0.067 });
    const never = parseTracking(edited(tracking, { 0: '00000000', 1: '', 2: '0', 13: 'Not synchronised' }));
    expect(never).to.deep.include({ referenceId: '00000000', referenceName: '', stratum: 0 });
  });

  it('has its reference in capitals', () => {
    expect(parseTracking(edited(tracking, { 0: '7f7f0101' })).referenceId).to.equal('7F7F0101');
  });

  const garbled: Readonly<Record<string, string>> = {
    'nothing at all': '',
    'a field too few': tracking.split(',').slice(1).join(','),
    'an unknown leap state': edited(tracking, { 13: 'Confused' }),
    'a reference that is no hexadecimal number': edited(tracking, { 0: 'XYZ' }),
    'an offset that is no number': edited(tracking, { 4: 'soon' }),
    'an empty stratum': edited(tracking, { 2: '' }),
    'an offset that is not finite': edited(tracking, { 4: 'Infinity' }),
    'the words of chronyc without -c': 'Reference ID    : C0A80101 (ntp1.example.org)',
  };
  for (const [what, line] of Object.entries(garbled)) {
    it(`is refused with ${what}`, () => {
      expect(() => parseTracking(line)).to.throw(ChronycGarbled, /^tracking /);
    });
  }
});

describe('a line of chronyc -c sources', () => {
  it('is read field by field, its reach as an octal number', () => {
    expect(parseSource(source)).to.deep.equal({
      mode: 'server',
      state: 'selected',
      name: '192.0.2.1',
      stratum: 2,
      pollLog2Seconds: 6,
      reach: 255,
      lastSampleAgeSeconds: 25,
      offsetSeconds: -0.000123,
      errorBoundSeconds: 0.012345,
    });
  });

  it('tells all modes and states apart', () => {
    const modes = ['^', '=', '#'].map((it) => parseSource(edited(source, { 0: it })).mode);
    expect(modes).to.deep.equal(['server', 'peer', 'refclock']);
    const states = ['*', '+', '-', 'x', '~', '?'].map((it) => parseSource(edited(source, { 1: it })).state);
    expect(states).to.deep.equal([
      'selected',
      'combined',
      'not-combined',
      'falseticker',
      'too-variable',
      'unusable',
    ]);
  });

  it('knows a source that never answered, a short polling interval and a partial reach', () => {
    const never = parseSource(edited(source, { 1: '?', 4: '-2', 5: '0', 6: '4294967295' }));
    expect(never).to.deep.include({ pollLog2Seconds: -2, reach: 0, lastSampleAgeSeconds: null });
    expect(parseSource(edited(source, { 5: '17' })).reach).to.equal(15);
  });

  it('may have a name with commas in it', () => {
    expect(parseSource(edited(source, { 2: 'pool,of,clocks' }))).to.deep.include({
      name: 'pool,of,clocks',
      stratum: 2,
      reach: 255,
    });
  });

  const garbled: Readonly<Record<string, string>> = {
    'a field too few': source.split(',').slice(1).join(','),
    'an unknown mode': edited(source, { 0: '!' }),
    'an unknown state': edited(source, { 1: '!' }),
    'a reach that is no number': edited(source, { 5: 'full' }),
    'a reach that is no octal number': edited(source, { 5: '378' }),
    'an age that is no number': edited(source, { 6: '-' }),
  };
  for (const [what, line] of Object.entries(garbled)) {
    it(`is refused with ${what}`, () => {
      expect(() => parseSource(line)).to.throw(ChronycGarbled, /^sources /);
    });
  }
});
