import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { PATCH_FORMATS } from '../../src/remediation/forms/form.js';
import { runProcess, runTool } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { agentChannelXml, tinyDomainXml } from '../support/tinyDomain.js';

const text = readFileSync(new URL('../../docs/remediation.md', import.meta.url), 'utf8');
const block = (language: string) =>
  new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(text)?.[1] ?? '';
const clock = `<clock offset='utc'>
    <timer name='rtc' tickpolicy='catchup' track='guest'/>
    <timer name='pit' tickpolicy='delay'/>
  </clock>`;

describe('docs/remediation.md', () => {
  let scratch: ScratchDirectory;

  before(() => {
    scratch = scratchDirectory('docs');
  });
  after(() => scratch?.remove());

  it('has a row for each form, and for nothing else', () => {
    const table = text.slice(text.indexOf('## The forms'), text.indexOf('```diff'));
    const rows = [...table.matchAll(/^\| `(\w[\w-]*)`/gm)].map(([, format]) => format);
    expect(rows).to.deep.equal([...PATCH_FORMATS]);
  });

  it('shows what the tool says', async () => {
    const file = join(scratch.path, 'web1.xml');
    writeFileSync(file, tinyDomainXml({ name: 'web1', clock, devices: agentChannelXml }));
    const remediate = async (format: string) => {
      const args = ['remediate', '--no-host', '--format', format, '--domxml', file];
      return (await runTool(args)).stdout;
    };
    const lines = (it: string, pattern: RegExp) => it.split('\n').filter((line) => pattern.test(line));
    const diff = await remediate('diff');
    expect(lines(block('diff'), /^[-+# ] *(?:[a-z]|<timer|<clock)/)).to.deep.equal(
      lines(diff, /^[-+# ] *(?:[a-z]|<timer|<clock)/),
    );
    expect(await remediate('rfc5261')).to.contain(block('xml'));
  });

  it('shows commands that a shell understands', async () => {
    for (const [, commands = ''] of text.matchAll(/^```sh\n(.*?)^```/gms)) {
      const { exitCode, stderr } = await runProcess('sh', ['-n'], { input: commands });
      expect({ exitCode, stderr }, commands).to.deep.equal({ exitCode: 0, stderr: '' });
    }
  });
});
