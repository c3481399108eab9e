import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { machine } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { readVirtualisation } from '../../src/host/virtualisation.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

const CLOCKSOURCES = 'sys/devices/system/clocksource/clocksource0/available_clocksource';
const dmi = (field: string) => `sys/class/dmi/id/${field}`;
const tree = (name: string) => `proc/device-tree/${name}`;
const cpu = (flags: string) => ({
  'proc/cpuinfo': `processor\t: 0\nflags\t\t: ${flags}\n\nprocessor\t: 1\n`,
});
const guest = cpu('fpu tsc hypervisor lahf_lm');
const metal = cpu('fpu vmx constant_tsc nonstop_tsc');

type Files = Readonly<Record<string, string>>;

/** What is there, and what it makes of the machine. */
const X86: readonly (readonly [string, Files, string | null])[] = [
  ['a machine without the flag', metal, null],
  ['a server of Dell', { ...metal, [dmi('sys_vendor')]: 'Dell Inc.\n' }, null],
  ['a server of Oracle', { ...metal, [dmi('sys_vendor')]: 'Oracle Corporation\n' }, null],
  [
    'a metal instance of EC2',
    { ...metal, [dmi('sys_vendor')]: 'Amazon EC2\n', [dmi('product_name')]: 'm5.metal\n' },
    null,
  ],
  ['EC2 without the flag', { ...metal, [dmi('sys_vendor')]: 'Amazon EC2\n' }, null],
  ['a guest that has the flag hidden', { ...metal, [dmi('sys_vendor')]: 'QEMU\n' }, 'qemu'],
  ['KVM by its clocksource', { ...guest, [CLOCKSOURCES]: 'tsc kvm-clock \n' }, 'kvm'],
  [
    'KVM although DMI says QEMU',
    { ...guest, [dmi('sys_vendor')]: 'QEMU\n', [CLOCKSOURCES]: 'kvm-clock tsc acpi_pm\n' },
    'kvm',
  ],
  ['QEMU without KVM', { ...guest, [dmi('sys_vendor')]: 'QEMU\n', [CLOCKSOURCES]: 'tsc acpi_pm\n' }, 'qemu'],
  ['OpenStack', { ...guest, [dmi('product_name')]: 'OpenStack Nova\n' }, 'kvm'],
  ['KubeVirt', { ...guest, [dmi('sys_vendor')]: 'KubeVirt\n' }, 'kvm'],
  [
    'EC2',
    {
      ...guest,
      [dmi('sys_vendor')]: 'Amazon EC2\n',
      [dmi('product_name')]: 'm5.large\n',
      [CLOCKSOURCES]: 'kvm-clock tsc\n',
    },
    'amazon',
  ],
  ['Google', { ...guest, [dmi('product_name')]: 'Google Compute Engine\n' }, 'google'],
  ['VMware', { ...guest, [dmi('product_name')]: 'VMware Virtual Platform\n' }, 'vmware'],
  ['VirtualBox', { ...guest, [dmi('product_name')]: 'VirtualBox\n' }, 'oracle'],
  [
    'Hyper-V by its firmware',
    { ...guest, [dmi('product_version')]: 'Hyper-V UEFI Release v4.1\n' },
    'microsoft',
  ],
  ['Hyper-V by its clocksource', { ...guest, [CLOCKSOURCES]: 'hyperv_clocksource_tsc_page\n' }, 'microsoft'],
  ['Xen', { ...guest, 'sys/hypervisor/type': 'xen\n' }, 'xen'],
  [
    "Xen's first domain",
    { ...guest, 'sys/hypervisor/type': 'xen\n', 'proc/xen/capabilities': 'control_d\n' },
    null,
  ],
  ['nothing but the flag', guest, 'other'],
];

const ARM: readonly (readonly [string, Files, string | null])[] = [
  ['a board', { [tree('compatible')]: 'raspberrypi,4-model-b\0brcm,bcm2711\0' }, null],
  ['a server with ACPI', { [dmi('sys_vendor')]: 'GIGABYTE\n' }, null],
  ['QEMU by its machine', { [tree('compatible')]: 'linux,dummy-virt\0' }, 'qemu'],
  ['QEMU by DMI', { [dmi('sys_vendor')]: 'QEMU\n', [dmi('product_name')]: 'KVM Virtual Machine\n' }, 'kvm'],
  ['KVM by the device tree', { [tree('hypervisor/compatible')]: 'linux,kvm\0' }, 'kvm'],
  ['Xen by the device tree', { [tree('hypervisor/compatible')]: 'xen,xen-4.17\0xen,xen\0' }, 'xen'],
  ['another by the device tree', { [tree('hypervisor/compatible')]: 'acme,hv\0' }, 'other'],
  ['a metal instance', { [dmi('sys_vendor')]: 'Amazon EC2', [dmi('product_name')]: 'c7g.metal\n' }, null],
  ['an instance', { [dmi('sys_vendor')]: 'Amazon EC2', [dmi('product_name')]: 'c7g.large\n' }, 'amazon'],
  [
    'POWER in a partition',
    { [tree('compatible')]: 'IBM,9009\0', [tree('ibm,partition-name')]: 'lp\0' },
    'powervm',
  ],
  ['POWER in QEMU', { [tree('compatible')]: 'qemu,pseries\0' }, 'qemu'],
];

