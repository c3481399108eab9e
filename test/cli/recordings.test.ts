import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { Report } from '../../src/report/report.js';
import { bodied, NONCE, RECORDS, streamOf, UUIDS } from '../support/collectorStream.js';
import { searchPath } from '../support/commandPath.js';
import { auditJson, runTool, tool } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { waitUntil } from '../support/waitUntil.js';

/** A healthy host with so many files besides. */
function crowded(count: number): Buffer {
  return streamOf([...RECORDS, ...Array.from({ length: count }, (_, index) => `@present /etc/${index}\n`)]);
}

function manyDomains(count: number): string {
  const uuids = Array.from({ length: count }, (_, index) => `${UUIDS[0].slice(0, -6)}${100_000 + index}`);
  return `${NONCE}:all:${uuids.join('\n')}\n\n${NONCE}:done:`;
}

describe('a recording on the command line', function () {
  this.timeout(60_000);
  let scratch: ScratchDirectory;
  let file: string;

  before(() => {
    scratch = scratchDirectory('recordings');
    file = join(scratch.path, 'compute7.recording');
    writeFileSync(file, streamOf(RECORDS));
  });
  after(() => scratch.remove());

  it('is audited by --from, also packed and from standard input', async () => {
    const packed = `${file}.gz`;
    writeFileSync(packed, gzipSync(streamOf(RECORDS)));
    const reports = [
      await auditJson(['audit', '--from', file]),
      await auditJson(['audit', '--from', packed]),
      await auditJson(['audit', '--from', '-'], { input: streamOf(RECORDS) }),
      await auditJson(['audit', '--from', '-'], { input: gzipSync(streamOf(RECORDS)) }),
    ];
    for (const { report } of reports) {
      expect(report.domains.map(({ name }) => name)).to.deep.equal(['guest-0', 'guest-1']);
      expect(report.host?.findings.find(({ check }) => check === 'host/chrony-tracking')?.outcome).to.equal(
        'pass',
      );
    }
  });

  const auditTimed = async (input: Buffer) => {
    const startedAt = performance.now();
    const { report } = await auditJson(['audit', '--from', '-'], { input });
    return { report, seconds: (performance.now() - startedAt) / 1000 };
  };

  it('becomes facts by collect, which say the same', async () => {
    const facts = join(scratch.path, 'facts.json');
    await runTool(['collect', '--from', file, '--output', facts]);
    const [one, other] = [
      await auditJson(['audit', '--from', file]),
      await auditJson(['audit', '--from', facts]),
    ];
    expect(other.report.domains).to.deep.equal(one.report.domains);
    expect(other.report.host?.findings).to.deep.equal(one.report.host?.findings);
  });

  it('that was cut off makes the exit code 3', async () => {
    const { report, exitCode } = await auditJson(['audit', '--from', '-'], {
      input: streamOf(RECORDS.slice(0, -2), ''),
    });
    expect(exitCode).to.equal(3);
    expect(report.problems.map(({ cause }) => cause)).to.deep.equal(['recording-cut-off']);
  });

  const BAD: readonly [string, Buffer, RegExp][] = [
    [
      'holds neither',
      Buffer.from('sh: 1: not found\n'),
      /^virt-clock-audit: standard input is neither saved facts, a recording nor a sosreport$/m,
    ],
    [
      'holds more records than any host',
      crowded(100_001),
      /holds more than 100000 records, which no host has/,
    ],
    [
      'holds more lines than any host',
      Buffer.concat([streamOf(RECORDS, ''), Buffer.alloc(4_000_001, '\n')]),
      /holds more than 4000000 lines, which no host has/,
    ],
    ['holds more files than any host', crowded(20_001), /holds more than 20000 files, which no host has/],
    [
      'holds more domains than any host',
      streamOf(RECORDS.with(-2, bodied('virsh-answer', manyDomains(20_001)))),
      /holds more than 20000 domains, which no host has/,
    ],
    [
      'broke off at once',
      streamOf([], ''),
      /^virt-clock-audit: standard input broke off before it told anything/,
    ],
    [
      'is of another version',
      Buffer.from('virt-clock-audit-recording 9 base64 0123456789abcdef\n'),
      /is a recording of version 9/,
    ],
    [
      'is packed and cut off',
      gzipSync(streamOf(RECORDS)).subarray(0, 500),
      /^virt-clock-audit: standard input cannot be unpacked/,
    ],
  ];
  for (const [what, input, message] of BAD) {
    it(`that ${what} is a wrong use, in one line`, async () => {
      const { exitCode, stdout, stderr } = await runTool(['audit', '--from', '-'], { input });
      expect([exitCode, stdout]).to.deep.equal([3, '']);
      expect(stderr).to.match(message);
      expect(stderr.trimEnd().split('\n')).to.have.length(1);
    });
  }

  it('is no report', async () => {
    const { exitCode, stderr } = await runTool(['report', '--from', file]);
    expect(exitCode).to.equal(3);
    expect(stderr).to.equal(`virt-clock-audit: ${file} is a recording; audit --from reads it\n`);
  });

  it('is judged whatever paths and directories it names besides', async () => {
    const records = [
      ...RECORDS,
      `@present /x${'/a'.repeat(1900)}\n`,
      ...Array.from({ length: 3000 }, (_, index) => `@states /run/${index}\n`),
    ];
    const { report, seconds } = await auditTimed(streamOf(records));
    expect(report.problems).to.deep.equal([]);
    expect(report.domains).to.have.length(2);
    expect(seconds).to.be.below(20);
  });

  it('blames the directory for temporary files, where that is at fault', async () => {
    const { exitCode, stderr } = await runTool(['audit', '--from', file], {
      env: { TMPDIR: '/nonexistent' },
    });
    expect(exitCode).to.equal(3);
    expect(stderr).to.equal(
      `virt-clock-audit: ${file} was read, but its files cannot be laid out in the temporary directory /nonexistent: there is no such file or directory (ENOENT); name another one with TMPDIR\n`,
    );
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`leaves no file behind when ${signal} ends the audit`, async () => {
      const temporary = join(scratch.path, signal);
      mkdirSync(temporary);
      const large = join(scratch.path, 'large.recording');
      writeFileSync(large, crowded(19_000));
      const child = spawn(process.execPath, [tool, 'audit', '--from', large], {
        env: { ...process.env, TMPDIR: temporary },
        stdio: 'ignore',
      });
      const ended = once(child, 'exit');
      await waitUntil('files are laid', async () => readdirSync(temporary).length > 0, { intervalMs: 5 });
      child.kill(signal);
      expect(await ended).to.deep.equal([null, signal]);
      expect(readdirSync(temporary)).to.deep.equal([]);
    });
  }

  it('leaves no file behind when a signal comes as the directory for them is made', async () => {
    const temporary = join(scratch.path, 'as made');
    mkdirSync(temporary);
    const preload = join(scratch.path, 'signalled.mjs');
    writeFileSync(
      preload,
      `import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const { mkdtempSync } = fs;
      fs.mkdtempSync = (prefix) => {
        const made = mkdtempSync(prefix);
        process.kill(process.pid, 'SIGINT');
        return made;
      };
      syncBuiltinESMExports();`,
    );
    const child = spawn(process.execPath, ['--import', preload, tool, 'audit', '--from', file], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: 'ignore',
    });
    expect(await once(child, 'exit')).to.deep.equal([null, 'SIGINT']);
    expect(readdirSync(temporary)).to.deep.equal([]);
  });

  it('of one host takes nothing from the reports of the others', async () => {
    const ssh = join(scratch.path, 'ssh');
    const large = join(scratch.path, 'crowded.recording');
    writeFileSync(large, crowded(20_001));
    const script = `#!/bin/sh\ncat >/dev/null\ncase "$*" in *crowded*) cat '${large}' ;; *) cat '${file}' ;; esac\n`;
    writeFileSync(ssh, script, { mode: 0o755 });
    const args = ['audit', '--ssh', 'crowded', '--ssh', 'compute7', '--format', 'json'];
    const env = { PATH: `${scratch.path}:${searchPath}` };
    const both = JSON.parse((await runTool(args, { env })).stdout);
    const causes = ({ problems }: Report) => problems.map(({ cause }) => cause);
    expect(both.reports.map(causes)).to.deep.equal([['ssh-recording-unreadable'], []]);
    expect(both.reports.map(({ domains }: Report) => domains.length)).to.deep.equal([0, 2]);
    const none = JSON.parse((await runTool(args, { env: { ...env, TMPDIR: '/nonexistent' } })).stdout);
    expect(none.reports.map(causes)).to.deep.equal([
      ['ssh-recording-unreadable'],
      ['recording-not-laid-out'],
    ]);
    expect(none.reports[1].problems[0].reason).to.include('in the temporary directory /nonexistent: ');
  });

  it('is made by the script that collect --script prints', async () => {
    const { stdout, exitCode } = await runTool([
      'collect',
      '--script',
      '--connect',
      'qemu:///session',
      '--timeout',
      '3',
    ]);
    expect(exitCode).to.equal(0);
    expect(stdout).to.match(/^#!\/bin\/sh\n/);
    expect(stdout)
      .to.match(/^virt_uri='qemu:\/\/\/session'$/m)
      .and.to.match(/^deadline='3'$/m);
    const { stdout: recording } = spawnSync('sh', ['-s'], { input: stdout, maxBuffer: 1 << 28 });
    const { report } = await auditJson(['audit', '--from', '-', '--no-domains'], { input: recording });
    expect(report.host?.findings.map(({ check }) => check)).to.include('host/clocksource');
  });

  it('script goes into a file that can be run', async () => {
    const script = join(scratch.path, 'collect.sh');
    expect(await runTool(['collect', '--script', '-o', script])).to.include({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
    expect(statSync(script).mode & 0o777).to.equal(0o755);
  });

  it('script takes no option that says nothing to it', async () => {
    for (const option of [
      ['--domain', 'x'],
      ['--no-host'],
      ['--no-domains'],
      ['--from', file],
      ['--active'],
    ]) {
      const { exitCode, stderr } = await runTool(['collect', '--script', ...option]);
      expect([exitCode, stderr.split(';')[0]?.trim()], option[0]).to.deep.equal([
        3,
        'virt-clock-audit: --script goes with --connect, --chrony-host, --timeout and --output only',
      ]);
    }
  });
});
