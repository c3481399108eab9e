import { basename, resolve } from 'node:path';
import { type Backup, readBackup } from '../../apply/backupFile.js';
import { FileUnusable } from '../../apply/regularFile.js';
import { type ChangingOptions, changeDefinitions } from '../changing/changeDefinitions.js';
import {
  type ChangeReportOptions,
  changeReport,
  requireWritable,
  writeChanges,
} from '../changing/changeReports.js';
import { isAsked, requireConsent } from '../changing/consent.js';
import { planRollback } from '../changing/rollbackPlan.js';
import type { Ending } from '../program.js';
import { UsageError } from '../usageError.js';

type RollbackOptions = ChangingOptions &
  ChangeReportOptions & { readonly connect?: string; readonly force: boolean };

/** Puts the definition back that `apply` replaced. */
export async function rollback(file: string, parsed: RollbackOptions): Promise<Ending> {
  requireConsent(parsed);
  requireWritable(parsed.output);
  const startedAt = new Date().toISOString();
  const backup = read(file);
  const uri = parsed.connect ?? backup.record.uri;
  // The backup of what is replaced now is told from the one that is put back by its time.
  const fileName = basename(file).replace(/(-[\da-f]{8}-\d{8}T\d{6}Z-\d+)?(\.xml)?$/, '') || 'domain';
  const changes = await changeDefinitions(
    uri,
    [planRollback(resolve(file), backup, fileName, parsed.force)],
    parsed,
  );
  const report = changeReport('rollback', { startedAt, uri, dryRun: parsed.dryRun }, changes, []);
  await writeChanges(report, parsed, isAsked(parsed));
  return { exitCode: report.exitCode, audited: true };
}

function read(file: string): Backup {
  try {
    return readBackup(file);
  } catch (error) {
    if (error instanceof FileUnusable) throw new UsageError(error.message);
    throw error;
  }
}
