import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What a report holds: texts by their paths below its top, links as `{ link }`, empty directories as null. */
export type SosreportContent = Readonly<Record<string, string | { readonly link: string } | null>>;

/** When the reports that are made here were written. */
export const REPORTED_AT = Date.UTC(2026, 10, 22, 6, 15, 9) / 1000;

const UNAME =
  'Linux compute7 6.1.0-21-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.90-1 (2024-05-03) x86_64 GNU/Linux';
const CLOCKSOURCE = 'sys/devices/system/clocksource/clocksource0';
const PROCESSES = 'sos_commands/process/ps_axo_pid_ppid_user_group_lwp_nlwp_start_time_comm_cgroup';

/** A list of processes as sos has ps print it: what is named, besides the first. */
export function processList(...processes: { pid: number; comm: string; cgroup: string }[]): string {
  const all = [{ pid: 1, comm: 'systemd', cgroup: '0::/init.scope' }, ...processes];
  const lines = all.map(
    ({ pid, comm, cgroup }) =>
      `${String(pid).padStart(7)}       0 root     root     ${String(pid).padStart(7)}    1 Nov21 ${comm.padEnd(15)} ${cgroup}`,
  );
  return `    PID    PPID USER     GROUP        LWP NLWP START COMMAND         CGROUP\n${lines.join('\n')}\n`;
}

/** A report of a quiet machine with a TSC and a UTC clock, without any time daemon. */
export const QUIET: SosreportContent = {
  'version.txt': 'sosreport: 4.5.6\n',
  'sos_commands/kernel/uname_-a': `${UNAME}\n`,
  'sos_commands/host/hostname': 'compute7\n',
  'sos_commands/date/date': 'Sun Nov 22 06:15:09 UTC 2026\n',
  'sos_commands/date/date_--utc': 'Sun Nov 22 06:15:09 UTC 2026\n',
  [PROCESSES]: processList(),
  'etc/localtime': { link: '../usr/share/zoneinfo/Europe/Berlin' },
  'etc/systemd/system': null,
  lib: { link: 'usr/lib' },
  'usr/lib/systemd/system': null,
  'proc/cmdline': 'BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro tsc=reliable\n',
  'proc/cpuinfo': 'processor\t: 0\nflags\t\t: fpu tsc constant_tsc nonstop_tsc\n\n',
  [`${CLOCKSOURCE}/current_clocksource`]: 'tsc\n',
  [`${CLOCKSOURCE}/available_clocksource`]: 'tsc hpet acpi_pm \n',
  'sys/module/kvm/parameters/kvmclock_periodic_sync': 'Y\n',
  'sys/module/kvm/parameters/tsc_tolerance_ppm': '250\n',
};

/** The name of the list of processes in {@link QUIET}. */
export const PROCESS_LIST = PROCESSES;

/** Writes a report as an unpacked archive has it, and returns its top directory. */
export function writeSosreport(
  parent: string,
  content: SosreportContent,
  name = 'sosreport-compute7-2026-11-22-abcdefg',
): string {
  const top = join(parent, name);
  for (const [path, what] of Object.entries(content)) {
    const place = join(top, path);
    mkdirSync(what === null ? place : dirname(place), { recursive: true });
    if (what === null) continue;
    if (typeof what === 'string') {
      writeFileSync(place, what);
      utimesSync(place, REPORTED_AT, REPORTED_AT);
    } else symlinkSync(what.link, place);
  }
  return top;
}

/** Packs a directory with the system's tar, as `sos report` and people do; returns the archive. */
export function packSosreport(top: string, ending: string, ...options: string[]): string {
  const archive = `${top}.${ending}`;
  const args = ['--create', '--auto-compress', '--file', archive, ...options, '--directory', dirname(top)];
  const { status, stderr } = spawnSync('tar', [...args, top.slice(dirname(top).length + 1)]);
  if (status !== 0) throw new Error(`tar failed: ${stderr}`);
  return archive;
}
