import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Finding } from '../../src/checks/finding.js';
import { known } from '../../src/facts/fact.js';
import { hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { hostFixesFor } from '../../src/remediation/hostFixes.js';
import { startUnsynchronised } from '../support/chronyStates.js';
import { requireCommand } from '../support/requirement.js';
import { runCommand } from '../support/runCommand.js';
import { scratchDirectory } from '../support/scratch.js';

const debian = { kernelRelease: known('6.1.0-18-amd64', 'uname -r') };
const redHat = { kernelRelease: known('5.14.0-503.el9.x86_64', 'uname -r') };

function fixes(check: string, code: string, facts = redHat) {
  const finding: Finding = {
    ...{ check, code, outcome: 'warn', title: '', observed: '', evidence: [], remedy: [] },
  };
  return hostFixesFor({ ...hostLeftOut('test'), ...facts }, [finding], DEFAULT_POLICY);
}

const ALL = ['none-usable', 'too-few', 'falseticker'].flatMap((code) => fixes('host/chrony-sources', code));

describe('the fixes for too few sources, or a wrong one', () => {
  it('are lines that chronyd takes', async function () {
    requireCommand(this, 'chronyd');
    const scratch = scratchDirectory('chrony');
    const file = join(scratch.path, 'chrony.conf');
    const added = ALL.filter((fix) => fix.file !== null);
    expect(added).to.have.length(3);
    for (const { lines } of added) {
      writeFileSync(file, `${lines.join('\n')}\n`);
      expect((await runCommand('chronyd', ['-p', '-f', file])).trim().split('\n')).to.deep.equal([...lines]);
    }
    await scratch.remove();
  });

  it('are commands that chronyc takes', async function () {
    requireCommand(this, 'chronyd', 'chronyc', 'setpriv');
    const chronyd = await startUnsynchronised();
    try {
      const commands = new Set(ALL.filter((fix) => fix.file === null).flatMap(({ lines }) => lines));
      expect(commands.size).to.be.above(3);
      for (const command of commands) {
        const [program, ...args] = command.split(' ');
        expect(program).to.equal('chronyc');
        await chronyd.chronyc(...args.filter((arg) => arg !== '-n'));
      }
      await chronyd.chronyc('nonsense').then(
        () => expect.fail('takes anything'),
        () => undefined,
      );
    } finally {
      await chronyd.stop();
    }
  });
});

describe('the fixes for a chronyd that only looks at the clock', () => {
  for (const code of ['not-steered', 'nobody-seen']) {
    it(`name the file of the distribution's package: ${code}`, () => {
      const files = (facts: typeof debian) =>
        fixes('host/chrony-control', code, facts).map(({ file }) => file);
      expect(files(debian)).to.deep.equal([null, '/etc/default/chrony']);
      expect(files(redHat)).to.deep.equal([null, '/etc/sysconfig/chronyd']);
    });
  }

  it('do not bring -x back', () => {
    for (const { file, lines } of [
      ...fixes('host/chrony-control', 'not-steered', debian),
      ...fixes('host/chrony-control', 'not-steered'),
    ])
      if (file !== null) expect(lines.join()).to.not.match(/-x/);
  });
});
