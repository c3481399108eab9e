import { spawnSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { RECORDS, streamOf } from '../support/collectorStream.js';
import { auditJson, runTool } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

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
    ['holds neither', Buffer.from('sh: 1: not found\n'), /^virt-clock-audit: standard input is no JSON/],
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
