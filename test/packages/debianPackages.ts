import { appendFileSync, chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, runProcess, type ToolRun } from '../support/runTool.js';

/**
 * Makes the package as `npm run package:deb` does, of what is in dist.
 * @returns the file's path
 */
export async function packageDeb(output: string, ...args: string[]): Promise<string> {
  const script = join(projectRoot, 'scripts/packageDeb.mjs');
  return succeeded(await runProcess(process.execPath, [script, '--output', output, ...args])).stdout.trim();
}

/** The same package as a later version, with a line more in its configuration. */
export async function laterVersion(deb: string, version: string, scratch: string): Promise<string> {
  const tree = join(scratch, 'later');
  succeeded(await runProcess('dpkg-deb', ['-R', deb, tree]));
  const control = join(tree, 'DEBIAN/control');
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*/m, `Version: ${version}`));
  appendFileSync(join(tree, 'etc/virt-clock-audit.yaml'), '# of the later version\n');
  return built(tree, join(scratch, 'later.deb'));
}

/** A package that makes dpkg and the tool's own shebang take the Node of the tests for Debian's. */
export async function nodePackage(scratch: string): Promise<string> {
  const tree = join(scratch, 'nodejs');
  mkdirSync(join(tree, 'DEBIAN'), { recursive: true });
  mkdirSync(join(tree, 'usr/bin'), { recursive: true });
  chmodSync(join(tree, 'DEBIAN'), 0o755);
  symlinkSync(process.execPath, join(tree, 'usr/bin/node'));
  const lines = ['Package: nodejs', `Version: ${process.versions.node}`, 'Architecture: all'];
  const rest = ['Maintainer: nobody <nobody@example.invalid>', 'Description: the Node of the tests', ''];
  writeFileSync(join(tree, 'DEBIAN/control'), [...lines, ...rest].join('\n'));
  return built(tree, join(scratch, 'nodejs.deb'));
}

async function built(tree: string, file: string): Promise<string> {
  succeeded(await runProcess('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, file]));
  return file;
}

/** The run, if it ended with 0. */
export function succeeded(run: ToolRun): ToolRun {
  if (run.exitCode === 0) return run;
  throw new Error(`exit code ${run.exitCode}: ${run.stdout}${run.stderr}`);
}
