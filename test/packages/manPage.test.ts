import { join } from 'node:path';
import { expect } from 'chai';
import { makeProgram } from '../../src/cli/program.js';
import { requireCommand } from '../support/requirement.js';
import { projectRoot, runProcess, runTool } from '../support/runTool.js';

const page = join(projectRoot, 'man/virt-clock-audit.1');

/** A character, a backspace and the character again is bold. */
const BOLD = new RegExp(`.${String.fromCharCode(8)}`, 'g');

describe('the man page', () => {
  it('satisfies mandoc', async function () {
    requireCommand(this, 'mandoc');
    const { stdout, stderr, exitCode } = await runProcess('mandoc', ['-T', 'lint', '-W', 'warning', page]);
    expect(stdout + stderr).to.equal('');
    expect(exitCode).to.equal(0);
  });

  it('shows each command with its options', async function () {
    requireCommand(this, 'mandoc');
    const { stdout } = await runProcess('mandoc', ['-T', 'utf8', page]);
    const text = stdout.replaceAll(BOLD, '');
    for (const command of makeProgram(() => undefined).commands) {
      expect(text).to.match(new RegExp(`^   ${command.name()}( |$)`, 'm'));
      for (const { long } of command.options) expect(text).to.include(long);
    }
  });
});

describe('--help', () => {
  for (const name of ['', ...makeProgram(() => undefined).commands.map((command) => command.name())]) {
    it(`fits 80 columns: ${name || 'without a command'}`, async () => {
      const { stdout, exitCode } = await runTool([...(name ? [name] : []), '--help']);
      expect(exitCode).to.equal(0);
      expect(stdout).to.match(/^Usage: virt-clock-audit/);
      expect(stdout.split('\n').filter((line) => line.length > 80)).to.deep.equal([]);
    });
  }
});
