import { expect } from 'chai';
import { hpetValidation } from '../../src/checks/host/hpetValidation.js';
import { libvirtGuests } from '../../src/checks/host/libvirtGuests.js';
import { timeZone } from '../../src/checks/host/timeZone.js';
import { known, unknown } from '../../src/facts/fact.js';
import type { LibvirtGuestsSettings } from '../../src/facts/host.js';
import { isUtcZone } from '../../src/facts/utcZones.js';
import { clockOf, definitionOf, linux, windows } from '../support/definitions.js';
import { findingOnHost, verdictOnHost } from '../support/hostVerdicts.js';

const unread = unknown('the test', 'not-there', 'it is not there');

describe('host/time-zone', () => {
  const zone = (name: string) => ({
    timeZone: known({ name, isUtc: isUtcZone(name) }, '/etc/localtime'),
  });
  const local = (name = 'w') => definitionOf({ name, clock: { rtc: { base: 'localtime' } } });
  const named = definitionOf({ clock: { tz: 'Asia/Tokyo', rtc: { base: 'localtime' } } });
  const variable = definitionOf({ clock: { rtc: { base: 'datetime', variableBasis: 'localtime' } } });
  const noRtc = definitionOf({ clock: { rtc: { base: 'localtime', present: false } } });

  for (const [what, guests, name, fleetTimeZone, verdict] of [
    ['no guest', [], 'Europe/Berlin', 'Asia/Tokyo', 'pass not-used'],
    ['guests in UTC', [definitionOf()], 'Europe/Berlin', 'Asia/Tokyo', 'pass not-used'],
    ['a guest with a zone of its own', [named], 'Europe/Berlin', 'Asia/Tokyo', 'pass not-used'],
    ['a guest without an RTC', [noRtc], 'Europe/Berlin', 'Asia/Tokyo', 'pass not-used'],
    ['a guest in local time', [local()], 'Europe/Berlin', 'Asia/Tokyo', 'warn other-zone'],
    ['an offset from local time', [variable], 'Europe/Berlin', 'Asia/Tokyo', 'warn other-zone'],
    ['one among others', [definitionOf(), local()], 'Etc/UTC', 'Asia/Tokyo', 'warn other-zone'],
    ["the fleet's zone", [local()], 'Europe/Berlin', 'Europe/Berlin', 'pass fleet-zone'],
    ['another name of UTC', [local()], 'Etc/UTC', 'UTC', 'pass fleet-zone'],
    ['the old name of a zone', [local()], 'Asia/Calcutta', 'Asia/Kolkata', 'pass fleet-zone'],
    ['a rule without a name', [local()], 'CET-1CEST,M3.5.0,M10.5.0/3', 'Europe/Berlin', 'info zone-unnamed'],
    ['the same rule', [local()], 'JST-9', 'JST-9', 'pass fleet-zone'],
    ['a fleet of which nobody said a zone', [local()], 'Europe/Berlin', null, 'info fleet-zone-unset'],
  ] as const) {
    it(`gives ${verdict} for ${what} on ${name}`, () => {
      expect(verdictOnHost(timeZone, zone(name), guests, { fleetTimeZone })).to.equal(verdict);
    });
  }

  it('names up to three guests and counts the rest', () => {
    const on = (...names: string[]) => findingOnHost(timeZone, zone('Asia/Tokyo'), names.map(local)).observed;
    expect(on('a')).to.equal('the host is in Asia/Tokyo, and 1 guest (a) uses its local time');
    expect(on('a', 'b', 'c')).to.contain('3 guests (a, b, c) use its local time');
    expect(on('a', 'b', 'c', 'd', 'e')).to.contain('5 guests (a, b, c and 2 more) use');
  });

  it('is unknown when the zone could not be read', () => {
    expect(verdictOnHost(timeZone, { timeZone: unread })).to.equal('unknown not-there');
  });
});

