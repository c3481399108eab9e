/** Running one program to its end, timed, with its output in files where a check can read it afterwards. */
import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * NODE_EXTRA_CA_CERTS and NODE_OPTIONS change node's start-up time, which is a good part of what is measured.
 */
export function childEnvironment() {
  const { NODE_EXTRA_CA_CERTS, NODE_OPTIONS, ...rest } = process.env;
  return rest;
}

/**
 * Output goes to files and not through pipes: then nothing of this process runs while the program does.
 * @param {{stdin?: string, directory: string, signal: AbortSignal}} options `stdin` is a file; `directory` takes
 *   the output, which the next run overwrites
 */
export async function runToEnd(command, parameters, options) {
  const stdout = join(options.directory, 'stdout');
  const stderr = join(options.directory, 'stderr');
  const files = [];
  try {
    files.push(await open(options.stdin ?? '/dev/null', 'r'));
    files.push(await open(stdout, 'w'));
    files.push(await open(stderr, 'w'));
    const startedAt = performance.now();
    const exitCode = await new Promise((resolve, reject) => {
      const child = spawn(command, parameters, {
        env: childEnvironment(),
        signal: options.signal,
        stdio: files.map((file) => file.fd),
      });
      child.once('error', reject);
      child.once('exit', resolve);
    });
    return { milliseconds: performance.now() - startedAt, exitCode, stdout, stderr };
  } finally {
    for (const file of files) await file.close();
  }
}
