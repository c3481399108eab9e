/** What the collector prints, put together by hand. */
export const NONCE = '0123456789abcdef01234567';
export const UUIDS = [
  '5c0b4d2e-0d3b-4f8e-9b1e-1f2a3b4c5d6e',
  '6d1c5e3f-1e4c-4a9f-8c2f-2a3b4c5d6e7f',
] as const;
const NOW = 1_795_000_000;

const encoded = (text: string) =>
  `${(
    Buffer.from(text)
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  ).join('\n')}\n`;
const text = (path: string, content: string) => `@text ${path}\n=${content}\n`;

/** A record with a body that is encoded. */
export function bodied(words: string, content: string): string {
  return `@${words}\n${encoded(content)}`;
}

function definition(uuid: string, index: number, id = ''): string {
  return `<domain type='kvm'${id}>\n  <name>guest-${index}</name>\n  <uuid>${uuid}</uuid>\n  <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>\n  <clock offset='utc'><timer name='hpet' present='no'/></clock>\n</domain>\n\n`;
}

function information(uuid: string, state: string): string {
  return `Id:             1\nName:           guest\nUUID:           ${uuid}\nState:          ${state}\nPersistent:     yes\nManaged save:   no\n\n`;
}

function answers(): string {
  const mark = (...words: string[]) => `${NONCE}:${words.join(':')}:`;
  const parts = UUIDS.map((uuid, index) => {
    const live = index === 0 ? `${mark('live', uuid)}${definition(uuid, index, " id='1'")}` : '';
    const state = index === 0 ? 'running' : 'shut off';
    return `${mark('info', uuid)}${information(uuid, state)}${mark('inactive', uuid)}${definition(uuid, index)}${live}`;
  });
  return `${parts.join('')}${mark('done')}`;
}

const LISTS = `${NONCE}:active:${UUIDS[0]}\n\n${NONCE}:all:${UUIDS.join('\n')}\n\n${NONCE}:saved:\n${NONCE}:done:`;
const VERSION = `${NONCE}:version:Running hypervisor: QEMU 7.2.22\nRunning against daemon: 9.0.0\n${NONCE}:done:`;
const CHRONYC = `0A000001,10.0.0.1,3,${NOW - 20}.123456789,-0.000012345,0.000001234,0.000015000,-12.345,0.001,0.020,0.000312000,0.000211000,64.2,Normal
^,*,10.0.0.1,2,6,377,20,-0.000012345,-0.000013000,0.000400000
10.0.0.1,12,6,1200,0.001,0.020,-0.000001000,0.000015000
1,0,0,0,0
`;
const ARGUMENTS = ['qemu-system-x86_64', '-name', 'guest=guest-0', '-uuid', UUIDS[0], '-rtc', 'base=utc'];
const PROCESSES = `\n${NONCE}:cmdline:4711:\n${ARGUMENTS.join('\n')}\n\n${NONCE}:environ:4711:\nTZ=Europe/Paris\n${NONCE}:end:\n`;

/** The records of a healthy hypervisor with one domain that runs and one that does not. */
export const RECORDS: readonly string[] = [
  '@fact hostname compute7\n',
  '@fact architecture x86_64\n',
  '@fact kernel 6.1.0-18-amd64\n',
  '@fact uid 0\n',
  `@fact clock ${NOW}.250000000\n`,
  text('/proc/1/comm', 'systemd'),
  bodied('run chronyc -c -n -m tracking sources sourcestats activity', CHRONYC),
  bodied('ran 0', '\n'),
  text('/proc/700/comm', 'chronyd'),
  text('/proc/700/status', 'CapEff:\t000001ffffffffff'),
  text('/proc/700/uid_map', '0 0 4294967295'),
  bodied('file /proc/700/cmdline', '/usr/sbin/chronyd\0-F\x001\0'),
  '@directory /proc/700/fd\n',
  '@directory /sys/class\n',
  text('/sys/class/rtc/rtc0/hctosys', '1'),
  text('/sys/class/rtc/rtc0/since_epoch', `${NOW}`),
  `@fact hardware-clock /sys/class/rtc/rtc0 ${NOW}.4 ${NOW}.6\n`,
  bodied('file /proc/cpuinfo', 'processor\t: 0\nflags\t\t: fpu tsc constant_tsc nonstop_tsc\n\n'),
  text('/proc/cmdline', 'root=/dev/sda1 ro'),
  text('/sys/class/dmi/id/sys_vendor', 'Dell Inc.'),
  text('/sys/devices/system/clocksource/clocksource0/current_clocksource', 'tsc'),
  text('/sys/devices/system/clocksource/clocksource0/available_clocksource', 'tsc hpet'),
  text('/sys/module/kvm/parameters/tsc_tolerance_ppm', '250'),
  '@link /etc/localtime\n=/usr/share/zoneinfo/Etc/UTC\n',
  bodied('file /etc/adjtime', '0.0 0 0.0\n0\nUTC\n'),
  bodied('file /usr/share/zoneinfo/leap-seconds.list', '#@\t4507488000\n'),
  '@section host\n',
  '@states /run/libvirt/qemu\n',
  '@text /run/libvirt/qemu/guest-0.pid\n~4711\n',
  text(
    '/proc/4711/stat',
    `4711 (qemu-system-x86) S ${Array.from({ length: 40 }, (_, index) => index).join(' ')}`,
  ),
  bodied('processes', PROCESSES),
  '@section processes\n',
  '@virsh qemu:///system\n',
  bodied('virsh-answer', LISTS),
  bodied('virsh-answer', VERSION),
  bodied('virsh-answer', answers()),
  '@section domains\n',
];

/** A stream of these records. */
export function streamOf(records: readonly string[], end = `@end ${records.length}\n`): Buffer {
  return Buffer.from(`virt-clock-audit-recording 1 base64 ${NONCE}\n${records.join('')}${end}`);
}
