import { closeSync, constants, openSync } from 'node:fs';
import { MAP_ANONYMOUS, MAP_SHARED, type SystemCalls } from '../kernel/systemCalls.js';
import { openFailure, requestFailure } from './kvmFailure.js';
import { REQUEST, type RequestName } from './kvmIoctls.js';
import { enterVcpu, type Run, runVcpu } from './vcpuRun.js';

const IMMEDIATE_EXIT = 1;

/** A request to `/dev/kvm`, a virtual machine or a vCPU. */
export type Request = (name: RequestName, descriptor: number, argument?: Buffer | bigint | number) => number;

/**
 * A virtual machine of one vCPU and one stretch of memory, without an interrupt controller, so that an idle vCPU
 * comes back at once.
 */
export interface VirtualMachine {
  readonly vm: number;
  readonly vcpu: number;
  readonly memory: Buffer;
  /**
   * Runs the vCPU until it exits or the bound is over.
   */
  run(boundSeconds: number): Run;
  /** Lets the kernel complete an exit that awaits an answer, without running on. */
  complete(): void;
}

/** What is open and mapped until {@link withKvm} ends. */
export interface Kvm {
  readonly device: number;
  readonly request: Request;
  readonly calls: SystemCalls;
  /** `KVM_CREATE_VM`; the descriptor. */
  createVm(): number;
  /** Gives a virtual machine memory at that guest-physical address, and a vCPU. */
  populate(vm: number, guestPhysical: bigint, bytes: number, prepare?: () => void): VirtualMachine;
}

/**
 * Opens the device, lets the work be done and gives everything back, whatever happens. All descriptors are closed
 * on exec, and the kernel frees a virtual machine with its last descriptor.
 * @throws KvmFailure
 */
export function withKvm<T>(path: string, calls: SystemCalls, work: (kvm: Kvm) => T): T {
  const undo: (() => void)[] = [];
  const alarmed = () => undefined;
  process.on('SIGALRM', alarmed);
  undo.push(() => process.off('SIGALRM', alarmed));
  const request: Request = (name, descriptor, argument) => {
    try {
      return calls.ioctl(descriptor, REQUEST[name], argument);
    } catch (error) {
      throw requestFailure(name, path, error);
    }
  };
  const opened = (descriptor: number) => {
    undo.push(() => closeSync(descriptor));
    return descriptor;
  };
  const mapped = (bytes: number, flags: number, descriptor: number) => {
    const address = calls.mmap(bytes, flags, descriptor);
    undo.push(() => calls.munmap(address, bytes));
    return { address, view: Buffer.from(calls.koffi.view(address, bytes)) };
  };
  try {
    const device = opened(openDevice(path));
    return work({
      device,
      request,
      calls,
      createVm: () => opened(request('CREATE_VM', device, 0)),
      populate(vm, guestPhysical, bytes, prepare) {
        const memory = mapped(bytes, MAP_SHARED | MAP_ANONYMOUS, -1);
        request('SET_USER_MEMORY_REGION', vm, memoryRegion(guestPhysical, bytes, memory.address));
        prepare?.();
        const vcpu = opened(request('CREATE_VCPU', vm, 0));
        const shared = mapped(request('GET_VCPU_MMAP_SIZE', device), MAP_SHARED, vcpu).view;
        return {
          vm,
          vcpu,
          memory: memory.view,
          run: (boundSeconds) => runVcpu(calls, vcpu, shared, boundSeconds),
          complete() {
            shared.writeUInt8(1, IMMEDIATE_EXIT);
            enterVcpu(calls, vcpu);
            shared.writeUInt8(0, IMMEDIATE_EXIT);
          },
        };
      },
    });
  } finally {
    for (const step of undo.reverse()) step();
  }
}

function openDevice(path: string): number {
  try {
    return openSync(path, constants.O_RDWR);
  } catch (error) {
    throw openFailure(path, (error as NodeJS.ErrnoException).code);
  }
}

/** `struct kvm_userspace_memory_region`: slot 0, no flags. */
function memoryRegion(guestPhysical: bigint, bytes: number, address: bigint): Buffer {
  const region = Buffer.alloc(32);
  region.writeBigUInt64LE(guestPhysical, 8);
  region.writeBigUInt64LE(BigInt(bytes), 16);
  region.writeBigUInt64LE(address, 24);
  return region;
}
