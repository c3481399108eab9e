import { clockAsDefined } from '../checks/definedClock.js';
import { type PositionFinder, positionsIn } from '../domxml/decidingElement.js';
import type { DomainDefinition } from '../facts/definition.js';
import type { DefinitionKind, DefinitionText, DomainFacts } from '../facts/domain.js';
import type { Definitions } from '../facts/situation.js';
import type { ReportedFinding } from '../report/report.js';

/** What decides each check's answer, in the words of {@link positionsIn}. */
const DECIDED_BY: Readonly<Record<string, (definition: DomainDefinition) => string>> = {
  'domain/clock-offset': (it) => clockAsDefined(it).rtc.baseDecidedBy,
  'domain/timezone': (it) => clockAsDefined(it).tzDecidedBy ?? '<clock>',
  'domain/host-timezone': (it) => clockAsDefined(it).rtc.baseDecidedBy,
  'domain/rtc-track': (it) => clockAsDefined(it).rtc.clockDecidedBy,
  'domain/kvmclock': (it) => clockAsDefined(it).kvmclockDecidedBy,
  'domain/ptp-kvm': (it) => clockAsDefined(it).kvmclockDecidedBy,
  'domain/hypervclock': (it) => clockAsDefined(it).hvTimeDecidedBy,
  'domain/hyperv-dependencies': () => 'hyperv',
  'domain/hyperv-stimer': () => 'hyperv',
  'domain/hpet': (it) => clockAsDefined(it).hpetDecidedBy,
  'domain/tick-policy': (it) => clockAsDefined(it).rtc.driftfixDecidedBy,
  'domain/armvtimer': () => 'timer armvtimer',
  'domain/invtsc-migration': () => '<cpu>',
  'domain/tsc-frequency': () => 'timer tsc',
  'domain/commandline-override': (it) => clockAsDefined(it).overrides[0] ?? '<clock>',
  'domain/ignored-attributes': (it) => it.ignored[0]?.setting ?? '<clock>',
  'domain/foreign-timers': (it) => `timer ${it.foreignTimers[0] ?? ''}`,
  'domain/stack-owner': () => '<metadata>',
  'domain/definition-rejected': (it) => it.rejections[0] ?? '<clock>',
  'domain/qemu-process': () => '<clock>',
  'domain/pending-restart': () => '<clock>',
  'domain/managed-save': () => '<clock>',
  'domain/rtc-adjustment': () => '<clock>',
  'domain/agent-channel': () => 'agent channel',
  'domain/taints': () => '<clock>',
};

/** The checks that {@link findingPlaces} has a place for. */
export const PLACED_CHECKS: readonly string[] = Object.keys(DECIDED_BY);

/**
 * Adds to the findings about a domain where in its file the element stands that decided them. A domain that libvirt
 * told of has no file, and what a check does not apply to has no place.
 */
export function findingPlaces(
  domain: DomainFacts,
  definitions: Definitions,
): (finding: ReportedFinding) => ReportedFinding {
  const files = new Map<DefinitionKind, { file: string; find: PositionFinder }>();
  for (const kind of ['inactive', 'live'] as const) {
    const text = domain.definitions[kind];
    if (text?.known && isFile(text.value)) {
      files.set(kind, { file: text.source, find: positionsIn(text.value.xml) });
    }
  }
  if (files.size === 0) return (finding) => finding;
  // What is about both stands where somebody may edit it.
  const [either] = files.keys();
  return (finding) => {
    const kind = finding.definition ?? either;
    const place = kind && files.get(kind);
    if (!kind || !place || finding.outcome === 'not-applicable') return finding;
    const definition = definitions[kind];
    const decidedBy = definition?.known ? DECIDED_BY[finding.check]?.(definition.value) : undefined;
    return { ...finding, place: { file: place.file, ...place.find(decidedBy ?? '<clock>') } };
  };
}

/** What libvirt printed has no place that anybody could open. */
function isFile({ origin }: DefinitionText): boolean {
  return origin !== 'dumpxml';
}
