import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { projectRoot, runProcess, tool } from '../../support/runTool.js';
import { scratchDirectory } from '../../support/scratch.js';
import { waitUntil } from '../../support/waitUntil.js';

const GOOD = 'virt_clock_audit_run_success 1\n';

describe('an audit that a signal ends', () => {
  const scratch = scratchDirectory('ended');
  const place = (name: string) => join(scratch.path, name);
  const metrics = place('audit.prom');
  const saved = place('report.json');
  let count = 0;
  after(() => scratch.remove());
  beforeEach(() => {
    writeFileSync(metrics, GOOD);
    writeFileSync(saved, '{}');
  });

  /** Starts an audit of something that never answers, and ends it by a signal when `begun` says so. */
  async function endedBy(signal: NodeJS.Signals, args: readonly string[], begun: () => boolean) {
    const outputs = ['--format', `prometheus=${metrics}`, '--format', `json=${saved}`];
    const command = [tool, 'audit', '--no-config', ...args, ...outputs];
    const child = spawn(process.execPath, command, { stdio: 'ignore' });
    const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
      child.once('exit', (code, by) => resolve({ code, signal: by })),
    );
    await waitUntil('the audit', async () => begun());
    const startedAt = performance.now();
    child.kill(signal);
    expect(await ended).to.deep.equal({ code: null, signal });
    expect(performance.now() - startedAt).to.be.below(3000);
  }

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    it(`leaves the metrics of a run that failed, and the last report: ${signal}`, async () => {
      const state = place(`${signal}.json`);
      const asked = await silentDaemon();
      await endedBy(signal, ['--connect', asked.uri, '--no-host', '--state', state], () => asked.is());
      await asked.end();
      expect(readFileSync(metrics, 'utf8')).to.match(/^virt_clock_audit_run_success 0$/m);
      expect(readFileSync(saved, 'utf8')).to.equal('{}');
      expect(existsSync(state)).to.equal(false);
    });
  }

  it('does so over ssh as well, and takes ssh along', async () => {
    const bin = place('bin');
    const pid = place('pid');
    mkdirSync(bin);
    writeFileSync(
      join(bin, 'ssh'),
      `#!/bin/sh\n[ "$1" = -V ] && exit 0\necho $$ >${pid}.new\nmv ${pid}.new ${pid}\nexec sleep 60\n`,
    );
    chmodSync(join(bin, 'ssh'), 0o755);
    const path = process.env.PATH;
    process.env.PATH = `${bin}:${path}`;
    try {
      await endedBy('SIGTERM', ['--ssh', 'compute7'], () => existsSync(pid));
    } finally {
      process.env.PATH = path;
    }
    expect(readFileSync(metrics, 'utf8')).to.match(/^virt_clock_audit_run_success 0$/m);
    const leader = readFileSync(pid, 'utf8').trim();
    await waitUntil('the end of ssh', async () => !isAlive(leader));
  });

  it('touches nothing while it only waits for its turn', async () => {
    const state = place('waiting.json');
    const lock = `${state}.lock`;
    const args = ['--domxml', place('none.xml'), '--state', state, '--jitter', '3600'];
    await endedBy('SIGTERM', args, () => existsSync(lock) && readFileSync(lock, 'utf8') !== '');
    expect(readFileSync(metrics, 'utf8')).to.equal(GOOD);
  });

  it('leaves the same after a crash', async () => {
    const script = place('crash.mjs');
    const asked = await silentDaemon();
    writeFileSync(
      script,
      [
        `const { crash, main } = await import('${join(projectRoot, 'dist/cli/entry.js')}');`,
        `process.on('uncaughtException', crash);`,
        `setTimeout(() => { throw new Error('nobody expected this'); }, 3000);`,
        `await main(process.argv.slice(2));`,
      ].join('\n'),
    );
    const { exitCode, stdout, stderr } = await runProcess(process.execPath, [
      ...[script, '--no-config', '--connect', asked.uri, '--no-host', '--timeout', '60'],
      ...['--format', `prometheus=${metrics}`, '--format', `json=${saved}`],
    ]);
    await asked.end();
    expect(exitCode).to.equal(3);
    expect(stderr).to.match(/^virt-clock-audit: internal error: Error: nobody expected this\n/);
    expect(readFileSync(metrics, 'utf8')).to.match(/^virt_clock_audit_run_success 0$/m);
    expect(readFileSync(saved, 'utf8')).to.equal('{}');
    expect(stdout).to.equal('');
  });

  it('has a line for a monitoring system after a crash, and never a second one', async () => {
    const script = place('crashLater.mjs');
    writeFileSync(
      script,
      [
        `const { crash, main } = await import('${join(projectRoot, 'dist/cli/entry.js')}');`,
        `const [when, ...args] = process.argv.slice(2);`,
        `const run = main(args);`,
        // Half way: it waits for the daemon.
        `if (when === 'meanwhile') {`,
        `  while (!process.getActiveResourcesInfo().includes('Timeout')) await new Promise(setImmediate);`,
        `} else await run;`,
        `crash(new Error('nobody expected this'));`,
      ].join('\n'),
    );
    const asked = await silentDaemon();
    const line = (reason: string) => new RegExp(`^VIRT-CLOCK-AUDIT UNKNOWN - ${reason}.*\n$`);
    const nagios = ['--no-config', '--no-host', '--format', 'nagios'];
    for (const [when, source, reason] of [
      [
        'meanwhile',
        ['--connect', asked.uri, '--timeout', '40'],
        'internal error: Error: nobody expected this',
      ],
      ['later', ['--from', place('none.json')], `${place('none.json')} does not exist`.slice(0, 30)],
    ] as const) {
      const { exitCode, stdout } = await runProcess(process.execPath, [script, when, ...nagios, ...source]);
      expect(exitCode).to.equal(3);
      expect(stdout).to.match(line(reason));
    }
    await asked.end();
    const result = ['--domxml', join(projectRoot, 'test/fixtures/domxml/rtc-track-guest.xml')];
    const { stdout } = await runProcess(process.execPath, [script, 'later', ...nagios, ...result]);
    expect(stdout).to.match(/^VIRT-CLOCK-AUDIT [A-Z]+ - .*'domains'=1;.*\n$/);
  });

  /** A libvirtd that takes connections and never says anything. */
  async function silentDaemon() {
    const socket = place(`silent-${count++}`);
    const connections: Socket[] = [];
    const server = createServer((connection) => connections.push(connection.on('error', () => undefined)));
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    return {
      uri: `qemu+unix:///system?socket=${socket}`,
      is: () => connections.length > 0,
      async end() {
        for (const connection of connections) connection.destroy();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }
});

/** Where nobody waits for the children of those that have ended, they stay as zombies. */
function isAlive(pid: string): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
