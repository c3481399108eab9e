import { SystemCallError } from '../kernel/systemCalls.js';
import type { RequestName } from './kvmIoctls.js';

/** The experiment could not be made. */
export class KvmFailure extends Error {
  override readonly name = 'KvmFailure';

  constructor(
    /** A stable identifier, such as `kvm-busy`. */
    readonly code: string,
    /** One sentence for an operator. */
    reason: string,
  ) {
    super(reason);
  }
}

/** What an error of KVM_CREATE_VM means to an operator. */
const NO_VM: Readonly<Record<string, readonly [code: string, meaning: string]>> = {
  EBUSY: [
    'kvm-busy',
    'another hypervisor, such as VirtualBox, has the virtualisation extensions; stop it and try again',
  ],
  ENOMEM: ['kvm-no-memory', 'the kernel has no memory for another virtual machine; free some and try again'],
  EACCES: ['kvm-refused', 'a security policy forbids it'],
  EPERM: ['kvm-refused', 'a security policy forbids it'],
};

/** Puts the failure of a request into words. Errors that are no system call's are passed on. */
export function requestFailure(request: RequestName, device: string, error: unknown): unknown {
  if (!(error instanceof SystemCallError)) return error;
  const { code } = error;
  if (request === 'GET_API_VERSION') {
    return new KvmFailure('kvm-not-kvm', `${device} is no KVM device (KVM_GET_API_VERSION: ${code})`);
  }
  if (request === 'CREATE_VM') {
    const [cause, meaning] = NO_VM[code] ?? ['kvm-ioctl-failed', "the kernel's log may tell why"];
    return new KvmFailure(cause, `KVM_CREATE_VM on ${device} failed with ${code}: ${meaning}`);
  }
  const missing = code === 'ENOTTY' || code === 'EINVAL' || code === 'ENXIO' || code === 'EOPNOTSUPP';
  const meaning = missing ? 'this kernel does not know it, or not in this form' : 'try again';
  return new KvmFailure('kvm-ioctl-failed', `KVM_${request} on ${device} failed with ${code}: ${meaning}`);
}

/** What an error of opening the device means to an operator. */
export function openFailure(device: string, code: string | undefined): KvmFailure {
  switch (code) {
    case 'ENOENT':
      return new KvmFailure(
        'kvm-missing',
        `there is no ${device}: load the module kvm_intel or kvm_amd, or there is no KVM on this machine`,
      );
    case 'ENODEV':
    case 'ENXIO':
      return new KvmFailure(
        'kvm-without-hardware',
        `${device} has no KVM behind it (${code}): the CPU has no virtualisation extensions, or the firmware switched them off`,
      );
    case 'EACCES':
    case 'EPERM':
      return new KvmFailure('kvm-denied', `${device} may not be opened (${code})`);
    default:
      return new KvmFailure('kvm-unopened', `${device} could not be opened (${code ?? 'no error code'})`);
  }
}
