import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { projectRoot, runProcess } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

describe('a checkout that nothing was installed in', () => {
  let scratch: ScratchDirectory;

  before(() => {
    scratch = scratchDirectory('not built');
    for (const name of ['bin', 'scripts']) {
      mkdirSync(join(scratch.path, name));
      cpSync(join(projectRoot, name), join(scratch.path, name), { recursive: true });
    }
    writeFileSync(join(scratch.path, 'package.json'), '{"type":"module"}');
  });
  after(() => scratch.remove());

  it('says what to run before the command can be', async () => {
    const command = join(scratch.path, 'bin/virt-clock-audit.js');
    expect(await runProcess(process.execPath, [command])).to.deep.include({
      exitCode: 3,
      stdout: '',
      stderr: `virt-clock-audit: cannot start: it is not built, or packages are missing: run npm ci && npm run build in ${scratch.path}/\n`,
    });
  });

  it('says what to run before it can be built', async () => {
    const run = await runProcess(process.execPath, [join(scratch.path, 'scripts/build.mjs')]);
    expect(run).to.deep.include({
      exitCode: 1,
      stdout: '',
      stderr: 'the packages to build with are not installed: run npm ci first\n',
    });
  });
});
