import { noteSequel, writeBackup } from '../../apply/backup.js';
import { type ChangeOrder, makeChange, type PreparedChange, prepareChange } from '../../apply/change.js';
import type { DefinitionChange } from '../../apply/definitionChange.js';
import { type Lock, LockUnavailable, takeLock } from '../../apply/lock.js';
import { defaultBackupDirectory, runtimeDirectory } from '../../apply/stateDirectory.js';
import { DefiningConnection } from '../../libvirt/definingConnection.js';
import type { DomainHandle } from '../../libvirt/domainHandle.js';
import { connectionProblem } from '../../libvirt/failures.js';
import { plural } from '../../report/plural.js';
import { printable } from '../../report/printable.js';
import { writeAll } from '../output.js';
import { type ConsentOptions, confirm } from './consent.js';
import { watchInterruption } from './interruption.js';

/** One definition that is to be replaced. */
export interface Undertaking {
  /** What is to be reported, but for what comes of it. */
  readonly about: Pick<DefinitionChange, 'name' | 'mends' | 'remarks'>;
  readonly order: ChangeOrder;
  /** A safe file name for the domain. */
  readonly fileName: string;
  /** What is wrong with the definition that was read back; null for nothing. */
  readonly verify: (xml: string) => string | null;
  /** The backup that is put back; null where none is. */
  readonly restores: string | null;
}

/** How definitions are to be replaced. */
export interface ChangingOptions extends ConsentOptions {
  readonly timeout: number;
  readonly backupDir?: string;
}

type Prepared = { readonly undertaking: Undertaking; readonly prepared: PreparedChange };

/**
 * Replaces definitions, one after the other: makes sure of each, shows them, asks, and only then writes.
 * @returns what became of each, in that order
 */
export async function changeDefinitions(
  uri: string,
  undertakings: readonly Undertaking[],
  options: ChangingOptions,
): Promise<DefinitionChange[]> {
  const uid = process.getuid?.() ?? 0;
  let lock: Lock | null = null;
  let connection: DefiningConnection;
  try {
    if (!options.dryRun) lock = await takeLock(runtimeDirectory(uid, process.env), uid, options.timeout);
    connection = await DefiningConnection.open(uri, options.timeout);
  } catch (error) {
    lock?.release();
    const reason =
      error instanceof LockUnavailable ? error.message : `${uri}: ${connectionProblem(uri, error).reason}`;
    return undertakings.map((undertaking) => settled(undertaking, 'failed', reason));
  }
  const handles: DomainHandle[] = [];
  const results = new Map<Undertaking, DefinitionChange>();
  const ready: Prepared[] = [];
  for (const undertaking of undertakings) {
    const prepared = await prepareChange(connection, undertaking.order, (handle) => handles.push(handle));
    if ('after' in prepared) ready.push({ undertaking, prepared });
    else if ('refused' in prepared) {
      results.set(undertaking, settled(undertaking, 'refused', prepared.refused));
    } else results.set(undertaking, settled(undertaking, 'unchanged', prepared.unchanged));
  }
  const isConfirmed = options.dryRun || (await mayGoOn(ready, uri, options));
  if (isConfirmed && !options.dryRun) {
    const directory = options.backupDir ?? defaultBackupDirectory(uid, process.env);
    for (const [undertaking, change] of await changeAll(connection, uri, ready, directory)) {
      results.set(undertaking, change);
    }
  } else {
    for (const { undertaking, prepared } of ready) {
      const change = isConfirmed
        ? settled(undertaking, 'would-change', null)
        : settled(undertaking, 'not-tried', 'it was not confirmed');
      results.set(undertaking, { ...change, diff: prepared.diff });
    }
  }
  lock?.release();
  connection.release(handles);
  await connection.close();
  return undertakings.flatMap((it) => results.get(it) ?? []);
}

async function changeAll(
  connection: DefiningConnection,
  uri: string,
  ready: readonly Prepared[],
  directory: string,
): Promise<(readonly [Undertaking, DefinitionChange])[]> {
  const interruption = watchInterruption();
  const results: (readonly [Undertaking, DefinitionChange])[] = [];
  for (const { undertaking, prepared } of ready) {
    const { diff } = prepared;
    if (interruption.interrupted()) {
      results.push([undertaking, { ...settled(undertaking, 'not-tried', 'the run was interrupted'), diff }]);
      continue;
    }
    const result = await makeChange(connection, prepared, {
      backUp: ({ name, uuid }, xml) =>
        writeBackup(directory, undertaking.fileName, {
          uri,
          domain: name,
          uuid,
          takenAt: new Date().toISOString(),
          xml,
        }),
      noteDefined(backup, xml) {
        noteSequel(backup, 'defined', xml);
        if (undertaking.restores !== null) noteSequel(undertaking.restores, 'restored', xml);
      },
      verify: undertaking.verify,
    });
    const { about } = undertaking;
    const change = { ...settled(undertaking, result.outcome, result.reason), ...result, diff };
    results.push([
      undertaking,
      { ...change, changed: result.definition === 'new', remarks: [...about.remarks, ...result.remarks] },
    ]);
  }
  interruption.stop();
  return results;
}

function settled(
  { about, order }: Undertaking,
  outcome: DefinitionChange['outcome'],
  reason: string | null,
): DefinitionChange {
  const changed = outcome === 'would-change';
  return {
    uuid: order.uuid,
    outcome,
    changed,
    definition: 'old',
    reason,
    diff: null,
    backup: null,
    ...about,
  };
}

/** Shows what is to be done, and asks. */
async function mayGoOn(ready: readonly Prepared[], uri: string, { yes }: ConsentOptions): Promise<boolean> {
  if (yes || ready.length === 0) return true;
  for (const { undertaking, prepared } of ready) {
    const { name, remarks } = undertaking.about;
    writeAll(2, `${printable(`domain ${name}`)}\n`);
    writeAll(2, `${prepared.diff.split('\n').map(printable).join('\n')}\n`);
    for (const remark of remarks) writeAll(2, `note: ${printable(remark)}\n`);
  }
  const count = `${ready.length} ${plural(ready.length, 'definition')}`;
  return await confirm(`Replace ${count} in ${printable(uri)}?`);
}
