import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import { readBackup } from '../../src/apply/backupFile.js';
import type { DefinitionChange } from '../../src/apply/definitionChange.js';
import type { ChangeReport } from '../../src/report/changeReport.js';
import { runTool, type ToolOptions, type ToolRun } from './runTool.js';

const ajv = new Ajv2020({ allErrors: true });
addFormats.default(ajv);
const validate = ajv.compile(
  JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'schema', 'changes.schema.json'), 'utf8')),
);

/** A run of `apply` or `rollback` with its report, which fits its schema. */
export async function changeJson(
  args: readonly string[],
  options: ToolOptions = {},
): Promise<ToolRun & { readonly report: ChangeReport }> {
  const [command = '', ...rest] = args;
  const run = await runTool([command, '--format', 'json', ...rest], options);
  if (run.stdout === '') throw new Error(`no report: ${run.stderr}`);
  const report: ChangeReport = JSON.parse(run.stdout);
  expect(validate(report), JSON.stringify(validate.errors)).to.equal(true);
  expect(run.exitCode, 'exit code').to.equal(report.exitCode);
  return { ...run, report };
}

/** What became of the only domain of a report. */
export function onlyChange({ domains }: ChangeReport): DefinitionChange {
  const [change] = domains;
  if (!change || domains.length > 1) throw new Error(`${domains.length} domains in the report`);
  return change;
}

/** The backups in a directory, each of them whole; the oldest first. */
export function backupsIn(directory: string) {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.xml'))
    .sort()
    .map((name) => ({ path: join(directory, name), ...readBackup(join(directory, name)) }));
}
