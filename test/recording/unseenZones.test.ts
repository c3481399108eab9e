import { expect } from 'chai';
import type { RecordedEntry } from '../../src/recording/recording.js';
import { isLocaltimeUnseen } from '../../src/recording/unseenZones.js';
import { factsIn, verdictLines } from '../support/collectedAudit.js';
import { bodied, RECORDS, streamOf } from '../support/collectorStream.js';

const COPY = 'TZif2\0\nCET-1CEST,M3.5.0,M10.5.0/3\n';

describe('the zone of a recorded host', () => {
  /** Links by their places, and files where the text is null. */
  const entries = (links: Readonly<Record<string, string | null>>) =>
    new Map<string, RecordedEntry>(
      Object.entries(links).map(([path, target]) => [
        path,
        target === null ? { kind: 'file', bytes: Buffer.alloc(0) } : { kind: 'link', target },
      ]),
    );

  const CASES: readonly [string, Readonly<Record<string, string | null>>, boolean][] = [
    ['no such file', {}, false],
    ['a copy', { '/etc/localtime': null }, false],
    ['a link that names a zone', { '/etc/localtime': '../usr/share/zoneinfo/Europe/Berlin' }, false],
    ['a link that names a directory', { '/etc/localtime': '/usr/share/zoneinfo/' }, true],
    ['a link to what is missing', { '/etc/localtime': '/opt/site/berlin' }, true],
    ['a link to what is there', { '/etc/localtime': '../opt/berlin', '/opt/berlin': null }, false],
    ['links to what is there', { '/etc/localtime': 'a', '/etc/a': '../b', '/b': null }, false],
    ['links to what is missing', { '/etc/localtime': 'a', '/etc/a': '/usr/share/zoneinfo/UTC' }, true],
    ['a link to itself', { '/etc/localtime': 'localtime' }, false],
  ];
  for (const [what, links, unseen] of CASES) {
    it(`is ${unseen ? 'not ' : ''}seen in ${what}`, () => {
      expect(isLocaltimeUnseen(entries(links))).to.equal(unseen);
    });
  }

  const LINK = RECORDS.findIndex((it) => it.startsWith('@link /etc/localtime'));
  const recorded = (...records: readonly string[]) =>
    factsIn(streamOf(RECORDS.toSpliced(LINK, 1, ...records)));

  it('is unknown where the link names none and the recording does not hold what it leads to, and never UTC', async () => {
    const local = RECORDS.findIndex((it) => it.startsWith('@file /etc/adjtime'));
    const records = RECORDS.with(LINK, '@link /etc/localtime\n=/opt/site/berlin\n').with(
      local,
      bodied('file /etc/adjtime', '0.0 0 0.0\n0\nLOCAL\n'),
    );
    const facts = await factsIn(streamOf(records));
    expect(facts.problems).to.deep.equal([]);
    expect(facts.host?.timeZone).to.include({
      ...{ known: false, source: '/etc/localtime', cause: 'not-recorded' },
    });
    // Nor is it UTC for who has to know it for another fact.
    expect(facts.host?.hardwareClock).to.include({ known: false, cause: 'hardware-clock-zone' });
    expect(verdictLines(facts).filter((line) => line.includes('host/time-zone'))).to.deep.equal([
      'host host/time-zone unknown not-recorded',
    ]);
  });

  it('is that of the file that the link leads to', async () => {
    const links = ['@link /etc/localtime\n=../opt/site\n', '@link /opt/site\n=berlin\n'];
    const { host } = await recorded(...links, bodied('file /opt/berlin', COPY));
    expect(host?.timeZone.known && host.timeZone.value).to.deep.equal({
      ...{ name: 'CET-1CEST,M3.5.0,M10.5.0/3', isUtc: false },
    });
  });
});
