import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Unknown } from '../../src/facts/fact.js';
import { type ProbeOptions, probeKvm } from '../../src/ptp/kvmProbe.js';
import { kvmProbe } from '../support/kvmProbes.js';
import { requireFact } from '../support/requirement.js';
import { scratchDirectory } from '../support/scratch.js';

const { path: scratch } = scratchDirectory('vca-probe');

/** A program in place of the probe's own; it is given a device that can be opened, and that it may ignore. */
function probeBy(script: string, options: Partial<ProbeOptions> = {}) {
  const file = join(scratch, `fake-${Math.random()}.cjs`);
  writeFileSync(file, script);
  return probeKvm({
    root: '/',
    architecture: 'x86_64',
    kvm: '/dev/null',
    command: [process.execPath, file],
    ...options,
  });
}

async function failure(fact: ReturnType<typeof probeKvm>): Promise<Unknown> {
  const answer = await fact;
  if (answer.known) throw new Error('a probe that could not be made is known');
  expect(answer.reason).to.match(/^[^\n]+[^.\n]$/);
  return answer;
}

const print = (value: unknown) => `process.stdout.write(${JSON.stringify(JSON.stringify(value))})`;

describe("the probe's process", () => {
  it('is believed when it answers with a probe', async () => {
    const probe = kvmProbe();
    expect(await probeBy(print({ probe }))).to.deep.equal({ known: true, value: probe, source: '/dev/null' });
  });

  const garbage: readonly [string, string][] = [
    ['nothing', ''],
    ['no JSON', `process.stdout.write('Killed')`],
    ['null', print(null)],
    ['a list', print([1])],
    ['half a probe', print({ probe: { ...kvmProbe(), clockPairing: undefined } })],
    [
      'a verdict that there is not',
      print({ probe: { ...kvmProbe(), clockPairing: { verdict: 'yes', because: '' } } }),
    ],
    [
      'half a line',
      `process.stdout.write(${JSON.stringify(JSON.stringify({ probe: kvmProbe() }).slice(0, -9))})`,
    ],
    ['a cause without a reason', print({ code: 'kvm-busy' })],
    ['text without end', `setInterval(() => process.stdout.write('x'.repeat(9999)), 1)`],
  ];
  for (const [what, script] of garbage) {
    it(`is not believed when it writes ${what}`, async () => {
      expect((await failure(probeBy(script))).cause).to.equal('kvm-probe-garbled');
    });
  }

  it('passes on why there is no probe', async () => {
    const { cause, reason } = await failure(probeBy(print({ code: 'kvm-busy', reason: 'somebody has it' })));
    expect([cause, reason]).to.deep.equal(['kvm-busy', 'somebody has it']);
  });

  it('is killed when it hangs, although it ignores all signals that can be', async () => {
    const startedAt = performance.now();
    const pid = join(scratch, 'pid');
    const script = `require('fs').writeFileSync(${JSON.stringify(pid)}, String(process.pid));
      for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => {});
      setInterval(() => {}, 1000)`;
    const { cause, reason } = await failure(probeBy(script, { deadlineSeconds: 1 }));
    expect(cause).to.equal('kvm-probe-hung');
    expect(reason).to.contain('within 1 s');
    expect(performance.now() - startedAt).to.be.within(900, 3000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const state = `/proc/${readFileSync(pid, 'utf8')}/stat`;
    expect(existsSync(state), 'still there').to.equal(false);
  });

  it('may die', async () => {
    const killed = await failure(probeBy(`process.kill(process.pid, 'SIGKILL')`));
    expect([killed.cause, killed.reason]).to.satisfy(
      ([cause, reason]: string[]) => cause === 'kvm-probe-died' && reason?.includes('SIGKILL'),
    );
    const thrown = await failure(probeBy(`throw new Error('no')`));
    expect([thrown.cause, thrown.reason.includes('exit code 1')]).to.deep.equal(['kvm-probe-died', true]);
    // An answer before a death is not to be trusted.
    const late = await failure(probeBy(`${print({ probe: kvmProbe() })}; process.exitCode = 7`));
    expect(late.cause).to.equal('kvm-probe-died');
    const absent = await failure(
      probeKvm({ root: '/', architecture: 'x86_64', kvm: '/dev/null', command: ['/nowhere/node'] }),
    );
    expect([absent.cause, absent.reason.includes('ENOENT')]).to.deep.equal(['kvm-probe-died', true]);
  });

  it("has none of the audit's environment", async () => {
    process.env.NODE_OPTIONS = '--no-warnings';
    try {
      const { reason } = await failure(
        probeBy(
          `process.stdout.write(JSON.stringify({ code: 'x', reason: Object.keys(process.env).join() + process.cwd() }))`,
        ),
      );
      expect(reason).to.equal('LC_ALL/');
    } finally {
      delete process.env.NODE_OPTIONS;
    }
  });
});

describe('the device of the probe', () => {
  const probe = (kvm: string) => failure(probeKvm({ root: '/', architecture: 'x86_64', kvm }));

  it('may be missing', async () => {
    const { cause, reason, source } = await probe(join(scratch, 'kvm'));
    expect(cause).to.equal('kvm-missing');
    expect(reason).to.contain('load the module kvm_intel or kvm_amd');
    expect(source).to.equal(join(scratch, 'kvm'));
  });

  it('may be no device, or another one', async () => {
    const file = join(scratch, 'file');
    writeFileSync(file, '');
    expect((await probe(file)).cause).to.equal('kvm-not-kvm');
    expect((await probe(scratch)).cause).to.equal('kvm-not-kvm');
    const { cause, reason } = await probe('/dev/null');
    expect(cause).to.equal('kvm-not-kvm');
    expect(reason).to.equal('/dev/null is no KVM device (KVM_GET_API_VERSION: ENOTTY)');
  });

  it('lies below the root', async () => {
    const fact = await failure(probeKvm({ root: scratch, architecture: 'aarch64' }));
    expect(fact.source).to.equal(join(scratch, 'dev/kvm'));
  });

  it('is left alone on architectures without kvm-clock and clock pairing', async () => {
    for (const architecture of ['s390x', 'ppc64le', 'riscv64', 'i686']) {
      const fact = await failure(probeKvm({ root: '/', architecture }));
      expect(fact.leftOut, architecture).to.equal(true);
    }
  });

  it('is tried out in a process of its own, from the sources as well', async function () {
    requireFact(this, existsSync('/dev/kvm') && process.getuid?.() === 0, 'no /dev/kvm for root');
    const fact = await probeKvm({ root: '/', architecture: 'x86_64', deadlineSeconds: 10 });
    if (!fact.known) throw new Error(fact.reason);
    expect(fact.value.capabilities.apiVersion).to.equal(12);
    const open = readFileSync('/proc/self/maps', 'utf8');
    expect(open, 'mapped by the audit itself').to.not.contain('kvm');
  });
});
