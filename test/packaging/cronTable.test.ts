import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { projectRoot, runProcess, tool } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';
import { agentChannelXml, goodClock, tinyDomainXml } from '../support/tinyDomain.js';

const table = readFileSync(join(projectRoot, 'packaging/cron.d/virt-clock-audit'), 'utf8');
const [job = '', ...others] = table.split('\n').filter((line) => /^[\d*]/.test(line));
const command = job.split(' ').slice(6).join(' ');

describe("cron's table", () => {
  const scratch = scratchDirectory('crond');
  const place = (name: string) => join(scratch.path, name);
  const definition = place('web.xml');
  after(() => scratch.remove());
  before(() => {
    for (const name of ['state', 'prom', 'none']) mkdirSync(place(name));
    writeFileSync(place('virt-clock-audit'), `#!/bin/sh\nexec ${process.execPath} ${tool} "$@"\n`, {
      mode: 0o755,
    });
  });

  const define = (track: string) => {
    const clock = goodClock(`<timer name='rtc' track='${track}'/>`);
    writeFileSync(definition, tinyDomainXml({ name: 'web', clock, type: 'kvm', devices: agentChannelXml }));
  };

  /** Runs the job as cron does, with the paths of the scratch directory and of a machine without systemd. */
  function run(systemd = place('nothing'), installed = place('virt-clock-audit')) {
    const text = command
      .replaceAll('/run/systemd/system', systemd)
      .replaceAll('/usr/bin/virt-clock-audit', installed)
      .replaceAll('/var/lib/virt-clock-audit', place('state'))
      .replaceAll('/var/lib/prometheus/node-exporter', place('prom'))
      .replace('--jitter 600', `--jitter 0.1 --no-config --domxml ${definition}`);
    const env = ['HOME=/root', 'LOGNAME=root', 'SHELL=/bin/sh', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin'];
    return runProcess('/usr/bin/env', ['-i', ...env, '/bin/sh', '-c', text]);
  }

  it('has one job, as root, that cron takes whole', () => {
    expect(others).to.deep.equal([]);
    expect(job).to.match(/^\d+ \* \* \* \* root \[ /);
    expect(job).not.to.contain('%');
    expect(table).to.match(/\n$/);
    expect(table).to.match(/^SHELL=\/bin\/sh\nPATH=\/usr\/sbin:\/usr\/bin:\/sbin:\/bin$/m);
    const paths = command.split(/[ =]/).filter((word) => word.includes('/'));
    expect(paths.every((path) => path.startsWith('/'))).to.equal(true);
  });

  it('is silent twice, prints one line when something changed, and writes both files each time', async () => {
    define('wall');
    for (const _ of [1, 2]) {
      expect(await run()).to.deep.include({ exitCode: 0, stdout: '', stderr: '' });
    }
    define('guest');
    const changed = await run();
    expect(changed).to.deep.include({ exitCode: 2, stderr: '' });
    expect(changed.stdout).to.match(/^[^\n]* 1 failure; new: failure domain\/rtc-track \(guest\) on web\n$/);
    expect(await run()).to.deep.include({ exitCode: 2, stdout: '', stderr: '' });
    expect(JSON.parse(readFileSync(place('state/report.json'), 'utf8')).summary.exitCode).to.equal(2);
    expect(readFileSync(place('prom/virt-clock-audit.prom'), 'utf8')).to.contain('virt_clock_audit_');
  });

  it('does nothing where systemd runs, and nothing after the package was removed', async () => {
    for (const done of [await run(scratch.path), await run(undefined, place('removed'))]) {
      expect(done).to.deep.include({ exitCode: 0, stdout: '', stderr: '' });
    }
  });
});
