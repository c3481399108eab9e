import type { Proof } from '../facts/kvmProbe.js';
import type { SystemCalls } from '../kernel/systemCalls.js';
import {
  ARM_CODE_ADDRESS,
  ARM_COUNTERS,
  ARM_FEATURES_CALL,
  ARM_MEMORY_BASE,
  ARM_MEMORY_BYTES,
  ARM_PC,
  ARM_PTP_CALL,
  ARM_UNMAPPED_ADDRESS,
  ARM_VENDOR_SERVICES,
  armRegister,
  armServiceNames,
  readArmPairing,
  withPsci,
  writeArmCode,
} from './armGuest.js';
import { KvmFailure } from './kvmFailure.js';
import { CAPABILITY } from './kvmIoctls.js';
import { ARM_REFUSALS, type PairingAttempt, type PairingVerdict, pairingVerdict } from './pairingVerdict.js';
import type { Run } from './vcpuRun.js';
import { type Kvm, type VirtualMachine, withKvm } from './virtualMachine.js';
import type { Measured } from './x86Probe.js';

const ATTEMPTS = 3;

/** A vCPU with its registers. */
interface Guest {
  readonly kvm: Kvm;
  readonly machine: VirtualMachine;
  readonly register: (id: bigint) => bigint;
  readonly setRegister: (id: bigint, value: bigint) => void;
}

/**
 * Asks the KVM of a 64-bit ARM host for its clock pairing call, and makes it from a guest, for both counters.
 * @param boundSeconds - how long any run of the guest may take
 * @throws KvmFailure when the experiment cannot be made
 */
export function probeArm(path: string, calls: SystemCalls, boundSeconds: number): Measured {
  return withKvm(path, calls, (kvm) => {
    const { request, device } = kvm;
    const apiVersion = request('GET_API_VERSION', device);
    const knowsCall = request('CHECK_EXTENSION', device, CAPABILITY.PTP_KVM) > 0;
    const vm = kvm.createVm();
    const machine = kvm.populate(vm, ARM_MEMORY_BASE, ARM_MEMORY_BYTES);
    const init = Buffer.alloc(32);
    request('ARM_PREFERRED_TARGET', vm, init);
    request('ARM_VCPU_INIT', machine.vcpu, withPsci(init));
    writeArmCode(machine.memory);
    const value = calls.koffi.alloc('uint64_t', 1);
    try {
      const guest = guestOf(kvm, machine, value);
      const services = knowsCall ? servicesOf(guest, boundSeconds) : [];
      const byVirtual = tryPairing(guest, ARM_COUNTERS.virtual, boundSeconds);
      const byPhysical = tryPairing(guest, ARM_COUNTERS.physical, boundSeconds);
      return {
        capabilities: {
          apiVersion,
          clockFlags: [],
          tscScaling: false,
          tscHz: null,
          paravirtualFeatures: services,
          invariantTsc: false,
          hypervTime: false,
        },
        stableKvmclock: null,
        clockPairing: bothCounters(byVirtual.proof, byPhysical.proof),
        measurements: {
          clockFlags: null,
          pvclockFlags: null,
          hypercall: byVirtual.hypercall,
          bracketSeconds: byVirtual.bracketSeconds,
        },
      };
    } finally {
      calls.koffi.free(value);
    }
  });
}

/** Guests may use either counter: what holds for both is proven, and what one is refused is refused. */
export function bothCounters(byVirtual: Proof, byPhysical: Proof): Proof {
  if (byVirtual.verdict === byPhysical.verdict) return byVirtual;
  const worse = [byVirtual, byPhysical].find(({ verdict }) => verdict === 'refused');
  const { verdict, because } = worse ?? (byVirtual.verdict === 'proven' ? byPhysical : byVirtual);
  const counter = because === byVirtual.because ? 'virtual' : 'physical';
  return { verdict, because: `with the ${counter} counter, ${because}` };
}

/** A register is told by its number and an address: `struct kvm_one_reg`. */
function guestOf(kvm: Kvm, machine: VirtualMachine, value: unknown): Guest {
  const { koffi } = kvm.calls;
  const oneRegister = (id: bigint) => {
    const buffer = Buffer.alloc(16);
    buffer.writeBigUInt64LE(id, 0);
    buffer.writeBigUInt64LE(koffi.address(value), 8);
    return buffer;
  };
  return {
    kvm,
    machine,
    register(id) {
      kvm.request('GET_ONE_REG', machine.vcpu, oneRegister(id));
      return BigInt(koffi.decode(value, 'uint64_t'));
    },
    setRegister(id, to) {
      koffi.encode(value, 'uint64_t', to);
      kvm.request('SET_ONE_REG', machine.vcpu, oneRegister(id));
    },
  };
}

/** By the bitmap register, and by the call where a kernel before 6.0 has no such register. */
function servicesOf(guest: Guest, boundSeconds: number): string[] {
  try {
    return armServiceNames(guest.register(ARM_VENDOR_SERVICES));
  } catch (error) {
    if (!(error instanceof KvmFailure)) throw error;
  }
  const { exit } = call(guest, ARM_FEATURES_CALL, 0n, boundSeconds);
  if (exit !== 'MMIO') return [];
  const bitmap = BigInt.asUintN(32, guest.register(armRegister(0)));
  guest.machine.complete();
  return bitmap === 0xffffffffn ? [] : armServiceNames(bitmap);
}

function tryPairing(guest: Guest, counter: bigint, boundSeconds: number): PairingVerdict {
  for (let attempt = 1; ; attempt++) {
    const outcome = attemptPairing(guest, counter, boundSeconds);
    const verdict = pairingVerdict(outcome, ARM_REFUSALS);
    const { proof } = verdict;
    if (proof.verdict !== 'inconclusive' || !outcome.answered || attempt === ATTEMPTS) return verdict;
  }
}

function attemptPairing(guest: Guest, counter: bigint, boundSeconds: number): PairingAttempt {
  const { exit, startNanoseconds, endNanoseconds } = call(guest, ARM_PTP_CALL, counter, boundSeconds);
  if (exit !== 'MMIO') {
    const how = exit === 'interrupted' ? 'the guest did not get past it' : `the guest ended with ${exit}`;
    return { answered: false, how };
  }
  const answer = readArmPairing(guest.register(armRegister(0)), guest.register(armRegister(1)));
  guest.machine.complete();
  return { answered: true, ...answer, startNanoseconds, endNanoseconds };
}

/**
 * Makes one call. The store behind it must be completed before registers are set again: the kernel moves on by one
 * instruction at the next KVM_RUN, which would then skip the call and leave its own number in X0 for an answer.
 */
function call(
  { machine, setRegister }: Guest,
  functionId: bigint,
  argument: bigint,
  boundSeconds: number,
): Run {
  setRegister(armRegister(0), functionId);
  setRegister(armRegister(1), argument);
  setRegister(armRegister(9), ARM_UNMAPPED_ADDRESS);
  setRegister(ARM_PC, ARM_CODE_ADDRESS);
  return machine.run(boundSeconds);
}
