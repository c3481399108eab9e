import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { HostOptions } from '../../src/cli/gatherHost.js';
import { type RecordedProcess, recordProcesses } from './recordedProcesses.js';

/** What commands printed on a recorded host, by their names; `%s` stands for the second in which they run. */
export type RecordedCommands = Partial<Record<'chronyc' | 'busctl' | 'ntpq' | 'pmc', string>>;

/** A host of which everything that an audit reads was written down. */
export interface RecordedHost {
  /** By their paths; a target of a link begins with `->`. */
  readonly files: Readonly<Record<string, string>>;
  readonly processes: readonly RecordedProcess[];
  readonly commands: RecordedCommands;
}

/** What chronyc says where no chronyd is: on its standard output, with exit code 1. */
const NO_DAEMON = '506 Cannot talk to daemon';

/**
 * Writes a recorded host into an empty directory.
 * @returns how to look at it
 */
export function recordHost(directory: string, host: RecordedHost): HostOptions {
  const root = join(directory, 'root');
  for (const [path, text] of Object.entries(host.files)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    const target = /^->\s*(.*)/.exec(text)?.[1];
    if (target === undefined) writeFileSync(file, text);
    else symlinkSync(target.startsWith('/dev/') ? target : relative(dirname(file), join(root, target)), file);
  }
  recordProcesses(root, ...host.processes);
  const command = (name: keyof RecordedCommands): string => {
    const path = join(directory, name);
    const said = host.commands[name];
    const print = `sed "s/%s/$(date +%s)/g" <<'END'\n${said ?? NO_DAEMON}\nEND\n`;
    writeFileSync(path, `#!/bin/sh\n${print}exit ${said === undefined ? 1 : 0}\n`, { mode: 0o755 });
    return path;
  };
  return {
    root,
    deadlineSeconds: 10,
    chronyc: command('chronyc'),
    busctl: command('busctl'),
    ntpq: command('ntpq'),
    pmc: command('pmc'),
  };
}

/** What every Linux on hardware has, with a card's clock. */
export const COMPUTE_NODE: Readonly<Record<string, string>> = {
  'etc/localtime': '-> usr/share/zoneinfo/Etc/UTC',
  'usr/share/zoneinfo/Etc/UTC': 'TZif2\0',
  'usr/share/zoneinfo/leap-seconds.list': '# leap seconds\n#@\t4507488000\n',
  'etc/adjtime': '0.0 0 0.0\n0\nUTC\n',
  'proc/cmdline': 'BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet tsc=reliable\n',
  'proc/cpuinfo': 'processor\t: 0\nflags\t\t: fpu tsc constant_tsc nonstop_tsc\n\n',
  'sys/devices/system/clocksource/clocksource0/current_clocksource': 'tsc\n',
  'sys/devices/system/clocksource/clocksource0/available_clocksource': 'tsc hpet acpi_pm\n',
  'sys/class/dmi/id/sys_vendor': 'Dell Inc.\n',
  'sys/module/kvm/parameters/tsc_tolerance_ppm': '250\n',
  'sys/class/ptp/ptp0': '-> sys/devices/pci0000:00/0000:00:02.0/ptp/ptp0',
  'sys/devices/pci0000:00/0000:00:02.0/ptp/ptp0/clock_name': 'igb PHC\n',
  'sys/devices/pci0000:00/0000:00:02.0/ptp/ptp0/device': '-> sys/devices/pci0000:00/0000:00:02.0',
  'sys/devices/pci0000:00/0000:00:02.0/net/eth0/ifindex': '2\n',
  'sys/devices/pci0000:00/0000:00:02.0/driver': '-> sys/bus/pci/drivers/igb',
  'dev/ptp0': 'a file, as nobody can record a device',
};
