import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { known } from '../../src/facts/fact.js';
import { hostLeftOut, type TscCounter } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { type PatchContext, planPatch } from '../../src/remediation/patch.js';
import { unifiedDiff } from '../../src/remediation/unifiedDiff.js';
import { type DefiningSession, startDefiningSession } from '../support/definingSession.js';
import { forThisHost, withoutKvm } from '../support/domainForThisHost.js';
import { hasKvm } from '../support/embeddedDriver.js';
import { embeddedHome } from '../support/embeddedHome.js';
import { startPrivateLibvirtd } from '../support/privateLibvirtd.js';
import { ProofCounter } from '../support/proofTable.js';
import { remediationCases } from '../support/remediationCases.js';
import {
  type MendedKinds,
  mendedKinds,
  type Patch,
  proveArguments,
  proveDefinition,
} from '../support/remediationProof.js';
import { requireCommand, requireFact } from '../support/requirement.js';
import { runCommand } from '../support/runCommand.js';
import { complaintsOf } from '../support/schemaComplaints.js';
import { scratchDirectory } from '../support/scratch.js';
import { tinyDomainXml } from '../support/tinyDomain.js';

interface NotValid {
  readonly before: RegExp;
  readonly after: RegExp | null;
  /** True where it does not take what libvirt itself makes of it either. */
  readonly held?: true;
}

/** What libvirt's schema does not take as it was, and whether it does when it is patched. */
const NOT_VALID: Readonly<Record<string, NotValid>> = {
  'two-clocks': { before: /element timer/, after: /element timer/ },
  // The schema wants an offset, which libvirt itself does not.
  'an empty clock for Windows': { before: /element clock/, after: null },
  'kubevirt-no-offset': { before: /element clock/, after: /element clock/ },
  // The schema takes names of zones only.
  'timezone-posix-rule': { before: /element clock/, after: /element clock/, held: true },
  'commandline-wrong-namespace': { before: /element commandline/, after: /element commandline/ },
};

/** What libvirt does not translate here, neither as it was nor patched: the host has no such device to hand on. */
const NOT_TRANSLATED: Readonly<Record<string, RegExp>> = {
  'kvm-hidden-windows-gpu': /invalid PCI passthrough type/,
};

interface Planned {
  readonly name: string;
  readonly xml: string;
  readonly patch: Patch;
  readonly kinds: MendedKinds;
}

/** The cases that something can be mended in. */
function plan(context: PatchContext, adapted: (xml: string) => string): Planned[] {
  return remediationCases().flatMap(({ name, xml: text }) => {
    const xml = adapted(text);
    const patch = planPatch(xml, context);
    return patch.kind === 'patch' ? [{ name, xml, patch, kinds: mendedKinds(xml, patch, context) }] : [];
  });
}

/** Tries something with every case, and tells all that went wrong at once. */
async function forEachCase(
  planned: readonly Planned[],
  prove: (it: Planned) => Promise<void>,
): Promise<void> {
  const wrong: string[] = [];
  for (const it of planned) {
    try {
      await prove(it);
    } catch (error) {
      wrong.push(`${it.name} (${[...it.kinds.keys()].join(', ')}): ${(error as Error).message}`);
    }
  }
  expect(wrong.join('\n\n')).to.equal('');
}

function validity({ name }: Planned) {
  const wrong = NOT_VALID[name];
  return { before: wrong === undefined, held: !wrong?.held, after: !wrong?.after };
}

