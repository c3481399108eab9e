import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * The pids of the QEMU processes whose command line names a file below the directory: a private daemon's guests and
 * the probes it was about to ask. They are no children of ours, and a killed daemon leaves them behind.
 */
export function guestProcesses(directory: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      const [command = '', ...args] = commandLine(pid);
      return (
        basename(command).startsWith('qemu-system-') && args.some((arg) => arg.includes(`${directory}/`))
      );
    })
    .map(Number);
}

/** Kills the guests of the private daemon that lives in the directory. */
export function endGuests(directory: string): void {
  for (const pid of guestProcesses(directory)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
