import type { Reference } from './check.js';

export const TIME_KEEPING: Reference = {
  title: 'libvirt: Time keeping',
  url: 'https://libvirt.org/formatdomain.html#time-keeping',
};
export const HYPERVISOR_FEATURES: Reference = {
  title: 'libvirt: Hypervisor features',
  url: 'https://libvirt.org/formatdomain.html#hypervisor-features',
};
export const HYPERV_ENLIGHTENMENTS: Reference = {
  title: 'QEMU: Hyper-V enlightenments',
  url: 'https://www.qemu.org/docs/master/system/i386/hyperv.html',
};