describe('a patched definition', function () {
  this.timeout(120_000);
  const counter = new ProofCounter(['patch', 'git apply', 'schema', 'qemu', 'arguments', 'libvirtd', 'test']);
  const ends: (() => Promise<void>)[] = [];
  let context: PatchContext;
  let embedded: DefiningSession;
  let planned: Planned[];
  let proven = 0;

  /** What is to be cleaned up, last things first. */
  function ending<T extends { stop(): Promise<void> }>(it: T): T {
    ends.unshift(() => it.stop());
    return it;
  }

  before(async function () {
    requireCommand(this, 'libvirtd', 'virsh', 'setpriv', 'qemu-system-x86_64', 'qemu-system-aarch64');
    const libvirtVersion = (await runCommand('virsh', ['--version'])).trim();
    embedded = ending(startDefiningSession(ending(embeddedHome()).uri));
    const tscCounter = known(await tscCounterOf(embedded), 'libvirt');
    const host = { ...hostLeftOut('left out by the test'), tscCounter };
    context = { libvirtVersion, host, policy: DEFAULT_POLICY };
    planned = plan(context, forThisHost);
  });

  after(async () => {
    for (const end of ends) await end();
  });

  /** Where there is no KVM, and no TSC to give the frequency of, less can be mended. */
  function requireHost(test: Mocha.Context): void {
    requireFact(test, hasKvm(), 'this process may not use /dev/kvm');
    const { tscCounter } = context.host;
    requireFact(test, tscCounter.known && tscCounter.value !== null, 'this host scales its TSC, or has none');
  }

  it('is made of every case but those with nothing to mend', function () {
    requireHost(this);
    const names = new Set(planned.map(({ name }) => name));
    const left = remediationCases().filter((it) => it.isWrong && !names.has(it.name));
    expect(left.map(({ name }) => name)).to.deep.equal([]);
  });

  for (const [column, command, ...args] of [
    ['patch', 'patch', '-p1', '-s', '-i'],
    ['git apply', 'git', 'apply', '-p1'],
  ] as const) {
    it(`is what ${column} makes of the text that was read`, async function () {
      requireCommand(this, command);
      const directory = join(ending(scratch(column)).path, 'texts');
      mkdirSync(directory);
      const diffs = planned.map(({ name, xml, patch }) => {
        writeFileSync(join(directory, `${name}.xml`), xml);
        return unifiedDiff(`${name}.xml`, xml, patch.after);
      });
      writeFileSync(join(directory, 'all.patch'), diffs.join(''));
      await runCommand(command, [...args, 'all.patch'], { cwd: directory });
      for (const { name, patch, kinds } of planned) {
        expect(readFileSync(join(directory, `${name}.xml`), 'utf8'), name).to.equal(patch.after);
        counter.count(column, kinds.keys());
      }
      proven++;
    });
  }

  it("is taken by libvirt's schema where the one before it was", async function () {
    requireCommand(this, 'xmllint');
    const directory = ending(scratch('schema')).path;
    const paths = planned.flatMap(({ xml, patch }, index) =>
      [xml, patch.after].map((text, side) => {
        const path = join(directory, `${index}-${side}.xml`);
        writeFileSync(path, text);
        return path;
      }),
    );
    const complaints = await complaintsOf(paths);
    for (const [index, it] of planned.entries()) {
      const [before, after] = [0, 1].map((side) => complaints.get(join(directory, `${index}-${side}.xml`)));
      const wrong = NOT_VALID[it.name];
      if (wrong) expect(before, it.name).to.match(wrong.before);
      else expect(before, it.name).to.equal(undefined);
      if (wrong?.after) expect(after, it.name).to.match(wrong.after);
      else expect(after, it.name).to.equal(undefined);
      if (!wrong) counter.count('schema', it.kinds.keys());
    }
    proven++;
  });

  it("is defined in libvirt's QEMU driver, audited again, and translated to the wanted arguments", async () => {
    const refused: Record<string, string> = {};
    await forEachCase(planned, async (it) => {
      const held = await proveDefinition(embedded, it, context, validity(it));
      counter.count('qemu', it.kinds.keys());
      const error = await proveArguments(embedded, held, it.kinds);
      if (error === null) counter.count('arguments', it.kinds.keys());
      else refused[it.name] = error;
    });
    // Without KVM nothing is mended about the TSC's frequency, which libvirt minds all the same.
    const others = Object.entries(refused).filter(([, error]) => hasKvm() || !/TSC frequency/.test(error));
    const expected = Object.keys(NOT_TRANSLATED).filter((name) => planned.some((it) => it.name === name));
    expect(others.map(([name]) => name)).to.deep.equal(expected);
    for (const [name, error] of others) expect(error).to.match(NOT_TRANSLATED[name] ?? /^$/);
    proven++;
  });

  it('is defined in a private libvirtd, of an ordinary user without KVM', async () => {
    const daemon = ending(startDefiningSession(ending(await startPrivateLibvirtd()).uri));
    await forEachCase(plan(context, withoutKvm), async (it) => {
      await proveDefinition(daemon, it, context, validity(it));
      counter.count('libvirtd', it.kinds.keys());
    });
    proven++;
  });

  it("is defined in libvirt's test driver", async () => {
    const home = ending(scratch('test-driver'));
    writeFileSync(join(home.path, 'node.xml'), '<node/>');
    const tester = ending(startDefiningSession(`test://${join(home.path, 'node.xml')}`));
    // It knows nothing of QEMU's namespace, and forgets what it does not know.
    const understood = planned.filter(({ xml }) => !/[<:]commandline\b/.test(xml));
    await forEachCase(understood, async (it) => {
      await proveDefinition(tester, it, context, validity(it));
      counter.count('test', it.kinds.keys());
    });
    proven++;
  });

  it('is proven as docs/remediation-proof.md tells', function () {
    requireFact(this, proven === 6, 'not everything has been proven in this run');
    requireHost(this);
    counter.expectWrittenDown();
  });
});

/**
 * The host's TSC, by libvirt's refusal of a frequency that is far from it; null where there is none, or where it scales.
 * `virsh capabilities` would probe every QEMU that is installed, which takes a minute.
 */
async function tscCounterOf(session: DefiningSession): Promise<TscCounter | null> {
  const clock = "<clock offset='utc'><timer name='tsc' frequency='1000000'/></clock>";
  const answer = await session.commandLine(forThisHost(tinyDomainXml({ name: 'far', clock, type: 'kvm' })));
  const frequency = 'rejected' in answer && /host frequency (\d+) Hz/.exec(answer.rejected)?.[1];
  return frequency ? { frequencyHz: Number(frequency), scaling: false } : null;
}

function scratch(prefix: string) {
  const directory = scratchDirectory(prefix.replaceAll(' ', '-'));
  return { path: directory.path, stop: () => directory.remove() };
}
