import { writeSync } from 'node:fs';
import { systemCalls } from '../kernel/systemCalls.js';
import { probeArm } from './armProbe.js';
import { KvmFailure } from './kvmFailure.js';
import { probeX86 } from './x86Probe.js';

// A program of its own: what it does may hang or die without the audit. It takes the device and the bound of a run
// in seconds, and writes one line of JSON: the probe, or why there is none.

/** A guest that runs a handful of instructions is done within microseconds. */
const DEFAULT_BOUND_SECONDS = 0.1;

function answer(): object {
  const [path = '/dev/kvm', bound] = process.argv.slice(2);
  const boundSeconds = bound === undefined ? DEFAULT_BOUND_SECONDS : Number(bound);
  const probe = { x64: probeX86, arm64: probeArm }[process.arch as string];
  if (!probe) return { code: 'kvm-other-architecture', reason: `no probe is known for ${process.arch}` };
  try {
    const calls = systemCalls();
    const startedAt = performance.now();
    const { measurements, ...rest } = probe(path, calls, boundSeconds);
    const tookSeconds = Math.round(performance.now() * 1000 - startedAt * 1000) / 1e6;
    return { probe: { ...rest, measurements: { ...measurements, tookSeconds } } };
  } catch (error) {
    if (error instanceof KvmFailure) return { code: error.code, reason: error.message };
    const [message] = (error as Error).message.split('\n');
    return { code: 'kvm-probe-failed', reason: `the probe failed: ${message}` };
  }
}

writeSync(1, `${JSON.stringify(answer())}\n`);
