import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { DomainReport, Report, ReportedFinding } from '../../src/report/report.js';
import { searchPath } from './commandPath.js';
import { toolForEverybody } from './toolForEverybody.js';

/** The project's folder. */
export const projectRoot = join(import.meta.dirname, '..', '..');
/** The command as it is installed; it runs what `npm run build` made. */
export const tool = join(projectRoot, 'bin', 'virt-clock-audit.js');

export interface ToolOptions {
  cwd?: string;
  env?: Readonly<Record<string, string>>;
  /** What its standard input holds; nothing by default. */
  input?: string | Buffer;
  /** Another user to run as; takes a root test process. */
  user?: { uid: number; gid: number } | Record<string, never>;
  /** After this time the tool is killed, which makes `exitCode` null. In milliseconds. */
  timeoutMs?: number;
}

/** How a run of the tool ended, and what it wrote. */
export interface ToolRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/**
 * Runs the built tool in an environment of its own: no locale, no `LIBVIRT_DEFAULT_URI`, no node options.
 * The event loop goes on meanwhile, so that servers in the test process may answer it.
 */
export function runTool(args: readonly string[], options: ToolOptions = {}): Promise<ToolRun> {
  if (!existsSync(join(projectRoot, 'dist', 'cli', 'entry.js'))) throw new Error('run npm run build first');
  const path = options.user?.uid === undefined ? tool : toolForEverybody(projectRoot);
  return runProcess(process.execPath, [path, ...args], options);
}

/** Runs any command in the environment of {@link runTool}. */
export function runProcess(
  command: string,
  args: readonly string[],
  { cwd, env, input, user = {}, timeoutMs = 50_000 }: ToolOptions = {},
): Promise<ToolRun> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...user,
      ...(cwd !== undefined && { cwd }),
      env: { PATH: searchPath, LC_ALL: 'C', ...env },
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (exitCode) => {
      const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString();
      const seconds = (performance.now() - startedAt) / 1000;
      resolve({ exitCode, stdout: text(stdout), stderr: text(stderr), seconds });
    });
    // A tool that does not read its standard input may have closed it.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** A run with its report; whatever else the tool wrote fails the test. */
export async function auditJson(
  args: readonly string[],
  options: ToolOptions = {},
): Promise<ToolRun & { readonly report: Report }> {
  const run = await runTool([...args, '--format', 'json'], options);
  expect(run.stderr, 'standard error').to.equal('');
  const report: Report = JSON.parse(run.stdout);
  expect(run.exitCode, 'exit code').to.equal(report.summary.exitCode);
  return { ...run, report };
}

/** The domain of that name; there has to be exactly one. */
export function domainNamed(report: Report, name: string): DomainReport {
  const found = report.domains.filter((domain) => domain.name === name);
  const [domain] = found;
  if (!domain || found.length > 1) throw new Error(`${found.length} domains are called ${name}`);
  return domain;
}

/** What a check found out about something, as `outcome code`, one for each definition it is about. */
export function verdicts(findings: readonly ReportedFinding[], check: string): string[] {
  return findings
    .filter((finding) => finding.check === check)
    .map(({ outcome, code, definition }) => [outcome, code, definition].filter(Boolean).join(' '));
}
