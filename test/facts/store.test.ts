import { expect } from 'chai';
import { known, unknown } from '../../src/facts/fact.js';
import type { Facts } from '../../src/facts/facts.js';
import { hostLeftOut } from '../../src/facts/host.js';
import { FactsUnreadable, loadFacts, saveFacts } from '../../src/facts/store.js';

const text = (xml: string) => known({ xml, origin: 'dumpxml' as const }, 'virDomainGetXMLDesc');

const FACTS: Facts = {
  schemaVersion: '1.0',
  toolVersion: '0.1.0',
  collectedAt: '2026-06-15T12:00:00.000Z',
  hostname: 'compute7',
  sources: [{ kind: 'libvirt', location: 'qemu:///system', libvirtVersion: '9.0.0' }],
  host: {
    ...hostLeftOut('nobody asked'),
    zoneinfo: known({ 'Europe/Berlin': true, 'Mars/Phobos': false }, '/usr/share/zoneinfo'),
    tscCounter: known({ frequencyHz: 2_599_998_000, scaling: null }, 'virConnectGetCapabilities'),
    libvirtVersion: known('9.0.0', 'virConnectGetLibVersion'),
    qemuVersion: unknown('virConnectGetVersion', 'deadline-exceeded', 'it was not answered within 10 s'),
  },
  hostNote: 'this machine',
  domains: [
    {
      name: 'guest',
      source: 'qemu:///system',
      state: known('running', 'virConnectListAllDomains'),
      persistent: known(true, 'virConnectListAllDomains'),
      managedSave: known(true, 'virConnectListAllDomains'),
      definitions: { live: text('<domain/>'), inactive: text('<domain/>') },
      savedDefinition: text('<domain/>'),
      process: known(
        { pid: 4711, args: ['-rtc', 'base=utc'], tz: null, tzRead: false },
        '/proc/4711/cmdline',
      ),
      taints: known(['tainted: custom configuration parameters specified'], 'virDomainGetMessages'),
    },
  ],
  problems: [],
  notes: [],
};

/** The saved facts with some members of one domain replaced. */
const withDomain = (members: object) =>
  JSON.stringify({ ...FACTS, domains: [{ ...FACTS.domains[0], ...members }] });

describe('saved facts', () => {
  it('are read back as they were', () => {
    expect(loadFacts(saveFacts(FACTS))).to.deep.equal(FACTS);
  });

  it('are read when an older version saved them, with what it did not collect left out', () => {
    const later = ['zoneinfo', 'tscCounter', 'libvirtVersion', 'qemuVersion', 'tscFlags', 'timeDaemons'];
    const gone = [...later, 'kvmParameters', 'libvirtGuests', 'savedDefinition', 'process', 'taints'];
    const older = JSON.stringify(FACTS, (name, value) => (gone.includes(name) ? undefined : value));
    const { host, domains } = loadFacts(older);
    for (const name of later) {
      expect(host, name).to.have.nested.property(`${name}.leftOut`, true);
      expect(host, name).to.have.nested.property(`${name}.reason`).that.contains('did not collect');
    }
    expect(domains[0]).to.not.have.any.keys('savedDefinition', 'process', 'taints');
    expect(domains[0]?.name).to.equal('guest');
  });

  for (const [what, saved, wrong] of [
    [
      'a process whose arguments are no list',
      withDomain({ process: known({ pid: 1, args: '-rtc', tz: null }, 's') }),
      /domains\[0\]\.process\.value\.args is no list/,
    ],
    [
      'a process without a word on TZ',
      withDomain({ process: known({ pid: 1, args: [] }, 's') }),
      /domains\[0\]\.process\.value\.tz is no string/,
    ],
    [
      'a word that nobody writes',
      JSON.stringify({
        ...FACTS,
        host: { ...FACTS.host, kernelClock: known({ state: 'fine' }, 's') },
      }),
      /host\.kernelClock\.value\.state is none of ok, insert-second, .*, error$/,
    ],
    ['taints that are no list', withDomain({ taints: known('tainted', 's') }), /taints\.value is no list/],
    [
      'a saved definition without its text',
      withDomain({ savedDefinition: known({ origin: 'dumpxml' }, 's') }),
      /savedDefinition\.value\.xml is no string/,
    ],
    [
      'time zones that neither exist nor not',
      JSON.stringify({ ...FACTS, host: { ...FACTS.host, zoneinfo: known({ UTC: 'yes' }, 's') } }),
      /host\.zoneinfo\.value\.UTC is no boolean/,
    ],
  ] as const) {
    it(`are refused with ${what}`, () => {
      expect(() => loadFacts(saved)).to.throw(FactsUnreadable, wrong);
    });
  }
});
