import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atExit } from './atExit.js';
import { endGuests } from './guestProcesses.js';
import { runCommand } from './runCommand.js';
import { scratchDirectory } from './scratch.js';

export interface EmbeddedGuest {
  /** The hypervisor's URI. Only one process at a time may use it. */
  readonly uri: string;
  /** What libvirt says of the domain that runs. */
  readonly xml: string;
  stop(): Promise<void>;
}

/**
 * Starts a paused domain as the user of the test process, who may use /dev/kvm, where a private daemon's user need not.
 * libvirt's QEMU driver runs inside virsh; QEMU goes on after virsh has ended.
 */
export async function startEmbeddedGuest(name: string, xml: string): Promise<EmbeddedGuest> {
  const scratch = scratchDirectory('guest');
  const uri = `qemu:///embed?root=${scratch.path}`;
  const withdraw = atExit(() => endGuests(scratch.path));
  async function stop(): Promise<void> {
    endGuests(scratch.path);
    withdraw();
    await scratch.remove();
  }
  try {
    mkdirSync(join(scratch.path, 'etc'));
    const own = process.getuid?.() === 0 ? 'user = "root"\ngroup = "root"\nremember_owner = 0\n' : '';
    // Otherwise the driver starts a virtlogd, which would stay behind, and wants to give QEMU a /dev of its own, which
    // does not work inside every container.
    const lean = 'stdio_handler = "file"\nnamespaces = []\n';
    writeFileSync(join(scratch.path, 'etc', 'qemu.conf'), own + lean);
    const file = join(scratch.path, 'domain.xml');
    writeFileSync(file, xml);
    const answer = await runCommand('virsh', ['-c', uri, `create --paused ${file}; dumpxml ${name}`]);
    return { uri, xml: answer.slice(answer.indexOf('<domain')), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