const S390: readonly (readonly [string, Files, string | null])[] = [
  ['a partition', { 'proc/sysinfo': 'Manufacturer: IBM\nLPAR Name: A1\n' }, null],
  ['z/VM', { 'proc/sysinfo': 'VM00 Name: LNX\nVM00 Control Program: z/VM    7.2.0\n' }, 'zvm'],
  ['KVM', { 'proc/sysinfo': 'VM00 Control Program: KVM/Linux       \n' }, 'kvm'],
];

describe('whose guest this host is', () => {
  let root: ScratchDirectory;

  beforeEach(() => {
    root = scratchDirectory('root');
  });
  afterEach(() => root.remove());

  function write(files: Files): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root.path, path)), { recursive: true });
      writeFileSync(join(root.path, path), text);
    }
  }

  for (const [architecture, cases] of [
    ['x86_64', X86],
    ['aarch64', ARM],
    ['s390x', S390],
  ] as const) {
    for (const [what, files, hypervisor] of cases) {
      it(`is ${hypervisor ?? 'nobody'} for ${what} on ${architecture}`, () => {
        write(files);
        const fact = readVirtualisation(root.path, architecture);
        if (!fact.known) throw new Error(fact.reason);
        expect(fact.value?.hypervisor ?? null).to.equal(hypervisor);
        if (fact.value) expect(fact.value.evidence).to.not.equal('');
        expect(fact.source).to.not.contain(root.path);
      });
    }
  }

  it('is read once, whatever blanks are in it', function () {
    // Trying each of them for the last one takes far longer.
    this.timeout(2500);
    write({ 'proc/sysinfo': `VM00 Control Program: KVM${' '.repeat(63 * 1024)}x\n` });
    expect(readVirtualisation(root.path, 's390x')).to.have.nested.property('value.hypervisor', 'kvm');
  });

  it('names what showed it, cut short', () => {
    write({ ...guest, [dmi('product_name')]: `VMware${'x'.repeat(500)}` });
    expect(readVirtualisation(root.path, 'x86_64')).to.deep.include({
      value: { hypervisor: 'vmware', evidence: `DMI product_name 'VMware${'x'.repeat(58)}'` },
    });
  });

  it('is unknown where nothing can be read', () => {
    expect(readVirtualisation(root.path, 'x86_64')).to.deep.equal({
      known: false,
      cause: 'virtualisation-unreadable',
      reason:
        '/proc/cpuinfo cannot be read (ENOENT), so it cannot be told whether this host is a guest itself',
      source: '/proc/cpuinfo',
    });
    expect(readVirtualisation(root.path, 's390x')).to.deep.include({ cause: 'virtualisation-unreadable' });
    expect(readVirtualisation(root.path, 'aarch64')).to.deep.include({ cause: 'virtualisation-not-told' });
  });

  it('is unknown where files hold something else', () => {
    write({ 'proc/cpuinfo': 'hypervisor\n' });
    expect(readVirtualisation(root.path, 'i686')).to.deep.include({ known: false, cause: 'cpuinfo-garbled' });
    for (const text of ['', 'x', '\0\0']) {
      write({ 'proc/sysinfo': text, [tree('hypervisor/compatible')]: text === 'x' ? '\0' : text });
      for (const architecture of ['s390x', 'aarch64']) {
        const fact = readVirtualisation(root.path, architecture);
        expect(fact).to.deep.include({ known: false, cause: 'virtualisation-garbled' });
      }
    }
    rmSync(join(root.path, 'proc/device-tree'), { recursive: true });
    write({ 'proc/sysinfo': 'x'.repeat(100_000) });
    expect(readVirtualisation(root.path, 's390x')).to.deep.include({ cause: 'virtualisation-unreadable' });
    mkdirSync(join(root.path, tree('hypervisor/compatible')), { recursive: true });
    const arm = readVirtualisation(root.path, 'aarch64');
    expect(arm).to.deep.include({ known: false, cause: 'virtualisation-unreadable' });
  });

  it("takes a DMI that is out of reach for none, since the CPU's flag decides", () => {
    write(guest);
    mkdirSync(join(root.path, dmi('sys_vendor')), { recursive: true });
    expect(readVirtualisation(root.path, 'x86_64')).to.have.nested.property('value.hypervisor', 'other');
  });

  it("agrees with the CPU's flag on this machine", function () {
    if (machine() !== 'x86_64') this.skip();
    const fact = readVirtualisation('/', 'x86_64');
    if (!fact.known) throw new Error(fact.reason);
    const flagged = /^flags\s*:.*\shypervisor\b/m.test(readFileSync('/proc/cpuinfo', 'latin1'));
    expect(fact.value !== null).to.equal(flagged);
  });
});
