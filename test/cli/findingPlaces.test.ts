import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { DOMAIN_CHECKS } from '../../src/checks/registry.js';
import { PLACED_CHECKS } from '../../src/cli/findingPlaces.js';
import { judge } from '../../src/cli/judge.js';
import { readFiles } from '../../src/domxml/files.js';
import { known } from '../../src/facts/fact.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import type { Report, ReportedFinding } from '../../src/report/report.js';
import { FIXTURES } from '../support/fixtures.js';
import { hypervisorFacts } from '../support/hypervisorFacts.js';
import { tinyDomainXml } from '../support/tinyDomain.js';

async function reportOn(...names: string[]): Promise<Report> {
  const paths = names.length > 0 ? names.map((name) => join(FIXTURES, `${name}.xml`)) : [FIXTURES];
  const { domains, problems } = await readFiles(paths);
  return judge({ ...hypervisorFacts({}), domains, problems }, 'warn', DEFAULT_POLICY);
}

/** The line that a finding leads to, from its column on. */
function shownBy({ place }: ReportedFinding): string {
  if (!place) throw new Error('no place');
  const line = readFileSync(place.file, 'utf8')
    .replace(/^\uFEFF/, '')
    .split('\n')[place.line - 1];
  return line?.slice(place.column - 1) ?? 'no such line';
}

describe('the place of a finding', () => {
  it('is known for each check of a domain', () => {
    expect([...PLACED_CHECKS].sort()).to.deep.equal(DOMAIN_CHECKS.map(({ id }) => id).sort());
  });

  it('is that of an element, in every file', async () => {
    const { domains } = await reportOn();
    const findings = domains.flatMap((domain) => domain.findings);
    const placed = findings.filter(({ outcome }) => outcome !== 'not-applicable');
    expect(placed).to.have.length.above(900);
    for (const finding of placed) {
      expect(shownBy(finding), `${finding.place?.file} ${finding.check}`).to.match(
        /^<(domain|clock|timer|cpu|feature|hyperv|hidden|devices|channel|metadata|[a-z]+:(arg|env))\b/,
      );
    }
    const others = findings.filter(({ outcome }) => outcome === 'not-applicable');
    expect(others.filter(({ place }) => place)).to.deep.equal([]);
  });

  for (const [fixture, check, shown] of [
    ['rtc-track-guest', 'domain/rtc-track', /^<timer name='rtc' .*track='guest'/],
    ['crlf-line-endings', 'domain/clock-offset', /^<clock offset=/],
    ['byte-order-mark', 'domain/clock-offset', /^<clock/],
    ['single-line', 'domain/clock-offset', /^<clock/],
    ['kvmclock-on-then-off', 'domain/kvmclock', /^<timer name='kvmclock' present='no'/],
    ['kvm-hidden', 'domain/kvmclock', /^<hidden state='on'/],
    ['hypervisor-bit-off', 'domain/kvmclock', /^<feature .*name='hypervisor'/],
    ['commandline-rtc', 'domain/commandline-override', /^<qemu:arg value='-rtc'|^<qemu:arg value=/],
    ['commandline-tz', 'domain/commandline-override', /^<qemu:env name='TZ'/],
    ['aarch64-x86-timers', 'domain/foreign-timers', /^<timer name='(?!armvtimer)/],
    ['rejected-track-boot', 'domain/definition-rejected', /^<timer .*track='boot'/],
    ['status-file', 'domain/clock-offset', /^<clock/],
    ['no-clock', 'domain/clock-offset', /^<domain/],
    ['nova-linux', 'domain/stack-owner', /^<metadata>/],
  ] as const) {
    it(`of ${check} in ${fixture}.xml leads to ${shown}`, async () => {
      const { domains } = await reportOn(fixture);
      const finding = domains[0]?.findings.find((it) => it.check === check);
      expect(finding && shownBy(finding)).to.match(shown);
    });
  }

  it('is not there for what libvirt told', () => {
    const xml = tinyDomainXml({ name: 'web1', clock: "<clock offset='utc'/>", type: 'kvm' });
    const { domains } = judge(hypervisorFacts({ web1: xml }), 'warn', DEFAULT_POLICY);
    expect(domains[0]?.findings.filter(({ place }) => place)).to.deep.equal([]);
  });

  it('is where somebody may edit it when both definitions were read from files', () => {
    const facts = hypervisorFacts({ web1: '' });
    const [domain] = facts.domains;
    if (!domain) throw new Error('no domain');
    const text = (clock: string) => tinyDomainXml({ name: 'web1', clock, type: 'kvm' });
    const status = { xml: `\n${text("<clock offset='utc'/>")}`, origin: 'status' as const };
    const file = {
      xml: text("<clock offset='utc'><timer name='rtc' track='guest'/></clock>"),
      origin: 'file' as const,
    };
    const definitions = {
      live: known(status, '/run/libvirt/qemu/web1.xml'),
      inactive: known(file, '/etc/libvirt/qemu/web1.xml'),
    };
    const { domains } = judge({ ...facts, domains: [{ ...domain, definitions }] }, 'warn', DEFAULT_POLICY);
    const places = (check: string) =>
      domains[0]?.findings.filter((it) => it.check === check).map(({ place }) => place?.file);
    expect(places('domain/clock-offset')).to.deep.equal(['/etc/libvirt/qemu/web1.xml']);
    expect(places('domain/rtc-track')).to.deep.equal([
      '/run/libvirt/qemu/web1.xml',
      '/etc/libvirt/qemu/web1.xml',
    ]);
  });
});
