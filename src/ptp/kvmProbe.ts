import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Fact, known, leftOut, unknown } from '../facts/fact.js';
import type { KvmProbe } from '../facts/kvmProbe.js';
import { KVM_PROBE } from '../facts/kvmProbeShape.js';
import { mismatch } from '../facts/shape.js';
import { kvmInaccessible } from './kvmAccess.js';
import { probeProgram } from './probeProgram.js';

/** How to try out a host's KVM. */
export interface ProbeOptions {
  /** The directory that stands for `/`. */
  readonly root: string;
  /** `uname -m` of this machine. */
  readonly architecture: string;
  /** The device; `/dev/kvm` below the root by default. */
  readonly kvm?: string;
  /** After this time the probe's process is killed. */
  readonly deadlineSeconds?: number;
  /** The program and arguments that stand for the probe's process; they are given the device. */
  readonly command?: readonly [string, ...string[]];
}

const DEADLINE_SECONDS = 2;
const MOST_BYTES = 64 * 1024;
const PROBED = new Set(['x86_64', 'aarch64']);

/**
 * Tries out what this host's KVM offers to guests: in a process of its own, which is killed when it does not answer.
 * Never throws. Where KVM is not there, not allowed or does not work, the fact is unknown with the reason.
 */
export async function probeKvm(options: ProbeOptions): Promise<Fact<KvmProbe>> {
  const { root, architecture, kvm = join(root, 'dev/kvm'), deadlineSeconds = DEADLINE_SECONDS } = options;
  if (!PROBED.has(architecture)) {
    return leftOut(kvm, `KVM on ${architecture} has neither kvm-clock nor a clock pairing call`);
  }
  const inaccessible = kvmInaccessible(kvm, root);
  if (inaccessible) return inaccessible;
  const command = options.command ?? ownCommand();
  if (!command) return unknown(kvm, 'kvm-probe-missing', "the probe's program is not installed: reinstall");
  const ending = await runProbe([...command, kvm], deadlineSeconds);
  return ending.end === 'answered' ? factOf(ending.output, kvm) : whyNot(ending, kvm, deadlineSeconds);
}

function ownCommand(): string[] | null {
  const program = probeProgram();
  return program && [process.execPath, ...program];
}

type Ending =
  | { readonly end: 'answered'; readonly output: string }
  | { readonly end: 'hung' | 'flooded' }
  | { readonly end: 'died'; readonly how: string };

/**
 * Does not wait for a killed process to be gone: one that a kernel's fault holds in a request never is.
 */
function runProbe(command: readonly string[], deadlineSeconds: number): Promise<Ending> {
  return new Promise((resolve) => {
    const [program = '', ...args] = command;
    const child = spawn(program, args, {
      cwd: '/',
      env: { LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (ending: Ending) => {
      clearTimeout(deadline);
      child.stdout.destroy();
      child.kill('SIGKILL');
      child.unref();
      resolve(ending);
    };
    const deadline = setTimeout(() => finish({ end: 'hung' }), deadlineSeconds * 1000);
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MOST_BYTES) finish({ end: 'flooded' });
    });
    child.on('error', ({ message }) => finish({ end: 'died', how: message }));
    child.on('close', (code, signal) => {
      if (code === 0) finish({ end: 'answered', output: Buffer.concat(chunks).toString() });
      else finish({ end: 'died', how: signal ? `killed by ${signal}` : `exit code ${code}` });
    });
  });
}

function whyNot(ending: Exclude<Ending, { end: 'answered' }>, kvm: string, deadlineSeconds: number) {
  switch (ending.end) {
    case 'hung': {
      const reason = `the probe of ${kvm} did not answer within ${deadlineSeconds} s and was killed; --timeout waits longer`;
      return unknown(kvm, 'kvm-probe-hung', reason);
    }
    case 'flooded':
      return unknown(kvm, 'kvm-probe-garbled', `the probe of ${kvm} wrote without end and was killed`);
    case 'died':
      return unknown(kvm, 'kvm-probe-died', `the probe of ${kvm} died: ${ending.how}; try again`);
  }
}

/** What comes from another process is looked at like what comes from a file. */
function factOf(output: string, kvm: string): Fact<KvmProbe> {
  let answer: { probe?: unknown; code?: unknown; reason?: unknown } | null;
  try {
    answer = JSON.parse(output);
  } catch {
    answer = null;
  }
  if (typeof answer?.code === 'string' && typeof answer.reason === 'string') {
    return unknown(kvm, answer.code, answer.reason);
  }
  const wrong = mismatch(answer?.probe, KVM_PROBE);
  if (wrong !== null) {
    return unknown(
      kvm,
      'kvm-probe-garbled',
      `the probe of ${kvm} wrote something else than a result: ${wrong}`,
    );
  }
  return known(answer?.probe as KvmProbe, kvm);
}
