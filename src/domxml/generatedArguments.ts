import type { Clock } from './clockElement.js';
import { hiddenElement, hypervElements } from './features.js';
import type { Passthrough } from './passthrough.js';
import type { QemuArgument } from './qemuArgument.js';
import { child, childrenNamed, type XmlElement } from './tree.js';

/** What the generation of arguments rests on. */
export interface GenerationInput {
  readonly domain: XmlElement;
  readonly clock: Clock;
  readonly passthrough: Passthrough;
  readonly isX86: boolean;
  readonly machine: string | undefined;
  /** libvirt's version, which decides how it spells some arguments; null where nobody knows it. */
  readonly libvirtVersion: string | null;
}

/**
 * The time-related arguments that libvirt's QEMU driver generates from a definition, in its order.
 * @see `qemuBuildClockCommandLine` and `qemuBuildCpuCommandLine` in libvirt's src/qemu/qemu_command.c
 */
export function generatedArguments(input: GenerationInput): QemuArgument[] {
  const { clock, passthrough } = input;
  const timezone = passthrough.env.findLast(({ name }) => name === 'TZ');
  const tz: QemuArgument[] = [];
  // libvirt sets TZ from the clock first and the passed-through variable replaces it.
  if (timezone) tz.push({ option: 'TZ', settings: [[timezone.value, '']], by: 'qemu:env TZ' });
  else if (clock.timezone) tz.push({ option: 'TZ', settings: [[clock.timezone, '']], by: clock.writtenAs });
  const hpet = hpetArguments(input);
  return [
    ...tz,
    ...hpet.filter(({ option }) => option === '-machine'),
    { option: '-cpu', settings: cpuSettings(input), by: 'the domain XML' },
    rtcArgument(clock),
    ...pitArguments(input),
    ...hpet.filter(({ option }) => option === '-no-hpet'),
  ];
}

/** The RTC's clock for each `track`. */
const TRACK_CLOCKS: ReadonlyMap<string, string> = new Map([
  ['wall', 'host'],
  ['guest', 'vm'],
  ['realtime', 'rt'],
]);
/** What becomes of a CPU feature by its policy; `optional` is libvirt's to decide on the host. */
const FEATURE_STATES: ReadonlyMap<string, string> = new Map([
  ['require', 'on'],
  ['force', 'on'],
  ['disable', 'off'],
  ['forbid', 'off'],
]);

function rtcArgument(clock: Clock): QemuArgument {
  const settings: [string, string][] = [['base', rtcBase(clock)]];
  const timer = clock.timers.find(({ name }) => name === 'rtc');
  const source = TRACK_CLOCKS.get(timer?.track ?? '');
  if (source) settings.push(['clock', source]);
  if (timer?.tickpolicy === 'catchup') settings.push(['driftfix', 'slew']);
  return { option: '-rtc', settings, by: clock.writtenAs };
}

function rtcBase({ offset, startSeconds }: Clock): string {
  if (offset === 'utc') return 'utc';
  if (offset === 'localtime' || offset === 'timezone') return 'localtime';
  if (offset === 'variable' || startSeconds === null) return 'datetime';
  const date = new Date(startSeconds * 1000);
  return Number.isNaN(date.getTime()) ? 'datetime' : date.toISOString().slice(0, 19);
}

function cpuSettings({ domain, clock, isX86 }: GenerationInput): [string, string][] {
  const settings: [string, string][] = [];
  const cpu = child(domain, 'cpu');
  for (const { attributes } of childrenNamed(cpu, 'feature')) {
    const state = FEATURE_STATES.get(attributes.policy ?? 'require');
    if (attributes.name === 'invtsc' && state) settings.push(['invtsc', state]);
  }
  for (const timer of clock.timers) {
    if (timer.name === 'kvmclock' && timer.present !== null) {
      settings.push(['kvmclock', timer.present ? 'on' : 'off']);
    } else if (timer.name === 'hypervclock' && timer.present) {
      settings.push(['hv-time', 'on']);
    } else if (timer.name === 'tsc' && timer.frequencyHz !== null && isX86) {
      settings.push(['tsc-frequency', String(timer.frequencyHz)]);
    } else if (timer.name === 'armvtimer') {
      if (timer.tickpolicy === 'delay') settings.push(['kvm-no-adjvtime', 'off']);
      if (timer.tickpolicy === 'discard') settings.push(['kvm-no-adjvtime', 'on']);
    }
  }
  if (hypervElements(domain).some(({ attributes }) => attributes.mode === 'passthrough')) {
    settings.push(['hv-passthrough', 'on']);
  }
  if (hiddenElement(domain)?.attributes.state === 'on') settings.push(['kvm', 'off']);
  return settings;
}

function pitArguments({ clock, passthrough, isX86 }: GenerationInput): QemuArgument[] {
  if (!isX86 || passthrough.deletedCapabilities.includes('kvm-pit-lost-tick-policy')) return [];
  return clock.timers
    .filter(({ name, tickpolicy }) => name === 'pit' && tickpolicy !== 'catchup' && tickpolicy !== 'merge')
    .map(({ tickpolicy }) => ({
      option: '-global',
      settings: [['kvm-pit.lost_tick_policy', tickpolicy === 'discard' ? 'discard' : 'delay']],
      by: `timer pit${tickpolicy ? ` tickpolicy='${tickpolicy}'` : ''}`,
    }));
}

function hpetArguments({
  clock,
  passthrough,
  isX86,
  machine,
  libvirtVersion,
}: GenerationInput): QemuArgument[] {
  if (!isX86) return [];
  const usable = (capability: string, without: boolean) =>
    !passthrough.deletedCapabilities.includes(capability) &&
    (without || passthrough.addedCapabilities.includes(capability));
  const machineOption = usable('machine-hpet', hasMachineHpet(machine, libvirtVersion));
  // libvirt 9.2.0 began to say hpet=on; older ones only ever switch it off.
  const saysOn = machineOption && libvirtVersion !== null && atLeast(libvirtVersion, 9, 2);
  return clock.timers.flatMap(({ name, present }): QemuArgument[] => {
    if (name !== 'hpet' || present === null || (present && !saysOn)) return [];
    const by = `timer hpet present='${present ? 'yes' : 'no'}'`;
    if (machineOption) return [{ option: '-machine', settings: [['hpet', present ? 'on' : 'off']], by }];
    return usable('no-hpet', true) ? [{ option: '-no-hpet', settings: [], by }] : [];
  });
}

/**
 * Whether libvirt will find the machine option hpet, which QEMU reports since 8.0. Nobody tells QEMU's version,
 * but a versioned machine type needs a QEMU at least as new, and distributions pair libvirt 9.2 and later
 * with such a QEMU. Both spellings mean the same.
 */
function hasMachineHpet(machine: string | undefined, libvirtVersion: string | null): boolean {
  const version = /^pc-(?:q35|i440fx)-(\d+\.\d+)$/.exec(machine ?? '')?.[1];
  if (version !== undefined && atLeast(version, 8, 0)) return true;
  return libvirtVersion !== null && atLeast(libvirtVersion, 9, 2);
}

function atLeast(version: string, major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}
