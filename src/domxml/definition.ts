import type { DomainDefinition } from '../facts/definition.js';
import type { QemuProcess } from '../facts/process.js';
import { readAgentChannel } from './agentChannel.js';
import { readClock } from './clockElement.js';
import { effectiveClock } from './effectiveClock.js';
import { featureRejections } from './featureRejections.js';
import { foreignTimers } from './foreignTimers.js';
import { generatedArguments } from './generatedArguments.js';
import { readGuestOs } from './guestOs.js';
import { hiddenFor, passesEnlightenments } from './hiddenFor.js';
import { ignoredSettings } from './ignoredSettings.js';
import { readOverrides } from './overrides.js';
import { readOwner } from './owner.js';
import { readPassthrough } from './passthrough.js';
import { timeArguments } from './qemuArgument.js';
import { driverRejections } from './rejections.js';
import { runningClock } from './runningClock.js';
import { child, type KeepElement, namespaceOf, parseXml, type XmlElement } from './tree.js';
import { XmlError } from './xmlError.js';

/**
 * What is kept of a domain, by the name of the parent: what has a say in the clock or tells about the guest.
 * The rest is only checked for being well-formed. Parents that are not listed keep all their children.
 */
const KEPT: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['domstatus', new Set(['domain'])],
  [
    'domain',
    new Set([
      ...['name', 'title', 'description', 'uuid', 'metadata', 'os', 'features', 'cpu', 'clock', 'devices'],
      // In libvirt's QEMU namespace, which may also be the default one of these elements.
      ...['commandline', 'capabilities'],
    ]),
  ],
  ['cpu', new Set(['feature', 'model'])],
  ['devices', new Set(['disk', 'channel', 'tpm', 'hostdev'])],
  ['hostdev', new Set()],
  ['disk', new Set(['source'])],
  ['source', new Set()],
  ['channel', new Set(['target'])],
  ['target', new Set()],
  ['nova:instance', new Set(['nova:name', 'nova:flavor', 'nova:owner', 'nova:image', 'nova:root'])],
  ['nova:flavor', new Set(['nova:extraSpecs'])],
]);

const keep: KeepElement = (parent, name) =>
  (KEPT.get(parent.name)?.has(name) ?? true) || (parent.name === 'domain' && name.includes(':'));

/**
 * Parses a document with a domain in it: a `<domain>`, or libvirt's `<domstatus>` around one.
 * @throws XmlError when it is malformed or no domain
 */
export function parseDomain(text: string): XmlElement {
  const root = parseXml(text, keep);
  const domain = root.name === 'domstatus' ? child(root, 'domain') : root;
  if (domain?.name === 'domain' && namespaceOf(domain) === undefined) return domain;
  const found = root.name === 'domstatus' ? '<domstatus> without a <domain>' : `<${root.name.slice(0, 60)}>`;
  const before = text.slice(0, root.start).split('\n');
  throw new XmlError(
    `is no domain: expected <domain>, found ${found}`,
    before.length,
    (before.at(-1)?.length ?? 0) + 1,
  );
}

/**
 * Reduces a domain's XML to what decides the guest's clock.
 * @param libvirtVersion - decides how libvirt would spell some arguments; no verdict depends on it
 * @throws XmlError when the text is malformed or no domain
 */
export function readDefinition(text: string, libvirtVersion: string | null): DomainDefinition {
  return describeDomain(parseDomain(text), libvirtVersion);
}

/**
 * Does the work of {@link readDefinition} on a parsed domain.
 * @param process - the QEMU that runs it: its arguments then decide, and what they say otherwise is told
 */
export function describeDomain(
  domain: XmlElement,
  libvirtVersion: string | null,
  process: QemuProcess | null = null,
): DomainDefinition {
  const virtType = domain.attributes.type ?? '';
  const type = child(child(domain, 'os'), 'type')?.attributes;
  const machine = type?.machine;
  const arch = type?.arch;
  const clock = readClock(domain);
  const passthrough = readPassthrough(domain);
  const assumedArch = arch ?? architectureOf(machine);
  const words = passthrough.args.map(({ value }) => value);
  const passed = timeArguments(words, 'qemu:arg');
  const args = [
    ...generatedArguments({ domain, clock, passthrough, arch: assumedArch, machine, libvirtVersion }),
    ...passed,
  ];
  const owner = readOwner(domain);
  const uuid = child(domain, 'uuid')?.text.trim();
  const identity = { virtType, arch: assumedArch, machine };
  const effective = { ...effectiveClock(identity, args, clock), overrides: readOverrides(passthrough) };
  return {
    name: child(domain, 'name')?.text.trim() ?? '',
    ...(uuid && { uuid }),
    virtType,
    ...(arch !== undefined && { arch }),
    ...(machine !== undefined && { machine }),
    guestOs: readGuestOs(domain, clock, owner, passesEnlightenments(passed)),
    hiddenFor: hiddenFor(domain, passed, words),
    owner,
    cpuMode: child(domain, 'cpu')?.attributes.mode ?? null,
    agentChannel: readAgentChannel(domain),
    ignored: ignoredSettings({ domain, clock, machine: identity, passthrough, effectiveClock: effective }),
    foreignTimers: foreignTimers(clock.timers, identity),
    ...(process
      ? { ...runningClock(identity, process, clock, effective), definedClock: effective }
      : { effectiveClock: effective, processDifferences: [] }),
    rejections: [
      ...(virtType === '' ? ['a domain without a type'] : []),
      ...clock.rejections,
      ...featureRejections(domain, libvirtVersion),
      ...driverRejections(
        domain,
        clock,
        identity,
        passthrough,
        libvirtVersion,
        effective.rtc.adjustmentSeconds,
      ),
    ],
  };
}

/** What a hand-written definition without an `arch` will most likely get: the architecture of its machine. */
function architectureOf(machine: string | undefined): string {
  if (/^s390-ccw/.test(machine ?? '')) return 's390x';
  if (/^pseries/.test(machine ?? '')) return 'ppc64le';
  if (/^virt(-|$)/.test(machine ?? '')) return 'aarch64';
  return 'x86_64';
}