describe('host/libvirt-guests', () => {
  const suspending: LibvirtGuestsSettings = {
    enabled: true,
    onBoot: 'start',
    onShutdown: 'suspend',
    syncTime: false,
  };
  const service = (part: Partial<LibvirtGuestsSettings> = {}) => ({
    libvirtGuests: known({ ...suspending, ...part }, 'the test'),
  });
  const affected = [definitionOf({ guestOs: linux })];

  for (const [what, part, verdict] of [
    ["libvirt's own defaults", {}, 'warn time-not-set'],
    ['SYNC_TIME', { syncTime: true }, 'pass sets-time'],
    ['guests that are shut down', { onShutdown: 'shutdown' }, 'pass shuts-down'],
    ["Debian's defaults", { onBoot: 'ignore', onShutdown: 'shutdown' }, 'pass shuts-down'],
    ['guests that are saved for others to start', { onBoot: 'ignore' }, 'warn restored-elsewhere'],
    ['SYNC_TIME of no use', { onBoot: 'ignore', syncTime: true }, 'warn restored-elsewhere'],
    ['a word that the script takes for suspend', { onShutdown: 'SHUTDOWN' }, 'warn time-not-set'],
  ] as const) {
    it(`gives ${verdict} for ${what}`, () => {
      expect(verdictOnHost(libvirtGuests, service(part), affected)).to.equal(verdict);
    });
  }

  for (const [what, guest, verdict] of [
    ['a guest of which nothing is known', definitionOf(), 'warn time-not-set'],
    ['a Windows guest', definitionOf({ guestOs: windows() }), 'pass no-guest-affected'],
    [
      'kvm-clock switched off',
      definitionOf({ clock: { kvmclock: 'off' }, guestOs: linux }),
      'pass no-guest-affected',
    ],
    ['no KVM', definitionOf({ clock: { kvmclock: 'inert' } }), 'pass no-guest-affected'],
    [
      'an ARM guest',
      definitionOf({ clock: { kvmclock: 'not-applicable', armVirtualCounterStopsOnPause: true } }),
      'warn time-not-set',
    ],
    [
      'an ARM guest whose counter runs on',
      definitionOf({ clock: { kvmclock: 'not-applicable', armVirtualCounterStopsOnPause: false } }),
      'pass no-guest-affected',
    ],
  ] as const) {
    it(`gives ${verdict} for ${what} under libvirt's own defaults`, () => {
      expect(verdictOnHost(libvirtGuests, service(), [guest])).to.equal(verdict);
    });
  }

  it('names the settings and the guests', () => {
    const finding = findingOnHost(libvirtGuests, service(), affected);
    expect(finding.observed).to.equal('ON_SHUTDOWN=suspend, ON_BOOT=start, SYNC_TIME=0');
    expect(finding.detail).to.equal("late by the host's downtime: 1 guest (guest)");
    expect(finding.expected).to.equal('SYNC_TIME=1');
  });

  it('passes where the service is not enabled', () => {
    const off = { libvirtGuests: known({ enabled: false } as const, 'the test') };
    expect(verdictOnHost(libvirtGuests, off, affected)).to.equal('pass not-enabled');
  });

  it('does not apply where it is not installed, and is unknown where it could not be read', () => {
    const none = { libvirtGuests: known(null, 'the test') };
    expect(verdictOnHost(libvirtGuests, none, affected)).to.equal('not-applicable not-installed');
    expect(verdictOnHost(libvirtGuests, { libvirtGuests: unread })).to.equal('unknown not-there');
  });
});

describe('host/hpet-validation', () => {
  const asked = { hpetDecidedBy: "timer hpet present='yes'" };
  const asking = definitionOf({ name: 'old', clock: asked });
  const running = definitionOf({
    clock: { hpetDecidedBy: 'the running QEMU' },
    definedClock: clockOf(asked),
  });
  const others = [definitionOf(), definitionOf({ clock: { hpetDecidedBy: "timer hpet present='no'" } })];
  const versions = (libvirt: string, qemu: string) => ({
    libvirtVersion: known(libvirt, 'libvirt'),
    qemuVersion: known(qemu, 'libvirt'),
  });

  for (const [libvirt, qemu, guests, verdict] of [
    ['9.0.0', '8.0.0', [asking], 'fail refused'],
    ['9.1.0', '8.2.1', [...others, asking], 'fail refused'],
    ['9.0.0', '10.0.2', [running], 'fail refused'],
    ['9.0.0', '7.2.22', [asking], 'pass older-qemu'],
    ['9.0.0', '8.0.0', others, 'pass not-asked-for'],
    ['9.1.0', '8.0.0', [], 'pass not-asked-for'],
    ['9.2.0', '8.0.0', [asking], 'pass not-affected'],
    ['8.10.0', '8.0.0', [asking], 'pass not-affected'],
    ['9.10.0', '8.0.0', [asking], 'pass not-affected'],
    ['19.0.0', '8.0.0', [asking], 'pass not-affected'],
  ] as const) {
    it(`gives ${verdict} for libvirt ${libvirt} with QEMU ${qemu} and ${guests.length} guests`, () => {
      expect(verdictOnHost(hpetValidation, versions(libvirt, qemu), guests)).to.equal(verdict);
    });
  }

  it('is unknown when it matters which QEMU there is and nobody could tell', () => {
    const host = { ...versions('9.0.0', ''), qemuVersion: unread };
    expect(verdictOnHost(hpetValidation, host, [asking])).to.equal('unknown not-there');
    expect(verdictOnHost(hpetValidation, host, others)).to.equal('pass not-asked-for');
  });

  it('takes no version where no guest asks for an HPET', () => {
    expect(verdictOnHost(hpetValidation, { libvirtVersion: unread }, others)).to.equal('pass not-asked-for');
    expect(verdictOnHost(hpetValidation, { libvirtVersion: unread }, [])).to.equal('unknown not-there');
    expect(verdictOnHost(hpetValidation, {}, others)).to.equal('not-applicable left-out');
  });

  it('does not apply where no libvirt was asked, and is unknown where it did not say', () => {
    expect(verdictOnHost(hpetValidation, {}, [asking])).to.equal('not-applicable left-out');
    expect(verdictOnHost(hpetValidation, { libvirtVersion: unread }, [asking])).to.equal('unknown not-there');
  });
});
