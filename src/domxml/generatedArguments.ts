import { hasMachineHpet, hasNoHpet, hasPitPolicy } from './capabilities.js';
import type { Clock } from './clockElement.js';
import { cpuModel, cpuSettings } from './cpuArguments.js';
import { ioapicDriver } from './features.js';
import { atLeast } from './libvirtVersion.js';
import { isX86 } from './machine.js';
import type { Passthrough } from './passthrough.js';
import type { QemuArgument } from './qemuArgument.js';
import type { XmlElement } from './tree.js';

/** What the generation of arguments rests on. */
export interface GenerationInput {
  readonly domain: XmlElement;
  readonly clock: Clock;
  readonly passthrough: Passthrough;
  readonly arch: string;
  readonly machine: string | undefined;
  /** libvirt's version, which decides how it spells some arguments; null where nobody knows it. */
  readonly libvirtVersion: string | null;
}

/**
 * The time-related arguments that libvirt's QEMU driver generates from a definition, in its order.
 * @see `qemuBuildClockCommandLine` and `qemuBuildCpuCommandLine` in libvirt's src/qemu/qemu_command.c
 */
export function generatedArguments(input: GenerationInput): QemuArgument[] {
  const { domain, clock, passthrough, arch } = input;
  const timezone = passthrough.env.findLast(({ name }) => name === 'TZ');
  const tz: QemuArgument[] = [];
  // libvirt sets TZ from the clock first and the passed-through variable replaces it.
  if (timezone) tz.push({ option: 'TZ', settings: [[timezone.value, '']], by: 'qemu:env TZ' });
  else if (clock.timezone) tz.push({ option: 'TZ', settings: [[clock.timezone, '']], by: clock.writtenAs });
  const hpet = hpetArguments(input);
  const model = cpuModel(domain, arch);
  return [
    ...tz,
    ...hpet.filter(({ option }) => option === '-machine'),
    ...irqchipArguments(domain, arch),
    {
      option: '-cpu',
      settings: cpuSettings(domain, clock, arch, passthrough),
      by: 'the domain XML',
      ...(model !== undefined && { model }),
    },
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

/** With QEMU's I/O APIC the PIT is QEMU's too. */
function irqchipArguments(domain: XmlElement, arch: string): QemuArgument[] {
  const driver = isX86(arch) ? ioapicDriver(domain) : undefined;
  if (driver !== 'qemu' && driver !== 'kvm') return [];
  const setting = ['kernel-irqchip', driver === 'qemu' ? 'split' : 'on'] as const;
  return [{ option: '-machine', settings: [setting], by: `ioapic driver='${driver}'` }];
}

function pitArguments({ clock, passthrough, arch }: GenerationInput): QemuArgument[] {
  if (!hasPitPolicy(arch, passthrough)) return [];
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
  arch,
  machine,
  libvirtVersion,
}: GenerationInput): QemuArgument[] {
  const machineOption = hasMachineHpet({ arch, machine }, passthrough, libvirtVersion);
  // libvirt 9.2.0 began to say hpet=on; older ones only ever switch it off.
  const saysOn = machineOption && libvirtVersion !== null && atLeast(libvirtVersion, 9, 2);
  return clock.timers.flatMap(({ name, present }): QemuArgument[] => {
    if (name !== 'hpet' || present === null || (present && !saysOn)) return [];
    const by = `timer hpet present='${present ? 'yes' : 'no'}'`;
    if (machineOption) return [{ option: '-machine', settings: [['hpet', present ? 'on' : 'off']], by }];
    return hasNoHpet(arch, passthrough) ? [{ option: '-no-hpet', settings: [], by }] : [];
  });
}
