import { expect } from 'chai';
import { Garbled } from '../../src/timedaemons/explain.js';
import { parseNtpq } from '../../src/timedaemons/ntpqOutput.js';

/** What ntpsec 1.2.2 prints; the fourth server lies. */
const NTPSEC = `associd=0 status=0014 leap_none, sync_unspec, 1 event, freq_mode,
leap=00, stratum=2, precision=-24, rootdelay=0.166, rootdisp=31.231,
refid=166.194.124.119, reftime=eeace4e6.56230958 2026-11-22T03:49:58.336Z,
tc=0, peer=17770, offset=30.061421, frequency=0.0, sys_jitter=0.653192,
clk_jitter=7.130321, clock=eeace4e6.b40e48ed 2026-11-22T03:49:58.703Z,
processor="x86_64", system="Linux/6.1", version="ntpd ntpsec-1.2.2, a=b",
clk_wander=0.0, mintc=0
     remote           refid      st t when poll reach   delay   offset   jitter
===============================================================================
+10.77.0.2       .TEST.           1 u    1    1   37   0.1042  30.0477   0.0165
-10.77.0.3       .TEST.           1 u    -   17m 377   0.1287  31.0592   0.0271
x10.77.0.4       .TEST.           1 u    1    1   17   0.1352 2000.029   0.0072
*fd00:1234:5678: .TEST.           1 u    -    1   17   0.1662 -30.5381   0.0238
 2001:db8::1     .INIT.          16 u    - 1024    0   0.0000   0.0000   0.0001
`;
/** The older layout, as ntp 4.2.6 printed it: other variables, tabs of other widths, and a date with commas. */
const NTP_426 = `assID=0 status=0615 leap_none, sync_ntp, 1 event, clock_sync,
version="ntpd 4.2.6p5@1.2349-o Sat Nov 23 18:21:48 UTC 2013 (1)",
processor="x86_64", system="Linux/2.6.32", leap=01, stratum=3,
precision=-23, rootdelay=12.5, rootdisp=40, refid=192.0.2.7,
reftime=d5e2e1b0.5b5f0e1c  Tue, Sep 17 2013 10:00:00.356,
clock=d5e2e1c0.5b5f0e1c  Tue, Sep 17 2013 10:00:16.356, peer=1, tc=6,
mintc=3, offset=-4.5, frequency=-12.3, jitter=0.25
     remote           refid      st t when poll reach   delay   offset  jitter
==============================================================================
o192.0.2.7       .GPS.            1 l    3   16  377    0.000    4.500   0.250
#192.0.2.8       192.0.2.1        2 u    3   64  377    1.000    4.500   0.250
.192.0.2.9       192.0.2.1        2 u    3   64  377    1.000    4.500   0.250
`;

