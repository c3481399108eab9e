import { expect } from 'chai';
import { clockOffset } from '../../src/checks/domain/clockOffset.js';
import { hostTimezone } from '../../src/checks/domain/hostTimezone.js';
import { timezone } from '../../src/checks/domain/timezone.js';
import { known, unknown } from '../../src/facts/fact.js';
import { definitionOf, linux, windows } from '../support/definitions.js';
import { verdictOn } from '../support/verdicts.js';

const zone = (tz: string, guestOs = windows()) =>
  definitionOf({
    guestOs,
    clock: { tz, tzDecidedBy: `clock offset='timezone'`, rtc: { base: 'localtime' } },
  });
const local = (guestOs = windows()) => definitionOf({ guestOs, clock: { rtc: { base: 'localtime' } } });
const berlin = { timeZone: known({ name: 'Europe/Berlin', isUtc: false }, '/etc/localtime') };
const utc = { timeZone: known({ name: 'Etc/UTC', isUtc: true }, '/etc/localtime') };

describe('a time zone that is named', () => {
  it("must exist in the host's zoneinfo", () => {
    const zoneinfo = known({ 'Europe/Paris': true, 'Europe/Pairs': false, 'Asia/Kolkata': false }, 'test');
    expect(verdictOn(timezone, zone('Europe/Paris'), { zoneinfo })).to.equal('pass exists');
    expect(verdictOn(timezone, zone('Europe/Pairs'), { zoneinfo })).to.equal('fail invalid-zone');
    // A name of IANA's that this host's tzdata does not have.
    expect(verdictOn(timezone, zone('Asia/Kolkata'), { zoneinfo })).to.equal('fail invalid-zone');
    expect(verdictOn(timezone, zone('CET-1CEST,M3.5.0,M10.5.0/3'), { zoneinfo })).to.equal('pass exists');
  });

  it('is looked up among the names of IANA where there is no host', () => {
    expect(verdictOn(timezone, zone('Europe/Paris'))).to.equal('pass exists');
    expect(verdictOn(timezone, zone('Mars/Phobos'))).to.equal('fail invalid-zone');
  });

  it('is no question where none is named, or nobody uses it', () => {
    expect(verdictOn(timezone, local())).to.equal('not-applicable not-applicable');
    const unused = definitionOf({ clock: { tz: 'Mars/Phobos', tzDecidedBy: 'qemu:env TZ' } });
    expect(verdictOn(timezone, unused)).to.equal('not-applicable not-applicable');
  });

  it('is no further than 14 hours from UTC', () => {
    const adjusted = (adjustmentSeconds: number) =>
      definitionOf({
        guestOs: windows(),
        clock: { rtc: { base: 'datetime', adjustmentSeconds, variableBasis: 'utc' } },
      });
    expect(verdictOn(clockOffset, adjusted(14 * 3600))).to.equal('pass quarter-hours');
    expect(verdictOn(clockOffset, adjusted(-14 * 3600))).to.equal('pass quarter-hours');
    expect(verdictOn(clockOffset, adjusted(14.25 * 3600))).to.equal('warn odd-adjustment');
    expect(verdictOn(clockOffset, adjusted(3600 + 450))).to.equal('warn odd-adjustment');
  });

  it('that does not exist counts as UTC for the base of the RTC', () => {
    expect(verdictOn(clockOffset, zone('Mars/Phobos'))).to.equal('warn utc-for-local-guest');
    expect(verdictOn(clockOffset, zone('Mars/Phobos', linux))).to.equal('pass utc');
    expect(verdictOn(clockOffset, zone('Europe/Paris'))).to.equal('pass zone');
    expect(verdictOn(clockOffset, zone('UTC'))).to.equal('warn utc-for-local-guest');
  });
});

describe("the host's time zone", () => {
  it('matters to a guest on local time, as far as the fleet is known', () => {
    expect(verdictOn(hostTimezone, local(), berlin)).to.equal('info fleet-unknown');
    expect(verdictOn(hostTimezone, local(), berlin, { fleetTimeZone: 'Europe/Berlin' })).to.equal(
      'pass as-the-fleet',
    );
    expect(verdictOn(hostTimezone, local(), berlin, { fleetTimeZone: 'Europe/Paris' })).to.equal(
      'warn differs-from-fleet',
    );
    const kolkata = { timeZone: known({ name: 'Asia/Calcutta', isUtc: false }, '/etc/localtime') };
    expect(verdictOn(hostTimezone, local(), kolkata, { fleetTimeZone: 'Asia/Kolkata' })).to.equal(
      'pass as-the-fleet',
    );
    const copied = {
      timeZone: known({ name: 'CET-1CEST,M3.5.0,M10.5.0/3', isUtc: false }, '/etc/localtime'),
    };
    expect(verdictOn(hostTimezone, local(), copied, { fleetTimeZone: 'Europe/Paris' })).to.equal(
      'info zone-unnamed',
    );
    const variable = { rtc: { base: 'datetime', adjustmentSeconds: 0, variableBasis: 'localtime' } } as const;
    expect(verdictOn(hostTimezone, definitionOf({ clock: variable }), berlin)).to.equal('info fleet-unknown');
  });

  it('does not matter to others', () => {
    expect(verdictOn(hostTimezone, definitionOf(), berlin)).to.equal('pass independent');
    expect(verdictOn(hostTimezone, zone('Europe/Paris'), berlin)).to.equal('pass independent');
    expect(verdictOn(hostTimezone, local())).to.equal('not-applicable left-out');
    const unread = { timeZone: unknown('/etc/localtime', 'time-zone-unreadable', 'it cannot be read') };
    expect(verdictOn(hostTimezone, local(), unread)).to.equal('unknown time-zone-unreadable');
  });

  it('makes local time UTC on a host that keeps UTC: right for Linux, doubtful for Windows', () => {
    expect(verdictOn(clockOffset, local(), utc)).to.equal('info local-is-utc');
    expect(verdictOn(clockOffset, local(linux), utc)).to.equal('pass local-is-utc');
    expect(verdictOn(clockOffset, local(), berlin)).to.equal('pass local');
    expect(verdictOn(clockOffset, local(linux), berlin)).to.equal('warn local-for-utc-guest');
  });
});
