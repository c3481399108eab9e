import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TimeArgumentOptions, timeArgumentsOf } from './qemuArguments.js';
import { CommandError, runCommand } from './runCommand.js';
import { scratchDirectory } from './scratch.js';

/** The time-related arguments libvirt makes of a domain, or its reason not to. */
export type Translation = { args: string[] } | { rejected: string };

export interface EmbeddedDriver {
  /** Runs a domain's XML through `domxml-to-native`. Without /dev/kvm its type has to be `qemu`. */
  timeArguments(xml: string, options?: TimeArgumentOptions): Promise<Translation>;
  stop(): Promise<void>;
}

/** Whether this process may use KVM. */
export function hasKvm(): boolean {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The last line of what virsh complained about, without its prefix. */
function reason(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return (lines.at(-1) ?? '').replace(/^error: /, '');
}

/**
 * Prepares libvirt's QEMU driver inside virsh, without any daemon. The first translation probes QEMU and takes some
 * seconds, each later one some ten milliseconds; they run one after the other, for the driver locks its directory.
 */
export async function startEmbeddedDriver(): Promise<EmbeddedDriver> {
  const scratch = scratchDirectory('embed');
  const uri = `qemu:///embed?root=${scratch.path}`;
  const file = join(scratch.path, 'domain.xml');
  if (process.getuid?.() === 0) {
    // QEMU would otherwise be probed as a user who may not open /dev/kvm, and again at every call.
    mkdirSync(join(scratch.path, 'etc'));
    const config = 'user = "root"\ngroup = "root"\nremember_owner = 0\n';
    writeFileSync(join(scratch.path, 'etc', 'qemu.conf'), config);
  }
  let last: Promise<unknown> = Promise.resolve();

  async function translate(xml: string, options?: TimeArgumentOptions): Promise<Translation> {
    await writeFile(file, xml);
    try {
      const line = await runCommand('virsh', ['-c', uri, 'domxml-to-native', 'qemu-argv', file]);
      return { args: timeArgumentsOf(line, options) };
    } catch (error) {
      if (error instanceof CommandError && error.exitCode === 1) return { rejected: reason(error.stderr) };
      throw error;
    }
  }

  return {
    timeArguments(xml, options) {
      const translation = last.then(() => translate(xml, options));
      last = translation.catch(() => undefined);
      return translation;
    },
    async stop() {
      await last;
      await scratch.remove();
    },
  };
}
