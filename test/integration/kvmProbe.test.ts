import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import { probeKvm } from '../../src/ptp/kvmProbe.js';
import type { ProbeReport } from '../../src/report/probeReport.js';
import { requireCommand, requireFact } from '../support/requirement.js';
import { runCommand } from '../support/runCommand.js';
import { auditJson, projectRoot, runProcess, runTool, tool, verdicts } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';

const { path: scratch } = scratchDirectory('vca-kvm');
const PROGRAM = join(projectRoot, 'dist', 'ptp', 'kvmProbeProcess.js');
const NOBODY = { uid: 65534, gid: 65534 };
const DEADLINE = ['--timeout', '20'];

async function probeJson(args: readonly string[] = [], user = {}) {
  const run = await runTool(['probe', '--format', 'json', ...DEADLINE, ...args], { user });
  expect(run.stderr).to.equal('');
  const report: ProbeReport = JSON.parse(run.stdout);
  expect(run.exitCode).to.equal(report.exitCode);
  return report;
}

function isKvmHere(): boolean {
  return process.arch === 'x64' && existsSync('/dev/kvm') && process.getuid?.() === 0;
}

describe('virt-clock-audit probe', function () {
  this.timeout(60_000);
  before(function () {
    requireFact(this, isKvmHere(), 'no /dev/kvm that root may open');
  });

  const schemaOf = (name: string) =>
    JSON.parse(readFileSync(join(projectRoot, 'schema', `${name}.schema.json`), 'utf8'));

  it('fits its schema, and proves what it can', async () => {
    const report = await probeJson();
    const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false });
    addFormats.default(ajv);
    ajv.addSchema(schemaOf('report'));
    const validate = ajv.compile(schemaOf('probe'));
    expect(validate(report), JSON.stringify(validate.errors, null, 1)).to.equal(true);
    if (!report.kvm.known) throw new Error(report.kvm.reason);
    const { stableKvmclock, clockPairing, measurements } = report.kvm.value;
    const refused = [stableKvmclock?.verdict, clockPairing.verdict].includes('refused');
    const inconclusive = [stableKvmclock?.verdict, clockPairing.verdict].includes('inconclusive');
    expect(report.exitCode).to.equal(refused ? 2 : inconclusive ? 1 : 0);
    const current = readFileSync(
      '/sys/devices/system/clocksource/clocksource0/current_clocksource',
      'utf8',
    ).trim();
    expect(stableKvmclock?.verdict).to.equal(current === 'tsc' ? 'proven' : 'refused');
    expect(measurements.pvclockFlags?.includes('tsc-stable')).to.equal(current === 'tsc');
    expect(measurements.tookSeconds).to.be.within(1e-4, 2);
  });

  it('says the same in words', async () => {
    const report = await probeJson();
    const { exitCode, stdout } = await runTool(['probe', ...DEADLINE]);
    expect(exitCode).to.equal(report.exitCode);
    if (!report.kvm.known) throw new Error(report.kvm.reason);
    const { clockPairing } = report.kvm.value;
    expect(stdout).to.contain(`ptp_kvm: ${clockPairing.verdict.toUpperCase()}: ${clockPairing.because}`);
    expect(stdout).to.match(/^ {2}clocksource +\S+; available: /m);
    expect(stdout).to.match(new RegExp(`^exit code ${exitCode}\n$`, 'm'));
  });

  it('judges the host as the audit does', async () => {
    const { kvm } = await probeJson();
    if (!kvm.known) throw new Error(kvm.reason);
    const audited = async (...args: string[]) => {
      const { report } = await auditJson(['--connect', 'test:///default', '--host', '--no-config', ...args]);
      const findings = report.host?.findings ?? [];
      return [verdicts(findings, 'host/kvm-clock'), verdicts(findings, 'host/ptp-kvm')].flat();
    };
    const [stable, pairing] = await audited();
    expect(stable).to.equal(
      { proven: 'pass stable', inconclusive: 'info inconclusive' }[
        kvm.value.stableKvmclock?.verdict as 'proven'
      ] ?? stable,
    );
    expect(pairing).to.match(
      {
        proven: /^pass answered$/,
        refused: /^warn (refused|other-clocksource)$/,
        inconclusive: /^(info by-flags|info inconclusive|warn refused|warn other-clocksource)$/,
      }[kvm.value.clockPairing.verdict],
    );
    expect(await audited('--no-probe')).to.deep.equal(['not-applicable left-out', 'not-applicable left-out']);
  });

  it('opens the device in another process only', async function () {
    requireCommand(this, 'strace');
    const log = join(scratch, 'strace');
    const args = ['-f', '-e', 'trace=openat,open', '-o', log, process.execPath, tool, 'probe', ...DEADLINE];
    await runProcess('strace', args);
    const lines = readFileSync(log, 'utf8').split('\n');
    const openers = lines.filter((line) => line.includes('"/dev/kvm"')).map((line) => line.split(' ')[0]);
    expect(openers).to.have.length(1);
    expect(openers[0]).to.not.equal(lines[0]?.split(' ')[0]);
    expect(lines.find((line) => line.includes('"/dev/kvm"'))).to.contain('O_CLOEXEC');
  });

  it('leaves nothing behind', async () => {
    const state = async () => ({
      tainted: readFileSync('/proc/sys/kernel/tainted', 'utf8'),
      log: await runCommand('dmesg', []).then(
        (text) => text.split('\n').filter((line) => /kvm|vmx|svm/i.test(line)),
        () => [],
      ),
      machines: existsSync('/sys/kernel/debug/kvm')
        ? readdirSync('/sys/kernel/debug/kvm').filter((name) => /^\d+-\d+$/.test(name))
        : [],
    });
    const before = await state();
    for (let run = 0; run < 5; run++) await probeJson();
    const after = await state();
    expect(after.tainted).to.equal(before.tainted);
    expect(after.log).to.deep.equal(before.log);
    expect(after.machines).to.deep.equal(before.machines);
  });

  it('gives everything back, fifty times in one process', async () => {
    const source = (name: string) => JSON.stringify(pathToFileURL(join(projectRoot, 'src', name)).href);
    const code = `
      import { readdirSync } from 'node:fs';
      import { systemCalls } from ${source('kernel/systemCalls.ts')};
      import { probeX86 } from ${source('ptp/x86Probe.ts')};
      const open = () => readdirSync('/proc/self/fd').length;
      const calls = systemCalls();
      const probe = () => probeX86('/dev/kvm', calls, 0.002);
      for (let run = 0; run < 20; run++) probe();
      gc();
      const [descriptors, resident] = [open(), process.memoryUsage.rss()];
      let fastest = Infinity;
      for (let run = 0; run < 50; run++) {
        const startedAt = performance.now();
        probe();
        fastest = Math.min(fastest, performance.now() - startedAt);
      }
      gc();
      console.log(JSON.stringify({
        descriptors: open() - descriptors,
        mebibytes: (process.memoryUsage.rss() - resident) / 2 ** 20,
        listeners: process.listenerCount('SIGALRM'),
        fastest,
      }));`;
    const args = ['--expose-gc', '--import', 'tsx', '--input-type=module', '--eval', code];
    const { stdout, stderr } = await runProcess(process.execPath, args, { cwd: projectRoot });
    expect(stderr).to.equal('');
    const { descriptors, mebibytes, listeners, fastest } = JSON.parse(stdout);
    expect([descriptors, listeners]).to.deep.equal([0, 0]);
    expect(mebibytes).to.be.below(8);
    // In milliseconds; where the call is never executed, a wait of 2 ms is in it.
    expect(fastest).to.be.below(10);
  });

  it('is killed while its guest spins', async function () {
    const { kvm } = await probeJson();
    const spins = kvm.known && kvm.value.measurements.hypercall.includes('stood at the instruction');
    requireFact(this, spins, 'this KVM executes the call');
    const program = join(scratch, 'patient.mjs');
    writeFileSync(
      program,
      `process.argv[3] = '60'; await import(${JSON.stringify(pathToFileURL(PROGRAM).href)});`,
    );
    const startedAt = performance.now();
    const fact = await probeKvm({
      root: '/',
      architecture: 'x86_64',
      deadlineSeconds: 3,
      command: [process.execPath, program],
    });
    expect(fact).to.include({ known: false, cause: 'kvm-probe-hung' });
    expect(performance.now() - startedAt).to.be.within(2900, 6000);
  });

  describe('with a device that it may not use', () => {
    const copies = { grouped: ['0660', 'kvm'], closed: ['0000', 'closed'], open: ['0666', 'open'] } as const;
    const path = (name: keyof typeof copies) => join(scratch, copies[name][1]);
    before(async function () {
      try {
        for (const name of Object.keys(copies) as (keyof typeof copies)[]) {
          await runCommand('mknod', ['-m', copies[name][0], path(name), 'c', '10', '232']);
        }
        await runCommand('chgrp', ['104', path('grouped')]);
      } catch (error) {
        requireFact(this, false, `no device can be made: ${(error as Error).message}`);
      }
    });

    it('tells an ordinary user which group to join', async () => {
      const { kvm, exitCode } = await probeJson(['--kvm', path('grouped')], NOBODY);
      expect(exitCode).to.equal(3);
      expect(kvm).to.include({ known: false, cause: 'kvm-denied' });
      expect(kvm)
        .to.have.property('reason')
        .that.matches(/EACCES.*: join the group .+, or run as root$/);
    });

    it('tells that mode 000 lets no group in', async () => {
      const { kvm, exitCode } = await probeJson(['--kvm', path('closed')], NOBODY);
      expect(exitCode).to.equal(3);
      expect(kvm)
        .to.have.property('reason')
        .that.matches(/mode is 000, which lets no group in/);
    });

    it('needs nothing but the device', async () => {
      const { kvm } = await probeJson(['--kvm', path('open')], NOBODY);
      if (!kvm.known) throw new Error(kvm.reason);
      expect(kvm.value.capabilities.apiVersion).to.equal(12);
    });

    it('may belong to the group alone', async () => {
      const { kvm } = await probeJson(['--kvm', path('grouped')], { uid: 65534, gid: 104 });
      expect(kvm.known).to.equal(true);
    });
  });

  it('says in one line why KVM was not tried out', async () => {
    const { exitCode, stdout, stderr } = await runTool(['probe', '--kvm', '/nowhere/kvm']);
    expect([exitCode, stderr]).to.deep.equal([3, '']);
    expect(stdout).to.match(/^KVM was not tried out: there is no \/nowhere\/kvm: load the module/m);
    const other = await runTool(['probe', '--kvm', '/dev/null', ...DEADLINE]);
    expect(other.exitCode).to.equal(3);
    expect(other.stdout).to.contain('/dev/null is no KVM device (KVM_GET_API_VERSION: ENOTTY)');
  });
});
