import { ioctlNumber } from '../kernel/systemCalls.js';

const KVMIO = 0xae;
const none = (number: number) => ioctlNumber('none', KVMIO, number);
const read = (number: number, bytes: number) => ioctlNumber('read', KVMIO, number, bytes);
const write = (number: number, bytes: number) => ioctlNumber('write', KVMIO, number, bytes);
const both = (number: number, bytes: number) => ioctlNumber('both', KVMIO, number, bytes);

/**
 * The requests of `/dev/kvm`, of a virtual machine and of a vCPU, without their `KVM_`. The bytes are those of the
 * structure that goes with each; those that end in a list count only its head.
 * @see include/uapi/linux/kvm.h in the kernel
 */
export const REQUEST = {
  GET_API_VERSION: none(0x00),
  CREATE_VM: none(0x01),
  CHECK_EXTENSION: none(0x03),
  GET_VCPU_MMAP_SIZE: none(0x04),
  GET_SUPPORTED_CPUID: both(0x05, 8),
  CREATE_VCPU: none(0x41),
  SET_USER_MEMORY_REGION: write(0x46, 32),
  SET_TSS_ADDR: none(0x47),
  SET_CLOCK: write(0x7b, 48),
  GET_CLOCK: read(0x7c, 48),
  RUN: none(0x80),
  GET_REGS: read(0x81, 144),
  SET_REGS: write(0x82, 144),
  GET_SREGS: read(0x83, 312),
  SET_SREGS: write(0x84, 312),
  SET_MSRS: write(0x89, 8),
  SET_CPUID2: write(0x90, 8),
  GET_TSC_KHZ: none(0xa3),
  GET_ONE_REG: write(0xab, 16),
  SET_ONE_REG: write(0xac, 16),
  ARM_VCPU_INIT: write(0xae, 32),
  ARM_PREFERRED_TARGET: read(0xaf, 32),
} as const;

export type RequestName = keyof typeof REQUEST;

/** `KVM_CAP_…`: what `KVM_CHECK_EXTENSION` is asked for. */
export const CAPABILITY = {
  ADJUST_CLOCK: 39,
  TSC_CONTROL: 60,
  GET_TSC_KHZ: 61,
  HYPERV_TIME: 96,
  PTP_KVM: 198,
} as const;

/** `KVM_EXIT_…`: why a vCPU came back. */
export const EXIT: Readonly<Record<number, string>> = {
  0: 'UNKNOWN',
  1: 'EXCEPTION',
  2: 'IO',
  3: 'HYPERCALL',
  5: 'HLT',
  6: 'MMIO',
  8: 'SHUTDOWN',
  9: 'FAIL_ENTRY',
  10: 'INTR',
  17: 'INTERNAL_ERROR',
  24: 'SYSTEM_EVENT',
};

/** The one version of the interface there has been since Linux 2.6.22. */
export const API_VERSION = 12;
