import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { noteSequel, writeBackup } from '../../apply/backup.js';
import { makeChange, type PreparedChange, prepareChange } from '../../apply/change.js';
import type { DefinitionChange } from '../../apply/definitionChange.js';
import { makeDirectories } from '../../apply/directories.js';
import { type Lock, LockUnavailable, takeLock } from '../../apply/lock.js';
import { FileUnusable } from '../../apply/regularFile.js';
import { defaultBackupDirectory, runtimeDirectory } from '../../apply/stateDirectory.js';
import { DefiningConnection } from '../../libvirt/definingConnection.js';
import type { DomainHandle } from '../../libvirt/domainHandle.js';
import { connectionProblem } from '../../libvirt/failures.js';
import { shellCommand } from '../../remediation/shellCommand.js';
import { plural } from '../../report/plural.js';
import { printable } from '../../report/printable.js';
import { writeAll } from '../descriptors.js';
import { type ConsentOptions, confirm } from './consent.js';
import { type Interruption, watchInterruption } from './interruption.js';
import {
  besidesManagedSave,
  managedSaveRemark,
  settled,
  told,
  type Undertaking,
  withoutConnection,
} from './undertaking.js';

/** How definitions are to be replaced. */
export interface ChangingOptions extends ConsentOptions {
  readonly timeout: number;
  readonly backupDir?: string;
}

/** Where the changes are made, and where the old definitions go. */
interface Site {
  readonly connection: DefiningConnection;
  readonly uri: string;
  readonly backupDirectory: string;
  /** Whether that is another place than `rollback` would take by itself. */
  readonly isNamed: boolean;
}

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
  const backupDirectory = resolve(options.backupDir ?? defaultBackupDirectory(uid, process.env));
  let lock: Lock | null = null;
  let connection: DefiningConnection;
  try {
    if (!options.dryRun) {
      // Before anything is asked or written: a directory that cannot be had is no reason to leave half of it done.
      makeBackupDirectory(backupDirectory);
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
  const site: Site = { connection, uri, backupDirectory, isNamed: options.backupDir !== undefined };
  const handles: DomainHandle[] = [];
  const results = await changeAll(site, undertakings, options, handles);
  lock?.release();
  connection.release(handles);
  await connection.close();
  return results;
}

async function changeAll(
  site: Site,
  undertakings: readonly Undertaking[],
  options: ChangingOptions,
  handles: DomainHandle[],
): Promise<DefinitionChange[]> {
  const all: { undertaking: Undertaking; prepared: Awaited<ReturnType<typeof prepareChange>> }[] = [];
  for (const undertaking of undertakings) {
    const keep = (handle: DomainHandle) => void handles.push(handle);
    all.push({ undertaking, prepared: await prepareChange(site.connection, undertaking.order, keep) });
  }
  const ready = all.flatMap(({ undertaking, prepared }) =>
    'after' in prepared ? [{ undertaking, prepared }] : [],
  );
  const isConfirmed = options.dryRun || (await mayGoOn(ready, site.uri, options));
  const interruption = options.dryRun ? null : watchInterruption();
  const results: DefinitionChange[] = [];
  for (const { undertaking, prepared } of all) {
    if ('refused' in prepared) results.push(settled(undertaking, 'refused', prepared.refused));
    else if ('unchanged' in prepared) results.push(settled(undertaking, 'unchanged', prepared.unchanged));
    else {
      const left = whyLeft(options, isConfirmed, interruption);
      results.push(
        left
          ? { ...settled(undertaking, left.outcome, left.reason), ...told(undertaking, prepared) }
          : await change(site, undertaking, prepared),
      );
    }
  }
  interruption?.stop();
  return results;
}

/** Why nothing is written for a change that is ready; null when it is to be made. */
function whyLeft(
  { dryRun }: ConsentOptions,
  isConfirmed: boolean,
  interruption: Interruption | null,
): Pick<DefinitionChange, 'outcome' | 'reason'> | null {
  if (dryRun) return { outcome: 'would-change', reason: null };
  if (!isConfirmed) return { outcome: 'not-tried', reason: 'it was not confirmed' };
  if (interruption?.interrupted()) return { outcome: 'not-tried', reason: 'the run was interrupted' };
  return null;
}

async function change(
  { connection, uri, backupDirectory, isNamed }: Site,
  undertaking: Undertaking,
  prepared: PreparedChange,
): Promise<DefinitionChange> {
  const { fileName, restores, verify } = undertaking;
  const result = await makeChange(connection, prepared, {
    backUp({ name: domain, uuid }, xml) {
      const takenAt = new Date().toISOString();
      return writeBackup(backupDirectory, fileName, { uri, domain, uuid, takenAt, xml });
    },
    noteDefined(backup, xml) {
      noteSequel(backup, 'defined', xml);
      if (restores !== null) noteSequel(restores, 'restored', xml);
    },
    verify,
    managedSaveRemark: ({ uuid }) => managedSaveRemark(uri, uuid),
  });
  const report = { ...settled(undertaking, result.outcome, result.reason), ...result };
  if (result.definition !== 'new') return report;
  const { diff, mends, remarks } = told(undertaking, prepared);
  const where = isNamed ? ['--backup-dir', backupDirectory] : [];
  const undo = result.backup && shellCommand('virt-clock-audit', 'rollback', ...where, result.backup);
  return {
    ...report,
    changed: true,
    diff,
    mends,
    undo,
    remarks: [...besidesManagedSave(remarks), ...result.remarks],
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

/** Shows what is to be done, and asks. */
async function mayGoOn(
  ready: readonly { readonly undertaking: Undertaking; readonly prepared: PreparedChange }[],
  uri: string,
  { yes }: ConsentOptions,
): Promise<boolean> {
  if (yes || ready.length === 0) return true;
  for (const { undertaking, prepared } of ready) {
    writeAll(2, `${printable(`domain ${undertaking.about.name}`)}\n`);
    writeAll(2, `${prepared.diff.split('\n').map(printable).join('\n')}\n`);
    for (const remark of told(undertaking, prepared).remarks) writeAll(2, `note: ${printable(remark)}\n`);
  }
  const count = `${ready.length} ${plural(ready.length, 'definition')}`;
  return await confirm(`Replace ${count} in ${printable(uri)}?`);
}
