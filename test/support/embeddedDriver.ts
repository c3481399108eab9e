import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TimeArgumentOptions, timeArgumentsOf } from './qemuArguments.js';
import { scratchDirectory } from './scratch.js';
import { startVirshSession } from './virshSession.js';

/** The time-related arguments libvirt makes of a domain, or its reason not to. */
export type Translation = { args: string[] } | { rejected: string };

export interface EmbeddedDriver {
  /** Runs a domain's XML through `domxml-to-native`. Without /dev/kvm its type has to be `qemu`. */
  timeArguments(xml: string, options?: TimeArgumentOptions): Promise<Translation>;
  /** The same, with the whole command line for a shell. */
  commandLine(xml: string): Promise<{ line: string } | { rejected: string }>;
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

/**
 * Prepares libvirt's QEMU driver inside virsh, without any daemon. The first translation probes QEMU and takes some
 * seconds, each later one a millisecond or two.
 */
export async function startEmbeddedDriver(): Promise<EmbeddedDriver> {
  const scratch = scratchDirectory('embed');
  const file = join(scratch.path, 'domain.xml');
  if (process.getuid?.() === 0) {
    // QEMU would otherwise be probed as a user who may not open /dev/kvm, and again at every call.
    mkdirSync(join(scratch.path, 'etc'));
    const config = 'user = "root"\ngroup = "root"\nremember_owner = 0\n';
    writeFileSync(join(scratch.path, 'etc', 'qemu.conf'), config);
  }
  const virsh = startVirshSession(`qemu:///embed?root=${scratch.path}`);
  let last: Promise<unknown> = Promise.resolve();

  async function translate(xml: string) {
    await writeFile(file, xml);
    const answer = (await virsh.run(`domxml-to-native qemu-argv ${file}`)).trim();
    // Warnings of libvirt and its libraries may stand before either.
    const error = /^error: /m.exec(answer);
    if (error) return { rejected: answer.slice(error.index + error[0].length) };
    return { line: answer.slice(answer.search(/^LC_ALL=/m)) };
  }

  function commandLine(xml: string) {
    const translation = last.then(() => translate(xml));
    last = translation.catch(() => undefined);
    return translation;
  }

  return {
    commandLine,
    async timeArguments(xml, options) {
      const answer = await commandLine(xml);
      return 'line' in answer ? { args: timeArgumentsOf(answer.line, options) } : answer;
    },
    async stop() {
      await last;
      await virsh.stop();
      await scratch.remove();
    },
  };
}
