import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { known } from '../../src/facts/fact.js';
import { hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import type { MadePatch } from '../../src/remediation/forms/form.js';
import { type PatchContext, planPatch } from '../../src/remediation/patch.js';
import { withoutKvm } from './domainForThisHost.js';
import { madePatch } from './madePatches.js';
import { type RemediationCase, remediationCases } from './remediationCases.js';
import { mendedKinds } from './remediationProof.js';
import { scratchDirectory } from './scratch.js';
import { startVirshSession, type VirshSession } from './virshSession.js';

/** A domain in a libvirtd, with a patch for what that holds. */
export interface FormedDefinition {
  readonly name: string;
  readonly made: MadePatch;
  /** What its libvirtd holds once the whole patched text has been defined. */
  readonly wanted: string;
  /** The kinds of findings that the patch mends. */
  readonly kinds: readonly string[];
}

/** A host with an invariant TSC that cannot be scaled. */
const CONTEXT: PatchContext = {
  libvirtVersion: '9.0.0',
  host: {
    ...hostLeftOut('left out by the test'),
    tscCounter: known({ frequencyHz: 2_400_000_000, scaling: false }, 'test'),
  },
  policy: DEFAULT_POLICY,
};

/** The domains of a libvirtd, through one virsh. */
export class HeldDomains {
  readonly #scratch = scratchDirectory('held');
  readonly #virsh: VirshSession;

  constructor(readonly uri: string) {
    this.#virsh = startVirshSession(uri);
  }

  async define(xml: string): Promise<void> {
    const file = join(this.#scratch.path, 'domain.xml');
    await writeFile(file, xml);
    const answer = (await this.#virsh.run(`define ${file}`)).trim();
    if (/^error: /m.test(answer)) throw new Error(answer);
  }

  /** The persistent definition, with passwords. */
  async read(domain: string): Promise<string> {
    const answer = await this.#virsh.run(`dumpxml --inactive --security-info ${domain}`);
    return `${answer.slice(answer.indexOf('<domain')).trimEnd()}\n`;
  }

  async stop(): Promise<void> {
    await this.#virsh.stop();
    await this.#scratch.remove();
  }
}

/**
 * Defines every case with something to mend. An ordinary user's libvirtd may not use KVM: there the domain is one for
 * TCG, while the patch is made for the same with KVM.
 */
export async function defineFormed(
  held: HeldDomains,
  isAsked: (name: string) => boolean = () => true,
): Promise<FormedDefinition[]> {
  const formed: FormedDefinition[] = [];
  for (const [index, it] of remediationCases().entries()) {
    if (!isAsked(it.name)) continue;
    const name = `case-${index}`;
    const asKvm = typeChange(it);
    const text = withoutKvm(it.xml)
      .replace(/<name>[^<]*<\/name>/, `<name>${name}</name>`)
      .replace(/<uuid>[^<]*<\/uuid>/, '');
    if (!madePatch(asKvm.to(text), {}, CONTEXT)) continue;
    await held.define(text.replace(/^\uFEFF?<\?xml[^>]*>/, ''));
    // What libvirt adds to a definition finds its final place when its own text is defined once more.
    await held.define(await held.read(name));
    const before = await held.read(name);
    const made = madePatch(asKvm.to(before), { uri: held.uri }, CONTEXT);
    if (!made) throw new Error(`${it.name}: nothing is mended in what libvirt holds`);
    await held.define(asKvm.from(made.after));
    const wanted = await held.read(name);
    expect(wanted, it.name).not.to.equal(before);
    const again = planPatch(asKvm.to(wanted), CONTEXT);
    const patch = planPatch(asKvm.to(before), CONTEXT);
    if (patch.kind !== 'patch') throw new Error(`${it.name}: ${patch.kind}`);
    const open = again.kind === 'patch' ? again.mends.filter((check) => patch.mends.includes(check)) : [];
    expect(open, it.name).to.deep.equal([]);
    await held.define(before);
    expect(await held.read(name), it.name).to.equal(before);
    formed.push({
      name: it.name,
      made: { ...made, before, after: asKvm.from(made.after) },
      wanted,
      kinds: [...mendedKinds(asKvm.to(before), patch, CONTEXT).keys()],
    });
  }
  return formed;
}

/** Turns a definition that libvirt wrote down into one for KVM and back, where it was one. */
function typeChange({ xml }: RemediationCase) {
  const isKvm = /<domain[^>]*\stype\s*=\s*["']kvm["']/.test(xml);
  const change = (from: string, to: string) => (text: string) =>
    isKvm ? text.replace(new RegExp(`(<domain[^>]*\\stype\\s*=\\s*["'])${from}`), `$1${to}`) : text;
  return { to: change('qemu', 'kvm'), from: change('kvm', 'qemu') };
}
