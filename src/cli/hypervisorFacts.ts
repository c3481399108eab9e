import { asksForHpet, isAffected } from '../checks/host/hpetValidation.js';
import { readTscCounter } from '../domxml/hostCapabilities.js';
import { definitionOf } from '../domxml/readings.js';
import { XmlError } from '../domxml/xmlError.js';
import type { DomainDefinition } from '../facts/definition.js';
import type { DefinitionText, DomainFacts } from '../facts/domain.js';
import { type Fact, known, leftOut, type Unknown, unknown } from '../facts/fact.js';
import type { SourceFacts } from '../facts/facts.js';
import type { HostFacts, TscCounter } from '../facts/host.js';
import type { QemuProcess } from '../facts/process.js';
import { readZoneinfo } from '../host/zoneinfo.js';
import type { HypervisorAnswers, HypervisorQuestions } from '../libvirt/hypervisor.js';

/** What is only known, or only worth knowing, once the domains have been read. */
export type HypervisorFacts = Pick<HostFacts, 'zoneinfo' | 'tscCounter' | 'libvirtVersion' | 'qemuVersion'>;

/** Asks for what some verdict on these domains depends on, for a fresh daemon takes seconds to answer. */
export function hypervisorQuestions(
  domains: readonly DomainFacts[],
  { libvirtVersion = '' }: SourceFacts,
): HypervisorQuestions {
  const definitions = definitionsOf(domains, libvirtVersion || null);
  return {
    capabilities: definitions.some(({ effectiveClock }) => effectiveClock.tscFrequencyHz !== null),
    version: isAffected(libvirtVersion) && definitions.some(asksForHpet),
  };
}

/**
 * Completes the host's facts.
 * @param source - null when no domains were asked for, or none of libvirt
 * @param root - the directory that stands for `/`
 * @param unanswered - why no libvirt told of these domains, where one should have
 */
export function hypervisorFacts(
  domains: readonly DomainFacts[],
  source: SourceFacts | null,
  answers: HypervisorAnswers,
  root: string,
  unanswered?: Unknown,
): HypervisorFacts {
  const definitions = definitionsOf(domains, source?.libvirtVersion ?? null);
  const names = definitions.flatMap(({ effectiveClock: { tz } }) => (tz === null ? [] : [tz]));
  const zoneinfo = readZoneinfo(names, root);
  if (source === null) {
    const fact = unanswered ?? leftOut('libvirt', 'no hypervisor was asked');
    return { zoneinfo, tscCounter: fact, libvirtVersion: fact, qemuVersion: fact };
  }
  const call = 'virConnectGetLibVersion';
  return {
    zoneinfo,
    tscCounter: tscCounter(answers.capabilities),
    libvirtVersion:
      source.libvirtVersion === undefined
        ? withoutVersion(call, domains)
        : known(source.libvirtVersion, call),
    qemuVersion: answers.version ?? leftOut('virConnectGetVersion', 'no verdict depends on it'),
  };
}

/** A hypervisor that told of no domain either did not answer at all, which is told as that. */
function withoutVersion(call: string, domains: readonly DomainFacts[]): Fact<string> {
  return domains.length === 0
    ? leftOut(call, 'the hypervisor did not answer')
    : unknown(call, 'not-connected', 'the hypervisor did not tell its version');
}

function tscCounter(capabilities: Fact<string> | undefined): Fact<TscCounter | null> {
  const source = 'virConnectGetCapabilities';
  if (capabilities === undefined) return leftOut(source, 'no domain names a TSC frequency');
  if (!capabilities.known) return capabilities;
  try {
    return known(readTscCounter(capabilities.value), source);
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    return unknown(source, 'malformed-xml', `libvirt's capabilities are malformed: ${error.message}`);
  }
}

function definitionsOf(
  domains: readonly DomainFacts[],
  libvirtVersion: string | null,
): readonly DomainDefinition[] {
  return textsOf(domains).flatMap(({ text, process }) => {
    const definition = definitionOf(text, libvirtVersion, process);
    return definition.known ? [definition.value] : [];
  });
}

function textsOf(domains: readonly DomainFacts[]): { text: DefinitionText; process: QemuProcess | null }[] {
  return domains.flatMap(({ definitions: { live, inactive }, savedDefinition, process }) => [
    ...(live?.known ? [{ text: live.value, process: process?.known ? process.value : null }] : []),
    ...(inactive?.known ? [{ text: inactive.value, process: null }] : []),
    ...(savedDefinition?.known ? [{ text: savedDefinition.value, process: null }] : []),
  ]);
}
