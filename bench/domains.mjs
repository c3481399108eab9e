/**
 * Domain definitions as OpenStack nova writes them: the same index gives the same text on every machine, so
 * that two runs of the benchmark, years apart, define the same domains. The timers are those that nova sets for
 * KVM; the type is `qemu`, so that no machine needs KVM to define them.
 */
import { createHash } from 'node:crypto';

const LINUX_TIMERS = `
    <timer name='pit' tickpolicy='delay'/>
    <timer name='rtc' tickpolicy='catchup'/>
    <timer name='hpet' present='no'/>`;

/** The clocks that the definitions take turns with: two that nova writes, four that somebody has had a hand in. */
const CLOCKS = [
  { os: 'linux', xml: `<clock offset='utc'>${LINUX_TIMERS}\n  </clock>` },
  {
    os: 'windows',
    xml: `<clock offset='localtime'>${LINUX_TIMERS}\n    <timer name='hypervclock' present='yes'/>\n  </clock>`,
  },
  {
    os: 'linux',
    xml: `<clock offset='utc'>${LINUX_TIMERS}\n    <timer name='kvmclock' present='no'/>\n  </clock>`,
  },
  { os: 'linux', xml: `<clock offset='utc'>\n    <timer name='rtc' track='guest'/>\n  </clock>` },
  {
    os: 'linux',
    xml: `<clock offset='variable' adjustment='3600' basis='utc'>${LINUX_TIMERS}\n  </clock>`,
  },
  { os: 'linux', xml: `<clock offset='utc'/>` },
];

const HYPERV_ENLIGHTENMENTS = `
    <hyperv mode='custom'>
      <relaxed state='on'/>
      <vapic state='on'/>
      <spinlocks state='on' retries='8191'/>
      <vpindex state='on'/>
      <runtime state='on'/>
      <synic state='on'/>
      <reset state='on'/>
      <frequencies state='on'/>
      <tlbflush state='on'/>
      <ipi state='on'/>
    </hyperv>`;

/** @returns the name that nova gives to the instance with this number */
export function novaDomainName(index) {
  return `instance-${index.toString(16).padStart(8, '0')}`;
}

/**
 * @param {number} index from 0; decides everything about the domain, its clock by `index` modulo 6
 * @returns {string} a definition that libvirt's QEMU driver accepts without KVM
 */
export function novaDomainXml(index) {
  const instance = novaInstance(index);
  return `<domain type='qemu'>
  <name>${instance.name}</name>
  <uuid>${instance.uuid}</uuid>
  <metadata>${metadata(instance)}
  </metadata>
  <memory unit='KiB'>${instance.memoryMib * 1024}</memory>
  <vcpu placement='static'>${instance.vcpus}</vcpu>
  <cputune>
    <shares>${instance.vcpus * 1024}</shares>
  </cputune>
  <sysinfo type='smbios'>
    <system>
      <entry name='manufacturer'>OpenStack Foundation</entry>
      <entry name='product'>OpenStack Nova</entry>
      <entry name='version'>32.0.0</entry>
      <entry name='serial'>${instance.uuid}</entry>
      <entry name='uuid'>${instance.uuid}</entry>
      <entry name='family'>Virtual Machine</entry>
    </system>
  </sysinfo>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <boot dev='hd'/>
    <smbios mode='sysinfo'/>
  </os>
  <features>
    <acpi/>
    <apic/>${instance.clock.os === 'windows' ? HYPERV_ENLIGHTENMENTS : ''}
    <vmcoreinfo state='on'/>
  </features>
  <cpu mode='custom' match='exact' check='partial'>
    <model fallback='allow'>Nehalem</model>
    <topology sockets='${instance.vcpus}' dies='1' cores='1' threads='1'/>
  </cpu>
  ${instance.clock.xml}
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>${rootDisk(instance)}${volume(instance)}${configDrive(instance)}
    <controller type='usb' index='0' model='qemu-xhci'/>${interfaces(instance)}
    <serial type='pty'>
      <log file='/var/lib/nova/instances/${instance.uuid}/console.log' append='off'/>
      <target type='isa-serial' port='0'/>
    </serial>
    <channel type='unix'>
      <target type='virtio' name='org.qemu.guest_agent.0'/>
    </channel>
    <input type='tablet' bus='usb'/>
    <graphics type='vnc' port='-1' autoport='yes' listen='0.0.0.0'/>
    <video>
      <model type='virtio'/>
    </video>
    <memballoon model='virtio'>
      <stats period='10'/>
    </memballoon>
    <rng model='virtio'>
      <backend model='random'>/dev/urandom</backend>
    </rng>
  </devices>
</domain>
`;
}

