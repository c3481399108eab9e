import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { killGroup } from '../commands/processGroup.js';

/** How a run of virt-xml-validate ended. */
export type ValidatorRun =
  | { readonly end: 'answered'; readonly exitCode: number; readonly output: string }
  | { readonly end: 'failed'; readonly because: string };

/** cron's PATH is short. */
const USUAL_PLACES = ['/usr/bin', '/usr/sbin', '/bin', '/sbin', '/usr/local/bin'];
/** A few lines are expected; a definition in which everything is wrong gets one or two for each element. */
const MAX_OUTPUT_BYTES = 256 * 1024;

/** Finds virt-xml-validate without running anything. */
export function findValidator(path = process.env.PATH ?? ''): string | null {
  for (const directory of [...path.split(delimiter).filter((it) => it.startsWith('/')), ...USUAL_PLACES]) {
    const candidate = join(directory, 'virt-xml-validate');
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Look in the next place.
    }
  }
  return null;
}

/**
 * Has a text compared with the schema of domains. The program is a shell script around xmllint that takes a file: it gets
 * one that has no name any more, as its standard input, so that passwords stay nowhere even when it has to be killed.
 * @param deadlineSeconds - the longest wait for the answer
 * @see virt-xml-validate(1), xmllint(1)
 */
export function runValidator(program: string, xml: string, deadlineSeconds: number): Promise<ValidatorRun> {
  let input: number;
  try {
    input = namelessFile(xml);
  } catch (error) {
    const because = `a temporary file cannot be written: ${(error as Error).message}`;
    return Promise.resolve({ end: 'failed', because });
  }
  return new Promise((resolve) => {
    const child = spawn(program, ['/dev/stdin', 'domain'], {
      stdio: [input, 'pipe', 'pipe'],
      env: { LC_ALL: 'C', PATH: USUAL_PLACES.join(delimiter) },
      // A group of its own, so that xmllint ends together with the script.
      detached: true,
    });
    closeSync(input);
    const chunks: Buffer[] = [];
    let bytes = 0;
    let ended: string | null = null;
    const end = (because: string) => {
      ended ??= because;
      if (child.pid !== undefined) killGroup(child.pid);
      child.stdout?.destroy();
      child.stderr?.destroy();
    };
    const timer = setTimeout(
      () => end(`it did not answer within ${deadlineSeconds} s`),
      deadlineSeconds * 1000,
    );
    const keep = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_OUTPUT_BYTES) end('it says more than anybody would read');
      else chunks.push(chunk);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ end: 'failed', because: `it cannot be run: ${error.message}` });
    });
    child.on('close', (exitCode, signal) => {
      clearTimeout(timer);
      if (ended !== null) resolve({ end: 'failed', because: ended });
      else if (exitCode === null) resolve({ end: 'failed', because: `${signal} ended it` });
      else resolve({ end: 'answered', exitCode, output: Buffer.concat(chunks).toString() });
    });
  });
}

function namelessFile(text: string): number {
  const directory = mkdtempSync(join(tmpdir(), 'virt-clock-audit-'));
  try {
    const descriptor = openSync(join(directory, 'domain.xml'), 'wx+', 0o600);
    try {
      writeFileSync(descriptor, text);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    return descriptor;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
