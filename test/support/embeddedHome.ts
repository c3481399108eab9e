import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atExit } from './atExit.js';
import { endGuests } from './guestProcesses.js';
import { CommandError, runCommand } from './runCommand.js';
import { scratchDirectory } from './scratch.js';

export interface EmbeddedHome {
  /** Of libvirt's QEMU driver inside the process that opens it. Only one process at a time may. */
  readonly uri: string;
  /** Runs one virsh with the driver inside; QEMU goes on after virsh has ended. */
  virsh(...args: string[]): Promise<string>;
  /** Ends its guests and removes its files. */
  stop(): Promise<void>;
}

/** A home for libvirt's QEMU driver without any daemon, as the user of the test process, who may use /dev/kvm. */
export function embeddedHome(): EmbeddedHome {
  const scratch = scratchDirectory('embed');
  const withdraw = atExit(() => endGuests(scratch.path));
  mkdirSync(join(scratch.path, 'etc'));
  const own = process.getuid?.() === 0 ? 'user = "root"\ngroup = "root"\nremember_owner = 0\n' : '';
  // Otherwise the driver starts a virtlogd, which would stay behind, and wants to give QEMU a /dev of its own, which
  // does not work inside every container.
  writeFileSync(join(scratch.path, 'etc', 'qemu.conf'), `${own}stdio_handler = "file"\nnamespaces = []\n`);
  const uri = `qemu:///embed?root=${scratch.path}`;
  return {
    uri,
    async virsh(...args) {
      try {
        return await runCommand('virsh', ['-c', uri, ...args]);
      } catch (error) {
        // The virsh of libvirt 9.0 sometimes crashes as it ends while a guest runs, with all done and said.
        const isDone = error instanceof CommandError && error.signal === 'SIGSEGV';
        if (isDone && !/^error:/m.test(error.stderr)) return error.stdout;
        throw error;
      }
    },
    async stop() {
      endGuests(scratch.path);
      withdraw();
      await scratch.remove();
    },
  };
}
