import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { noteSequel, writeBackup } from '../../apply/backup.js';
import { type ChangeOrder, makeChange, type PreparedChange, prepareChange } from '../../apply/change.js';
import type { DefinitionChange } from '../../apply/definitionChange.js';
import { makeDirectories } from '../../apply/directories.js';
import { type Lock, LockUnavailable, takeLock } from '../../apply/lock.js';
import { FileUnusable } from '../../apply/regularFile.js';
import { defaultBackupDirectory, runtimeDirectory } from '../../apply/stateDirectory.js';
import { DefiningConnection } from '../../libvirt/definingConnection.js';
import type { DomainHandle } from '../../libvirt/domainHandle.js';
import { connectionProblem } from '../../libvirt/failures.js';
import { shellWord } from '../../remediation/forms/shellWord.js';
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
  readonly verify: (xml: string, before: string) => string | null;
  /** The backup that is put back; null where none is. */
  readonly restores: string | null;
  /** The difference that the audit alone comes to; null where there was none. */
  readonly auditedDiff: string | null;
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
  const directory = resolve(options.backupDir ?? defaultBackupDirectory(uid, process.env));
  let lock: Lock | null = null;
  let connection: DefiningConnection;
  try {
    if (!options.dryRun) {
      // Before anything is asked or written: a directory that cannot be had is no reason to leave half of it done.
      makeBackupDirectory(directory);
      lock = await takeLock(runtimeDirectory(uid), uid, options.timeout);
    }
    connection = await DefiningConnection.open(uri, options.timeout);
  } catch (error) {
    lock?.release();
    const reason =
      error instanceof LockUnavailable || error instanceof FileUnusable
        ? error.message
        : `${uri}: ${connectionProblem(uri, error).reason}`;
    return undertakings.map((undertaking) => withoutConnection(undertaking, reason, options));
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
    for (const [undertaking, change] of await changeAll(connection, uri, ready, directory, options)) {
      results.set(undertaking, change);
    }
  } else {
    for (const { undertaking, prepared } of ready) {
      const change = isConfirmed
        ? settled(undertaking, 'would-change', null)
        : settled(undertaking, 'not-tried', 'it was not confirmed');
      results.set(undertaking, { ...change, ...told(undertaking, prepared) });
    }
  }
  lock?.release();
  connection.release(handles);
  await connection.close();
  return undertakings.flatMap((it) => results.get(it) ?? []);
}

/** Who may only read sees what would be done, but for the passwords. */
function withoutConnection(
  undertaking: Undertaking,
  reason: string,
  { dryRun }: ConsentOptions,
): DefinitionChange {
  const { auditedDiff: diff, about } = undertaking;
  if (!dryRun || diff === null) return settled(undertaking, 'failed', reason);
  const unread = `the definition with its passwords was not read (${reason}), as changing it takes`;
  return {
    ...settled(undertaking, 'would-change', null),
    diff,
    mends: about.mends,
    remarks: [...about.remarks, unread],
  };
}

function makeBackupDirectory(directory: string): void {
  try {
    makeDirectories(directory, 0o700);
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new FileUnusable(
      `backups cannot be written to ${directory} (${(error as Error).message}), so nothing was done; see --backup-dir`,
    );
  }
}

async function changeAll(
  connection: DefiningConnection,
  uri: string,
  ready: readonly Prepared[],
  directory: string,
  { backupDir }: ChangingOptions,
): Promise<(readonly [Undertaking, DefinitionChange])[]> {
  const interruption = watchInterruption();
  const results: (readonly [Undertaking, DefinitionChange])[] = [];
  for (const { undertaking, prepared } of ready) {
    if (interruption.interrupted()) {
      const change = settled(undertaking, 'not-tried', 'the run was interrupted');
      results.push([undertaking, { ...change, ...told(undertaking, prepared) }]);
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
      managedSaveRemark: ({ uuid }) =>
        `a managed save image brings its own definition back at the next start; ${virsh(uri)} managedsave-remove ${uuid} discards it, and the guest's memory with it`,
    });
    const isNew = result.definition === 'new';
    const { diff, remarks, mends } = told(undertaking, prepared);
    const kept = remarks.filter((remark) => !remark.startsWith('a managed save image'));
    results.push([
      undertaking,
      {
        ...settled(undertaking, result.outcome, result.reason),
        ...result,
        changed: isNew,
        ...(isNew && { diff, mends }),
        undo: isNew && result.backup !== null ? undoCommand(result.backup, backupDir && directory) : null,
        remarks: [...(isNew ? kept : []), ...result.remarks],
      },
    ]);
  }
  interruption.stop();
  return results;
}

/** What is told of a change that is made, or would be. */
function told({ about }: Undertaking, { diff, remarks }: PreparedChange) {
  return { diff, mends: about.mends, remarks: [...remarks, ...about.remarks] };
}

function virsh(uri: string): string {
  return uri === 'qemu:///system' ? 'virsh' : `virsh -c ${shellWord(uri)}`;
}

function undoCommand(backup: string, directory: string | undefined): string {
  const where = directory === undefined ? '' : `--backup-dir ${shellWord(directory)} `;
  return `virt-clock-audit rollback ${where}${shellWord(backup)}`;
}

function settled(
  { about, order }: Undertaking,
  outcome: DefinitionChange['outcome'],
  reason: string | null,
): DefinitionChange {
  const changed = outcome === 'would-change';
  const nothing = {
    definition: 'old',
    diff: null,
    backup: null,
    undo: null,
    mends: [],
    remarks: [],
  } as const;
  return { name: about.name, uuid: order.uuid, outcome, changed, reason, ...nothing };
}

/** Shows what is to be done, and asks. */
async function mayGoOn(ready: readonly Prepared[], uri: string, { yes }: ConsentOptions): Promise<boolean> {
  if (yes || ready.length === 0) return true;
  for (const { undertaking, prepared } of ready) {
    const { name } = undertaking.about;
    const { remarks } = told(undertaking, prepared);
    writeAll(2, `${printable(`domain ${name}`)}\n`);
    writeAll(2, `${prepared.diff.split('\n').map(printable).join('\n')}\n`);
    for (const remark of remarks) writeAll(2, `note: ${printable(remark)}\n`);
  }
  const count = `${ready.length} ${plural(ready.length, 'definition')}`;
  return await confirm(`Replace ${count} in ${printable(uri)}?`);
}
