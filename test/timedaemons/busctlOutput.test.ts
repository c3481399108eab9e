import { expect } from 'chai';
import { parseTimesync } from '../../src/timedaemons/busctlOutput.js';
import { Garbled } from '../../src/timedaemons/explain.js';

/** What busctl of systemd 252 prints for a server whose clock is 30 ms ahead. */
const ANSWER = [
  's "ntp1.example.org"',
  '(iay) 2 4 192 0 2 1',
  't 64000000',
  '(uuuuittayttttbtt) 0 4 4 2 -20 1500 700 4 192 0 2 9 1795319558540766 1795319558570881 1795319558570934 1795319558540958 false 3 250',
] as const;
const NOW = 1795319568.540958;

const parse = (...lines: readonly string[]) => parseTimesync(`${lines.join('\n')}\n`, NOW);
const edited = (at: number, line: string) =>
  parse(...ANSWER.map((old, index) => (index === at ? line : old)));

describe("what busctl prints of systemd-timesyncd's properties", () => {
  it('is read in seconds, a system clock that is slow as a negative offset', () => {
    const { lastPacket, ...rest } = parse(...ANSWER);
    expect(rest).to.deep.equal({
      serverName: 'ntp1.example.org',
      serverAddress: '192.0.2.1',
      pollIntervalSeconds: 64,
    });
    expect(lastPacket).to.deep.include({ stratum: 2, leap: 0, packetCount: 3, jitterSeconds: 0.00025 });
    expect(lastPacket).to.deep.include({ rootDelaySeconds: 0.0015, rootDispersionSeconds: 0.0007 });
    // ((570881 - 540766) + (570934 - 540958)) / 2 microseconds, and the way there and back.
    expect(lastPacket?.offsetSeconds).to.equal(-0.0300455);
    expect(lastPacket?.delaySeconds).to.equal(0.000139);
    expect(lastPacket?.ageSeconds).to.be.closeTo(10, 0.001);
  });

  it('has no packet before the first one came', () => {
    const none = '(uuuuittayttttbtt) 0 0 0 0 0 0 0 4 0 0 0 0 0 0 0 0 false 0 0';
    const answer = parse('s ""', '(iay) 0 0', 't 0', none);
    expect(answer).to.deep.equal({
      serverName: '',
      serverAddress: '',
      pollIntervalSeconds: null,
      lastPacket: null,
    });
  });

  it('may have an IPv6 address, or one of a family that is not known', () => {
    const six = '(iay) 10 16 32 1 13 184 0 0 0 0 0 0 0 0 0 0 0 5';
    expect(edited(1, six).serverAddress).to.equal('2001:db8::5');
    expect(edited(1, '(iay) 40 2 1 2').serverAddress).to.equal('');
  });

  it('may have a name with quotes and spaces in it', () => {
    expect(edited(0, String.raw`s "a \"b\" \\ c"`).serverName).to.equal(String.raw`a "b" \ c`);
  });

  const garbled: Readonly<Record<string, () => unknown>> = {
    'is empty': () => parseTimesync('', NOW),
    'is cut off': () => parse(...ANSWER.slice(0, 3)),
    'is cut off within the packet': () => edited(3, ANSWER[3].slice(0, 60)),
    'has a line too many': () => parse(...ANSWER, 's "more"'),
    'is in words': () =>
      parse('ServerName=x', 'ServerAddress=y', 'PollIntervalUSec=1min 4s', 'NTPMessage={ }'),
    'has another type': () => edited(3, ANSWER[3].replace('uuuu', 'tttt')),
    'has a word for a number': () => edited(3, ANSWER[3].replace('-20', 'Leap').replace(' 1500 ', ' many ')),
    'has an address of other bytes': () => edited(1, '(iay) 2 4 192 0 2 300'),
    'has an address that is cut off': () => edited(1, '(iay) 2 4 192 0'),
    'has a length of a million': () => edited(3, ANSWER[3].replace(' 4 192', ' 1000000 192')),
    'has an interval that is no number': () => edited(2, 't -1'),
  };
  for (const [what, parsed] of Object.entries(garbled)) {
    it(`is garbled when it ${what}`, () => expect(parsed).to.throw(Garbled));
  }
});
