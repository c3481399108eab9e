import { setImmediate as turn } from 'node:timers/promises';
import type { RecordedCommand } from '../commands/command.js';
import { known, type Unknown, unknown } from '../facts/fact.js';
import type { Facts } from '../facts/facts.js';
import type { HostFacts } from '../facts/host.js';
import { recordedDomains } from '../recording/recordedDomains.js';
import { expectDomains } from '../recording/recordedPlaces.js';
import { layTree } from '../recording/recordedTree.js';
import type { Recording } from '../recording/recording.js';
import { withoutUnseenZones } from '../recording/unseenZones.js';
import { gatherHost } from './gatherHost.js';
import { hypervisorFacts } from './hypervisorFacts.js';
import type { SourceOptions } from './options.js';
import { domainAsRecorded, hostAsRecorded } from './recordedReasons.js';
import { toolVersion } from './version.js';

/** libvirt's two places for each of its drivers' pid files are four; each is looked into for each domain. */
const MOST_STATE_DIRECTORIES = 8;

/**
 * Reads a recorded machine with the very readers that read this one.
 * @throws RecordingUnreadable for more than any host has; RecordingNotLaidOut where there is no room for its files here
 */
export async function gatherRecording(recording: Recording, options: SourceOptions): Promise<Facts> {
  const { origin, uid, virsh } = recording;
  const chronyHost = options.chronyHost ?? recording.chronyHost;
  expectDomains(virsh?.domains.length ?? 0);
  const tree = layTree(recording.entries);
  try {
    const { root } = tree;
    const { stateDirectories, ...rest } = recording;
    const states = stateDirectories && [...new Set(stateDirectories)].slice(0, MOST_STATE_DIRECTORIES);
    const { sources, domains, ...found } = await recordedDomains(
      { ...rest, ...(states && { stateDirectories: states }) },
      root,
    );
    const host = recording.hostMissing
      ? null
      : await gatherHost({
          ...{ root, machine: recording, recorded: answers(recording) },
          ...{
            nowSeconds: recording.recordedAtSeconds,
            deadlineSeconds: recording.deadlineSeconds ?? options.timeout,
          },
          ...(uid !== null && { uid }),
          ...(chronyHost !== undefined && { chronyHost }),
        });
    const { capabilities, qemuVersion: version } = virsh ?? {};
    const ofHypervisor = () => {
      const facts = hypervisorFacts(domains, source, answered, root, unanswered);
      return { ...facts, zoneinfo: withoutUnseenZones(facts.zoneinfo, recording.entries) };
    };
    const answered = { ...(capabilities && { capabilities }), ...(version && { version }) };
    const source = sources.find(({ kind }) => kind === 'libvirt') ?? null;
    // Where no domain is known of, there may be no hypervisor, and who leaves them out asks nothing of it.
    const unanswered = domains.length > 0 && options.domains !== false ? noVirsh(recording) : undefined;
    return {
      schemaVersion: '1.0',
      toolVersion: toolVersion(),
      collectedAt: new Date(recording.recordedAtSeconds * 1000).toISOString(),
      hostname: recording.hostname,
      sources,
      host: host && {
        ...hostAsRecorded(host, root),
        ptpClocks: withoutDevices(host.ptpClocks),
        ...ofHypervisor(),
        ...recording.unrecorded,
      },
      hostNote: host
        ? `recorded from ${origin}`
        : `the recording of ${origin} broke off before the host was whole`,
      domains: domains.map((domain) => domainAsRecorded(domain, root)),
      // Nobody who leaves the domains out misses them.
      problems: [...recording.problems, ...(options.domains === false ? [] : found.problems)],
      notes: [...recording.notes, ...(options.domains === false ? [] : found.notes)],
    };
  } finally {
    // A signal that came while files were laid is only noticed now, and as long as the tree is there.
    await turn();
    tree.remove();
  }
}

function noVirsh({ virshMissing }: Recording): Unknown {
  const reason = `virsh did not answer where this was recorded: ${virshMissing || 'there is none'}`;
  return unknown('virsh', 'not-recorded', reason);
}

/** Devices are not recorded: that they are not below the root says nothing of the machine. */
function withoutDevices(fact: HostFacts['ptpClocks']): HostFacts['ptpClocks'] {
  if (!fact.known) return fact;
  const offsetMissing = 'a clock of a recorded host cannot be asked';
  return known(
    fact.value.map((clock) => ({ ...clock, capabilities: null, offset: null, offsetMissing })),
    fact.source,
  );
}

/** What a command said there; the arguments are part of the question. */
function answers({ runs }: Recording): RecordedCommand {
  return (name, args) => runs.get([name, ...args].join(' ')) ?? { end: 'not-recorded' };
}
