import { readdirSync, readFileSync } from 'node:fs';

/** The command lines of the processes that name this, but for the test process. */
export function processesNaming(text: string): string[] {
  return readdirSync('/proc')
    .filter((it) => /^\d+$/.test(it) && Number(it) !== process.pid)
    .map(commandLine)
    .filter((it) => it.includes(text));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // It has ended.
    return '';
  }
}