/** The choices behind one definition; the bytes of a digest stand in for a random generator with a seed. */
function novaInstance(index) {
  const name = novaDomainName(index);
  const draw = createHash('sha256').update(name).digest();
  const vcpus = [1, 2, 4, 8][draw[0] % 4];
  return {
    index,
    name,
    uuid: derivedUuid(name),
    derivedUuid: (part) => derivedUuid(`${name}/${part}`),
    vcpus,
    memoryMib: vcpus * 2048,
    hasVolume: draw[1] % 2 === 1,
    portCount: 1 + (draw[2] % 2),
    stage: ['prod', 'stage', 'dev'][draw[3] % 3],
    createdOn: `2025-0${1 + (draw[4] % 9)}-1${draw[5] % 10}`,
    clock: CLOCKS[index % CLOCKS.length],
  };
}

function metadata(instance) {
  return `
    <nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1">
      <nova:package version="32.0.0"/>
      <nova:name>web-${instance.stage}-${instance.index}</nova:name>
      <nova:creationTime>${instance.createdOn} 08:15:42</nova:creationTime>
      <nova:flavor name="m1.v${instance.vcpus}" id="${derivedUuid(`flavor/${instance.vcpus}`)}">
        <nova:memory>${instance.memoryMib}</nova:memory>
        <nova:disk>40</nova:disk>
        <nova:swap>0</nova:swap>
        <nova:ephemeral>0</nova:ephemeral>
        <nova:vcpus>${instance.vcpus}</nova:vcpus>
      </nova:flavor>
      <nova:image uuid="${derivedUuid(`image/${instance.clock.os}`)}">
        <nova:containerFormat>bare</nova:containerFormat>
        <nova:diskFormat>qcow2</nova:diskFormat>
        <nova:minDisk>40</nova:minDisk>
        <nova:minRam>0</nova:minRam>
        <nova:properties>
          <nova:property name="os_type">${instance.clock.os}</nova:property>
        </nova:properties>
      </nova:image>
      <nova:owner>
        <nova:user uuid="${bareUuid(instance.derivedUuid('user'))}">svc-deploy</nova:user>
        <nova:project uuid="${bareUuid(instance.derivedUuid('project'))}">tenant-${instance.index % 17}</nova:project>
      </nova:owner>
      <nova:root type="image" uuid="${derivedUuid(`image/${instance.clock.os}`)}"/>
      <nova:ports>${ports(instance)}
      </nova:ports>
    </nova:instance>`;
}

function ports(instance) {
  return repeat(
    instance.portCount,
    (port) => `
        <nova:port uuid="${instance.derivedUuid(`port/${port}`)}">
          <nova:ip type="fixed" address="10.${port}.${instance.index >> 8}.${instance.index & 255}" ipVersion="4"/>
        </nova:port>`,
  );
}

function interfaces(instance) {
  return repeat(instance.portCount, (port) => {
    const id = instance.derivedUuid(`port/${port}`);
    const mac = [0xfa, 0x16, 0x3e, (instance.index >> 8) & 255, instance.index & 255, port];
    return `
    <interface type='bridge'>
      <mac address='${mac.map((byte) => byte.toString(16).padStart(2, '0')).join(':')}'/>
      <source bridge='br-int'/>
      <virtualport type='openvswitch'>
        <parameters interfaceid='${id}'/>
      </virtualport>
      <target dev='tap${id.slice(0, 11)}'/>
      <model type='virtio'/>
      <driver name='vhost' rx_queue_size='512'/>
      <mtu size='1442'/>
    </interface>`;
  });
}

function rootDisk(instance) {
  return `
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none' io='native' discard='unmap'/>
      <source file='/var/lib/nova/instances/${instance.uuid}/disk'/>
      <target dev='vda' bus='virtio'/>
    </disk>`;
}

/** Half of the instances have a volume, as cinder attaches one through a multipath device. */
function volume(instance) {
  if (!instance.hasVolume) return '';
  const id = instance.derivedUuid('volume');
  return `
    <disk type='block' device='disk'>
      <driver name='qemu' type='raw' cache='none' io='native'/>
      <source dev='/dev/disk/by-id/dm-uuid-mpath-3${bareUuid(id)}'/>
      <target dev='vdb' bus='virtio'/>
      <serial>${id}</serial>
    </disk>`;
}

function configDrive(instance) {
  return `
    <disk type='file' device='cdrom'>
      <driver name='qemu' type='raw' cache='none'/>
      <source file='/var/lib/nova/instances/${instance.uuid}/disk.config'/>
      <target dev='sda' bus='sata'/>
      <readonly/>
    </disk>`;
}

function repeat(count, text) {
  return Array.from({ length: count }, (_, number) => text(number)).join('');
}

/** A UUID in the manner of RFC 9562's version 5: a name always gives the same one. */
function derivedUuid(name) {
  const bytes = createHash('sha1').update(`virt-clock-audit/${name}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x50;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** keystone writes its UUIDs without dashes. */
function bareUuid(uuid) {
  return uuid.replaceAll('-', '');
}