describe('what ntpq prints', () => {
  it('is read once, whatever blank lines are in it', function () {
    // Reading on from each of them again takes minutes.
    this.timeout(15_000);
    expect(() => parseNtpq('\n'.repeat(256 * 1024))).to.throw(Garbled, 'there is no table of peers');
  });

  it('of ntpsec is read in seconds, a system clock that is slow as a negative offset', () => {
    const { peers, lastUpdateAgeSeconds, ...answer } = parseNtpq(NTPSEC);
    expect(answer).to.deep.equal({
      stratum: 2,
      leap: 'none',
      referenceId: '166.194.124.119',
      offsetSeconds: -30.061421 / 1000,
      rootDelaySeconds: 0.000166,
      rootDispersionSeconds: 31.231 / 1000,
      jitterSeconds: 0.000653192,
    });
    expect(lastUpdateAgeSeconds).to.be.closeTo(0.3668, 0.0001);
    expect(peers.map(({ name, state, reach }) => [name, state, reach])).to.deep.equal([
      ['10.77.0.2', 'combined', 0o37],
      ['10.77.0.3', 'not-combined', 0o377],
      ['10.77.0.4', 'falseticker', 0o17],
      ['fd00:1234:5678:', 'selected', 0o17],
      ['2001:db8::1', 'unusable', 0],
    ]);
    expect(peers[2]).to.deep.include({ stratum: 1, offsetSeconds: -2.000029 });
    expect(peers[3]).to.deep.include({ offsetSeconds: 0.0305381 });
    expect(Object.is(peers[4]?.offsetSeconds, 0)).to.equal(true);
  });

  it('of an older ntpd is read the same', () => {
    const answer = parseNtpq(NTP_426);
    expect(answer).to.deep.include({ stratum: 3, leap: 'insert-second', referenceId: '192.0.2.7' });
    expect(answer).to.deep.include({
      offsetSeconds: 0.0045,
      jitterSeconds: 0.00025,
      lastUpdateAgeSeconds: 16,
    });
    expect(answer.peers.map(({ state }) => state)).to.deep.equal(['selected', 'combined', 'not-combined']);
  });

  it('may have wide names on lines of their own', () => {
    const wide = NTPSEC.replace(
      '*fd00:1234:5678: ',
      '*fd00:1234:5678:9abc:def0:1234:5678:9abc\n                 ',
    );
    expect(parseNtpq(wide).peers[3]).to.deep.include({
      name: 'fd00:1234:5678:9abc:def0:1234:5678:9abc',
      state: 'selected',
    });
  });

  it('may have a reference that is empty or has spaces in it, from a server that is up to something', () => {
    const odd = NTPSEC.replace('10.77.0.4       .TEST. ', '10.77.0.4       .A  B. ');
    expect(parseNtpq(odd).peers[2]).to.deep.include({ name: '10.77.0.4', state: 'falseticker', stratum: 1 });
  });

  it('has no last update before the first one', () => {
    const never = NTPSEC.replace('reftime=eeace4e6.56230958', 'reftime=00000000.00000000');
    expect(parseNtpq(never).lastUpdateAgeSeconds).to.equal(null);
    // The seconds since 1900 start over in 2036.
    const later = NTPSEC.replace('reftime=eeace4e6.56230958', 'reftime=fffffff0.00000000').replace(
      'clock=eeace4e6.b40e48ed',
      'clock=00000010.00000000',
    );
    expect(parseNtpq(later).lastUpdateAgeSeconds).to.equal(32);
  });

  it('has none of the peers where ntpd has none', () => {
    expect(parseNtpq(NTPSEC.slice(0, NTPSEC.indexOf('+10.77'))).peers).to.deep.equal([]);
  });

  for (const [leap, name] of [
    ['00', 'none'],
    ['01', 'insert-second'],
    ['10', 'delete-second'],
    ['11', 'not-synchronised'],
  ]) {
    it(`says ${name} for leap=${leap}`, () => {
      expect(parseNtpq(NTPSEC.replace('leap=00', `leap=${leap}`)).leap).to.equal(name);
    });
  }

  const garbled: Readonly<Record<string, string>> = {
    'is empty': '',
    'is a complaint': '***Server error code Bad association\n',
    'has no table': NTPSEC.split('     remote')[0] ?? '',
    'has a table without variables': `     remote${NTPSEC.split('     remote')[1]}`,
    'is cut off within a peer': NTPSEC.slice(0, -40),
    'has no stratum': NTPSEC.replace('stratum=2', 'stratum=two'),
    'has no offset': NTPSEC.replace('offset=30.061421', 'offset=NaN'),
    'is localised': NTPSEC.replace('offset=30.061421', 'offset=30').replace(
      'rootdisp=31.231',
      'rootdisp=31·231',
    ),
    'has an unknown tally code': NTPSEC.replace('+10.77', '!10.77'),
    'has a reach that is not octal': NTPSEC.replace(' 377 ', ' 399 '),
    'has a line without an end': NTPSEC.replace('.TEST.', 'T'.repeat(5000)),
    'ends with half of a wide peer': `${NTPSEC}*fd00::1\n`,
  };
  for (const [what, output] of Object.entries(garbled)) {
    it(`is garbled when it ${what}`, () => expect(() => parseNtpq(output)).to.throw(Garbled));
  }

  it('is read in no time whatever it is', () => {
    const start = performance.now();
    for (const text of [
      'a='.repeat(60_000),
      ' '.repeat(120_000),
      '     remote '.repeat(10_000),
      '='.repeat(120_000),
    ]) {
      expect(() => parseNtpq(text)).to.throw(Garbled);
    }
    expect(performance.now() - start).to.be.below(2000);
  });
});
