import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { embeddedHome } from './embeddedHome.js';
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
 */
export async function startEmbeddedGuest(name: string, xml: string): Promise<EmbeddedGuest> {
  const { uri, virsh, stop } = embeddedHome();
  const scratch = scratchDirectory('guest');
  try {
    const file = join(scratch.path, 'domain.xml');
    writeFileSync(file, xml);
    const answer = await virsh(`create --paused ${file}; dumpxml ${name}`);
    return { uri, xml: answer.slice(answer.indexOf('<domain')), stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    await scratch.remove();
  }
}
