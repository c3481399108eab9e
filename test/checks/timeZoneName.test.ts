import { expect } from 'chai';
import { zoneKind } from '../../src/checks/timeZoneName.js';
import { known, leftOut } from '../../src/facts/fact.js';

const untold = leftOut('zoneinfo', 'the host was left out');

describe('a TZ value means what the C library makes of it', () => {
  const cases: Record<string, string[]> = {
    utc: [
      '',
      'UTC',
      ':UTC',
      'Etc/UTC',
      'UTC0',
      'GMT',
      'Etc/GMT+0',
      'Zulu',
      'Factory',
      '/usr/share/zoneinfo/UTC',
    ],
    host: [':/etc/localtime', '/etc/localtime', 'localtime'],
    zone: [
      ...[
        'Europe/Paris',
        ':Europe/Paris',
        'posix/Europe/Paris',
        '/usr/share/zoneinfo/Europe/Paris',
        'EST5EDT',
      ],
      ...[
        'America/Argentina/Buenos_Aires',
        'CET-1CEST,M3.5.0,M10.5.0/3',
        '<+0330>-3:30',
        '/srv/zones/mine',
        'UTC+3',
      ],
    ],
    invalid: ['Mars/Phobos', 'europe/paris', 'asia/kolkata', 'EUROPE/PARIS', '+01:00', 'Paris'],
  };
  for (const [kind, zones] of Object.entries(cases)) {
    for (const zone of zones) {
      it(`${zone || 'an empty one'}: ${kind}`, () => {
        expect(zoneKind(zone, untold)).to.equal(kind);
      });
    }
  }

  it("asks the host's zoneinfo where it is known", () => {
    const zoneinfo = known(
      { 'Mars/Phobos': true, 'Europe/Paris': false, '/srv/zones/mine': false },
      'zoneinfo',
    );
    expect(zoneKind('Mars/Phobos', zoneinfo)).to.equal('zone');
    expect(zoneKind('Europe/Paris', zoneinfo)).to.equal('invalid');
    expect(zoneKind('/srv/zones/mine', zoneinfo)).to.equal('invalid');
    expect(zoneKind('UTC', zoneinfo)).to.equal('utc');
  });
});
