import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scratchDirectory } from './scratch.js';
import { startVirshSession } from './virshSession.js';

/** What came of a definition: how libvirt writes it down from then on, or its error in one line. */
export type Defined = { readonly readBack: string } | { readonly rejected: string };

/** A libvirt driver that holds one domain at a time, defined and read back as an operator would do it. */
export interface DefiningSession {
  /**
   * Defines a domain, or defines it anew.
   * @param validate - `VIR_DOMAIN_DEFINE_VALIDATE`: libvirt's schema has to take it as well
   * @returns the persistent definition with its passwords
   */
  define(xml: string, validate?: boolean): Promise<Defined>;
  /** The QEMU command line that libvirt would start the domain with, for a shell. */
  commandLine(xml: string): Promise<{ readonly line: string } | { readonly rejected: string }>;
  /** Takes the domain away. */
  undefine(): Promise<void>;
  stop(): Promise<void>;
}

/** @param uri - of a driver that has no domains of its own */
export function startDefiningSession(uri: string): DefiningSession {
  const scratch = scratchDirectory('define');
  const file = join(scratch.path, 'domain.xml');
  const virsh = startVirshSession(uri);

  /** Warnings of libvirt and its libraries may stand before either. */
  function errorIn(answer: string): string | null {
    const error = /^error: (?!Failed to )/m.exec(answer);
    return error && answer.slice(error.index + error[0].length).replace(/\s*\n\s*/g, ': ');
  }

  async function uuids(): Promise<string[]> {
    return (await virsh.run('list --all --uuid')).split('\n').filter((line) => /^[\da-f-]{36}$/.test(line));
  }

  return {
    async define(xml, validate = true) {
      await writeFile(file, xml);
      const rejected = errorIn((await virsh.run(`define ${validate ? '--validate ' : ''}${file}`)).trim());
      if (rejected !== null) return { rejected };
      const [uuid, ...others] = await uuids();
      // A second domain would mean that the one there was has not been redefined.
      if (uuid === undefined || others.length > 0) throw new Error(`defined ${others.length + 1} domains`);
      const text = await virsh.run(`dumpxml --inactive --security-info ${uuid}`);
      return { readBack: `${text.slice(text.indexOf('<domain')).trimEnd()}\n` };
    },
    async commandLine(xml) {
      await writeFile(file, xml);
      // The command line comes without a newline, and what virsh repeats stands right behind it.
      const answer = (await virsh.run(`domxml-to-native qemu-argv ${file}`))
        .replace(/virsh # echo .*$/s, '')
        .trim();
      const rejected = errorIn(answer);
      return rejected !== null ? { rejected } : { line: answer.slice(answer.search(/^LC_ALL=/m)) };
    },
    async undefine() {
      for (const uuid of await uuids()) await virsh.run(`undefine ${uuid}`);
      if ((await uuids()).length > 0) throw new Error('the domain cannot be undefined');
    },
    async stop() {
      await virsh.stop();
      await scratch.remove();
    },
  };
}
