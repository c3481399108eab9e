import type { CommandRun } from '../../commands/command.js';
import { leftOut, type Unknown, unknown } from '../../facts/fact.js';
import type { HostFacts } from '../../facts/host.js';
import type { RecordedEntry } from '../recording.js';
import { isLocaltimeUnseen } from '../unseenZones.js';
import type { ReportedProcesses } from './processes.js';

/** What is not taken from a reader: by the fact's name, why it is not known. */
export type Unrecorded = Readonly<Partial<Record<keyof HostFacts, Unknown>>>;

const CAUSE = 'not-in-sosreport';
const LINUXPTP = ['ptp4l', 'phc2sys', 'ts2phc', 'timemaster'];
const CLOCKSOURCE = '/sys/devices/system/clocksource/clocksource0/current_clocksource';

/**
 * Names the facts that a report cannot give. A reader takes a file that is not there for one that the machine did not
 * have, where sos may just not have copied it: its answer would be a guess. What no version of sos collects is left out,
 * as nobody could have asked for it; what this report happens to lack is unknown.
 * @param entries - what the readers will find
 */
export function uncollected(
  entries: ReadonlyMap<string, RecordedEntry>,
  architecture: string | null,
  processes: ReportedProcesses,
  runs: ReadonlyMap<string, CommandRun>,
): Unrecorded {
  const paths = [...entries.keys()];
  const has = (path: string) => entries.has(path);
  const lacks = (source: string, plugin: string) =>
    unknown(source, CAUSE, `the sosreport does not hold ${source}; its plugin ${plugin} collects it`);
  const never = (source: string, what: string) => leftOut(source, `sos report does not collect ${what}`);
  const clocksource = has(CLOCKSOURCE) ? null : lacks(CLOCKSOURCE, 'kernel');
  const parameters = paths.some((path) => /^\/sys\/module\/[^/]+\/parameters/.test(path));
  const virtualisation = virtualisationDoubt(entries, architecture, has, lacks);
  return {
    hardwareClock: never('/sys/class/rtc', 'what the hardware clock showed together with the system clock'),
    leapTable: never('/usr/share/zoneinfo', 'the table of leap seconds'),
    zoneinfo: never('/usr/share/zoneinfo', 'the time zones that the host has'),
    ptpClocks: never('/sys/class/ptp', 'what PTP clocks say, and which process uses them'),
    ...timeZone(entries, lacks),
    ...(clocksource && { clocksource, ptpKvm: clocksource }),
    ...(!has('/proc/cpuinfo') && isX86(architecture) && { tscFlags: lacks('/proc/cpuinfo', 'processor') }),
    ...(!has('/proc/cmdline') && { clockParameters: lacks('/proc/cmdline', 'kernel') }),
    ...(!parameters && { kvmParameters: lacks('/sys/module/*/parameters', 'kernel') }),
    ...(virtualisation && { virtualisation }),
    ...libvirtGuests(paths, has),
    ...timeDaemons(processes, runs),
  };
}

/** sos copies a link, and not always what it leads to: what a link that names no zone leads to is not known then. */
function timeZone(
  entries: ReadonlyMap<string, RecordedEntry>,
  lacks: (source: string, plugin: string) => Unknown,
): Unrecorded {
  const path = '/etc/localtime';
  if (!entries.has(path)) return { timeZone: lacks(path, 'date') };
  if (!isLocaltimeUnseen(entries)) return {};
  const reason = `${path} is a link that names no zone, and the sosreport does not hold what it leads to`;
  return { timeZone: unknown(path, CAUSE, reason) };
}

function isX86(architecture: string | null): boolean {
  return architecture === null || /^(x86_64|i[3-6]86)$/.test(architecture);
}

function virtualisationDoubt(
  entries: ReadonlyMap<string, RecordedEntry>,
  architecture: string | null,
  has: (path: string) => boolean,
  lacks: (source: string, plugin: string) => Unknown,
): Unknown | null {
  if (architecture !== null && /^s390/.test(architecture)) {
    return has('/proc/sysinfo') ? null : lacks('/proc/sysinfo', 's390');
  }
  if (!isX86(architecture)) {
    const vendor = ['/sys/class/dmi/id/sys_vendor', '/sys/devices/virtual/dmi/id/sys_vendor'];
    return vendor.some(has) ? null : lacks(vendor[0] as string, 'hardware');
  }
  if (!has('/proc/cpuinfo')) return lacks('/proc/cpuinfo', 'processor');
  // Xen's first domain has the flag of a guest as well; what tells the two apart is seldom collected.
  const available = entries.get(CLOCKSOURCE.replace('current_', 'available_'));
  const knowsXen = available?.kind === 'file' && /\bxen\b/.test(available.bytes.toString('latin1'));
  if (!knowsXen || (has('/sys/hypervisor/type') && has('/proc/xen/capabilities'))) return null;
  return lacks('/sys/hypervisor/type and /proc/xen/capabilities', 'xen');
}

/** The units are collected, but neither the script nor its settings. */
function libvirtGuests(paths: readonly string[], has: (path: string) => boolean): Unrecorded {
  const source = 'libvirt-guests.service';
  const looked = has('/etc/systemd/system') && ['/lib', '/usr/lib'].some((it) => has(`${it}/systemd/system`));
  if (!looked) {
    const reason = "the sosreport does not hold systemd's units; its plugin systemd collects them";
    return { libvirtGuests: unknown(source, CAUSE, reason) };
  }
  if (!paths.some((path) => /\.(wants|requires)\/libvirt-guests\.service$/.test(path))) return {};
  const reason = 'libvirt-guests is enabled, and sos report collects neither its settings nor its script';
  return { libvirtGuests: leftOut(source, reason) };
}

function timeDaemons(
  { daemons, doubtful }: ReportedProcesses,
  runs: ReadonlyMap<string, CommandRun>,
): Unrecorded {
  const source = 'ps';
  if (daemons === null) {
    const fact = unknown(
      source,
      CAUSE,
      'the sosreport holds no list of processes; its plugin process collects it',
    );
    const silent = [...runs.values()].some((run) => run.end === 'finished' && run.exitCode !== 0);
    const reason = 'chronyc got no answer, and the sosreport holds no list of processes that tells what runs';
    const chrony = silent && { chrony: unknown('chronyc', CAUSE, reason) };
    return { timeDaemons: fact, timesyncd: fact, ntpd: fact, linuxptp: fact, ...chrony };
  }
  const names = doubtful.join(' and ');
  const reason = `${names} ran, but the sosreport does not tell whether ${doubtful.length === 1 ? 'it' : 'they'} may set the clock (/proc/PID/status, which sos collects in its later versions)`;
  const linuxptp = daemons.filter((name) => LINUXPTP.includes(name)).join(' and ');
  return {
    ...(doubtful.length > 0 && { timeDaemons: unknown(source, CAUSE, reason) }),
    ...(linuxptp !== '' && {
      linuxptp: unknown(
        source,
        CAUSE,
        `${linuxptp} ran, but sos report does not collect what ptp4l says of itself`,
      ),
    }),
  };
}
