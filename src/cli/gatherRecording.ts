import type { RecordedCommand } from '../commands/command.js';
import type { Facts } from '../facts/facts.js';
import { recordedDomains } from '../recording/recordedDomains.js';
import { layTree } from '../recording/recordedTree.js';
import type { Recording } from '../recording/recording.js';
import { gatherHost } from './gatherHost.js';
import { hypervisorFacts } from './hypervisorFacts.js';
import type { SourceOptions } from './options.js';
import { toolVersion } from './version.js';

/** Reads a recorded machine with the very readers that read this one. */
export async function gatherRecording(recording: Recording, options: SourceOptions): Promise<Facts> {
  const { origin, uid, virsh } = recording;
  const tree = layTree(recording.entries);
  try {
    const { root } = tree;
    const { sources, domains } = recordedDomains(recording);
    const host = await gatherHost({
      ...{ root, machine: recording, recorded: answers(recording) },
      ...{ nowSeconds: recording.recordedAtSeconds, deadlineSeconds: options.timeout },
      ...(uid !== null && { uid }),
      ...(options.chronyHost !== undefined && { chronyHost: options.chronyHost }),
    });
    const { capabilities, qemuVersion: version } = virsh ?? {};
    const answered = { ...(capabilities && { capabilities }), ...(version && { version }) };
    const source = sources.find(({ kind }) => kind === 'libvirt') ?? null;
    return {
      schemaVersion: '1.0',
      toolVersion: toolVersion(),
      collectedAt: new Date(recording.recordedAtSeconds * 1000).toISOString(),
      hostname: recording.hostname,
      sources,
      host: { ...host, ...hypervisorFacts(domains, source, answered, root) },
      hostNote: `recorded from ${origin}`,
      domains,
      problems: recording.problems,
      notes: recording.notes,
    };
  } finally {
    tree.remove();
  }
}

/** What a command said there; the arguments are part of the question. */
function answers({ runs }: Recording): RecordedCommand {
  return (name, args) => runs.get([name, ...args].join(' ')) ?? { end: 'not-recorded' };
}
