import { judge } from '../../src/cli/judge.js';
import type { DomainFacts } from '../../src/facts/domain.js';
import { known, unknown } from '../../src/facts/fact.js';
import type { Facts } from '../../src/facts/facts.js';
import { type HostFacts, hostLeftOut } from '../../src/facts/host.js';
import type { Report } from '../../src/report/report.js';
import { EVERY_CLOCK } from './clockFacts.js';
import { policyOf } from './policies.js';
import { agentChannelXml, goodClock, tinyDomainXml } from './tinyDomain.js';

/** A name with what each form has to defend itself against: markup, quotes, separators, newlines and escapes. */
export const HOSTILE_NAME =
  'evil|`<b>&"\'</b>`\u001b[31m\u202e\u0000]]>\n# [x](javascript:1) ```\r\\ ünï 😀 \ud800';

const URI = 'qemu:///system';

const HOST: HostFacts = {
  ...hostLeftOut('not asked for'),
  ...EVERY_CLOCK,
  architecture: known('x86_64', 'uname -m'),
  kernelRelease: known('6.1.0-18-amd64', 'uname -r'),
  timeZone: known({ name: 'Etc/UTC', isUtc: true }, '/etc/localtime'),
  clocksource: known({ current: 'hpet', available: ['hpet', 'acpi_pm'] }, '/sys'),
  leapTable: unknown(
    '/usr/share/zoneinfo/leap-seconds.list',
    'unreadable',
    '/usr/share/zoneinfo/leap-seconds.list may not be read by this user',
  ),
  ptpKvm: known(
    { offered: false, because: "the host's clocksource is hpet", wouldNeed: 'the host on tsc' },
    '/sys',
  ),
};

function live(name: string, uuidEnd: number, clock: string, state: 'running' | 'shut off'): DomainFacts {
  const xml = tinyDomainXml({ name, clock, type: 'kvm', devices: agentChannelXml });
  const text = known({ xml, origin: 'dumpxml' as const }, URI);
  return {
    name,
    uuid: `00000000-0000-4000-8000-${String(uuidEnd).padStart(12, '0')}`,
    source: URI,
    state: known(state, URI),
    persistent: known(true, URI),
    managedSave: known(false, URI),
    definitions: state === 'running' ? { live: text, inactive: text } : { inactive: text },
  };
}

function inFile(name: string, path: string, xml: string): DomainFacts {
  const notTold = (what: string) => unknown(path, 'not-in-file', `a file does not tell ${what}`);
  return {
    name,
    source: path,
    state: notTold('whether the domain runs'),
    persistent: notTold('whether the domain is persistent'),
    managedSave: notTold('whether there is a managed save image'),
    definitions: { inactive: known({ xml, origin: 'file' as const }, path) },
  };
}

/**
 * The facts of a host with findings of every outcome, domains from libvirt and from files, one with a hostile name, and
 * problems with and without a place.
 */
export function richFacts(): Facts {
  const guestTime = goodClock("\n    <timer name='rtc' track='guest'/>\n  ");
  return {
    schemaVersion: '1.0',
    toolVersion: '0.1.0',
    collectedAt: '2026-01-02T03:04:05.678Z',
    hostname: 'compute7',
    sources: [
      { kind: 'libvirt', location: URI, libvirtVersion: '9.0.0' },
      { kind: 'files', location: 'domains' },
    ],
    host: HOST,
    hostNote: 'this machine',
    domains: [
      live('good', 1, goodClock(), 'running'),
      live('guest-time', 2, guestTime, 'running'),
      live('accepted', 3, guestTime, 'shut off'),
      inFile(
        'on-disk',
        'domains/on disk.xml',
        tinyDomainXml({ name: 'on-disk', clock: guestTime, type: 'kvm' }),
      ),
      inFile(
        HOSTILE_NAME,
        `domains/${HOSTILE_NAME}.xml`,
        tinyDomainXml({ name: 'x', clock: "<clock offset='localtime'/>", type: 'kvm' }),
      ),
      live('unreadable', 4, '<clock', 'shut off'),
    ],
    problems: [
      {
        target: 'domains/broken.xml',
        cause: 'malformed-xml',
        reason: 'unclosed tag: domain',
        line: 12,
        column: 3,
      },
      {
        target: 'qemu+ssh://compute8/system',
        cause: 'connection-failed',
        reason: 'cannot connect: Connection refused; is libvirtd running?',
        libvirtError: { code: 38, domain: 7, message: 'Cannot recv data: Connection refused' },
      },
    ],
    notes: [`domain ${HOSTILE_NAME} vanished while the audit ran and was left out`],
  };
}

/** The facts of {@link richFacts}, judged with a waiver; always the same. */
export async function richReport(): Promise<Report> {
  const policy = await policyOf(`
waivers:
  - {check: domain/rtc-track, target: accepted, reason: 'rebuilt next week', owner: ops, expires: 2026-01-31}
`);
  return {
    ...judge(richFacts(), 'warn', policy),
    tool: { name: 'virt-clock-audit', version: '0.1.0' },
  };
}
