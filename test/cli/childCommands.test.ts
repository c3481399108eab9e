import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { runProcess, runTool, tool } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';

const COMMANDS = [
  'chronyc',
  'ntpq',
  'busctl',
  'pmc',
  'virsh',
  'timedatectl',
  'sh',
  'env',
  'node',
  'ldconfig',
];

describe('the commands that an audit runs', () => {
  const scratch = scratchDirectory('path');
  const directory = join(scratch.path, 'bin');
  const marks = join(scratch.path, 'marks');
  after(() => scratch.remove());
  before(() => {
    for (const path of [directory, marks]) mkdirSync(path);
    for (const name of COMMANDS) {
      writeFileSync(join(directory, name), `#!/bin/sh\necho >> '${marks}/${name}'\n`, { mode: 0o755 });
    }
  });

  it('are never those that PATH leads to', async () => {
    const args = ['audit', '--host', '--no-domains', '--connect', 'test:///default', '--format', 'json'];
    const { stdout, stderr } = await runTool(args, { env: { PATH: `${directory}:/usr/bin:/bin` } });
    expect(stderr).to.equal('');
    expect(JSON.parse(stdout).host.findings).not.to.deep.equal([]);
    expect(readdirSync(marks)).to.deep.equal([]);
  });

  it('are chosen by --chronyc, in the C locale and in UTC', async () => {
    const chosen = join(scratch.path, 'chosen');
    writeFileSync(chosen, `#!/bin/sh\necho "$LC_ALL $TZ $PATH" > '${marks}/environment'\n`, { mode: 0o755 });
    await runTool(['--host', '--no-domains', '--connect', 'test:///default', '--chronyc', chosen], {
      env: { PATH: directory, LC_ALL: 'de_DE.UTF-8', TZ: 'Asia/Tokyo' },
    });
    expect(readFileSync(join(marks, 'environment'), 'utf8')).to.match(/^C UTC \/usr\/bin:\/usr\/sbin:/);
  });

  it("are found in cron's environment, with the same verdicts", async () => {
    const audit = [
      tool,
      'audit',
      '--host',
      '--no-domains',
      '--connect',
      'test:///default',
      '--format',
      'json',
    ];
    const cron = [
      '-i',
      'HOME=/root',
      'LOGNAME=root',
      'SHELL=/bin/sh',
      'PATH=/usr/bin:/bin',
      process.execPath,
    ];
    const verdicts = (text: string) =>
      JSON.parse(text).host.findings.map(({ check, code }: Record<string, string>) => `${check} ${code}`);
    const inCron = await runProcess('/usr/bin/env', [...cron, ...audit]);
    expect(inCron.stderr).to.equal('');
    expect(verdicts(inCron.stdout)).to.deep.equal(verdicts((await runTool(audit.slice(1))).stdout));
  });
});
