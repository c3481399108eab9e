import type { KvmCapabilities, KvmProbe } from '../facts/kvmProbe.js';
import type { SystemCalls } from '../kernel/systemCalls.js';
import { clockFlagNames, paravirtualFeatureNames, pvclockFlagNames } from './kvmClockFlags.js';
import { CAPABILITY } from './kvmIoctls.js';
import { type PairingAttempt, pairingVerdict, X86_REFUSALS } from './pairingVerdict.js';
import { stableVerdict } from './stableVerdict.js';
import type { Run } from './vcpuRun.js';
import { type Kvm, type VirtualMachine, withKvm } from './virtualMachine.js';
import { cpuidBuffer, cpuidLeaves, cpuVendor } from './x86Cpuid.js';
import {
  enterProtectedMode,
  HALT,
  pairingCode,
  pvclockMsr,
  readHalted,
  readPairing,
  readPvclockFlags,
  writeCode,
  writeTables,
  X86_MEMORY_BYTES,
} from './x86Guest.js';

/** Where QEMU puts the page that Intel's CPUs need for real mode; the kernel logs a complaint without one. */
const TSS_ADDRESS = 0xfffbd000;
/** A host whose clock is stepped just then gives a time outside of the bracket, once. */
const ATTEMPTS = 3;

/** What the probe leaves to the process around it. */
export type Measured = Omit<KvmProbe, 'measurements'> & {
  readonly measurements: Omit<KvmProbe['measurements'], 'tookSeconds'>;
};

/**
 * Asks the KVM of an x86 host what it can do, and tries out in a virtual machine of its own what it does.
 * @param boundSeconds - how long any run of the guest may take
 * @throws KvmFailure when the experiment cannot be made
 */
export function probeX86(path: string, calls: SystemCalls, boundSeconds: number): Measured {
  return withKvm(path, calls, (kvm) => {
    const { request, device } = kvm;
    const apiVersion = request('GET_API_VERSION', device);
    const cpuid = cpuidBuffer();
    request('GET_SUPPORTED_CPUID', device, cpuid);
    const vm = kvm.createVm();
    const machine = kvm.populate(vm, 0n, X86_MEMORY_BYTES, () => setTssAddress(kvm, vm));
    const capabilities = capabilitiesOf(kvm, machine, apiVersion, cpuid);
    const clockFlags = clockFlagNames(masterClockFlags(kvm, vm));
    prepareGuest(kvm, machine, cpuid);
    const pvclock = pvclockFlags(kvm, machine, boundSeconds);
    const pairing = tryPairing(kvm, machine, pairingCode(cpuVendor(cpuidLeaves(cpuid))), boundSeconds);
    const { proof, hypercall, bracketSeconds } = pairing;
    return {
      capabilities,
      stableKvmclock: stableVerdict({ offered: capabilities.clockFlags, clockFlags, pvclockFlags: pvclock }),
      clockPairing: proof,
      measurements: { clockFlags, pvclockFlags: pvclock, hypercall, bracketSeconds },
    };
  });
}

function capabilitiesOf(
  { request, device }: Kvm,
  { vcpu }: VirtualMachine,
  apiVersion: number,
  cpuid: Buffer,
): KvmCapabilities {
  const extension = (capability: number) => request('CHECK_EXTENSION', device, capability);
  const leaves = cpuidLeaves(cpuid);
  return {
    apiVersion,
    clockFlags: clockFlagNames(extension(CAPABILITY.ADJUST_CLOCK)),
    tscScaling: extension(CAPABILITY.TSC_CONTROL) > 0,
    tscHz: extension(CAPABILITY.GET_TSC_KHZ) > 0 ? request('GET_TSC_KHZ', vcpu) * 1000 : null,
    paravirtualFeatures: paravirtualFeatureNames(leaves.get(0x40000001)?.eax ?? 0),
    invariantTsc: ((leaves.get(0x80000007)?.edx ?? 0) & (1 << 8)) !== 0,
    hypervTime: extension(CAPABILITY.HYPERV_TIME) > 0,
  };
}

/** Only Intel's CPUs need it, and not all of them: kernels for others may refuse. */
function setTssAddress({ request }: Kvm, vm: number): void {
  try {
    request('SET_TSS_ADDR', vm, TSS_ADDRESS);
  } catch {
    // Whether the guest runs will be seen.
  }
}

/**
 * The flags of `KVM_GET_CLOCK`. A new virtual machine has none of them: the kernel only looks at its vCPUs' TSCs when
 * one runs, or when the clock is set, which therefore is done with its own value first.
 */
function masterClockFlags({ request }: Kvm, vm: number): number {
  const data = Buffer.alloc(48);
  request('GET_CLOCK', vm, data);
  const value = data.readBigUInt64LE(0);
  data.fill(0);
  data.writeBigUInt64LE(value, 0);
  request('SET_CLOCK', vm, data);
  request('GET_CLOCK', vm, data);
  return data.readUInt32LE(8);
}

function prepareGuest({ request }: Kvm, { vcpu, memory }: VirtualMachine, cpuid: Buffer): void {
  request('SET_CPUID2', vcpu, cpuid);
  writeTables(memory);
  const sregs = Buffer.alloc(312);
  request('GET_SREGS', vcpu, sregs);
  enterProtectedMode(sregs);
  request('SET_SREGS', vcpu, sregs);
  // Not listed by a kernel without kvm-clock, which then sets none.
  request('SET_MSRS', vcpu, pvclockMsr());
}

function pvclockFlags(kvm: Kvm, machine: VirtualMachine, boundSeconds: number): string[] | null {
  execute(kvm, machine, HALT, boundSeconds);
  const flags = readPvclockFlags(machine.memory);
  return flags === null ? null : pvclockFlagNames(flags);
}

function tryPairing(kvm: Kvm, machine: VirtualMachine, code: readonly number[], boundSeconds: number) {
  for (let attempt = 1; ; attempt++) {
    const outcome = attemptPairing(kvm, machine, code, boundSeconds);
    const verdict = pairingVerdict(outcome, X86_REFUSALS);
    const { proof } = verdict;
    if (proof.verdict !== 'inconclusive' || !outcome.answered || attempt === ATTEMPTS) return verdict;
  }
}

function attemptPairing(
  kvm: Kvm,
  machine: VirtualMachine,
  code: readonly number[],
  boundSeconds: number,
): PairingAttempt {
  const { exit, startNanoseconds, endNanoseconds } = execute(kvm, machine, code, boundSeconds);
  if (exit === 'interrupted') {
    const milliseconds = Math.round(boundSeconds * 1000);
    return { answered: false, how: `the guest stood at the instruction for ${milliseconds} ms` };
  }
  if (exit !== 'HLT') return { answered: false, how: `the guest ended with ${exit}` };
  const regs = Buffer.alloc(144);
  kvm.request('GET_REGS', machine.vcpu, regs);
  const { result, exception } = readHalted(regs);
  if (exception !== null) return { answered: false, how: `the guest got exception ${exception}` };
  const timeNanoseconds = readPairing(machine.memory);
  return { answered: true, result, timeNanoseconds, startNanoseconds, endNanoseconds };
}

function execute(
  { request }: Kvm,
  { vcpu, memory, run }: VirtualMachine,
  code: readonly number[],
  boundSeconds: number,
): Run {
  request('SET_REGS', vcpu, writeCode(memory, code));
  return run(boundSeconds);
}
