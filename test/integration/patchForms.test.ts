import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import { FORMS } from '../../src/remediation/forms/forms.js';
import { startAnsible } from '../support/ansible.js';
import { defineFormed, type FormedDefinition, HeldDomains } from '../support/formedDefinitions.js';
import { type PrivateLibvirtd, startPrivateLibvirtd } from '../support/privateLibvirtd.js';
import { ProofCounter } from '../support/proofTable.js';
import { requireCommand, requireFact, requirePythonModule } from '../support/requirement.js';
import { appliedCase, applyOperations } from '../support/rfc5261Applier.js';
import { runProcess } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

/** virt-xml asks for the capabilities of the hypervisor, for which libvirt tries each QEMU that it finds. */
const EMULATORS = ['qemu-system-x86_64', 'qemu-system-i386', 'qemu-system-aarch64', 'qemu-system-s390x'];

describe('each form of a patch, applied to a libvirtd', function () {
  this.timeout(300_000);
  const counter = new ProofCounter(['xml', 'rfc5261', 'virt-xml', 'ansible']);
  let daemon: PrivateLibvirtd;
  let held: HeldDomains;
  let scratch: ScratchDirectory;
  let formed: FormedDefinition[];
  let proven = 0;

  before(async function () {
    requireCommand(this, 'libvirtd', 'virsh', 'setpriv', 'qemu-system-x86_64', 'qemu-system-aarch64');
    scratch = scratchDirectory('forms');
    mkdirSync(`${scratch.path}/home`);
    daemon = await startPrivateLibvirtd({ emulators: EMULATORS });
    held = new HeldDomains(daemon.uri);
    formed = await defineFormed(held);
  });

  after(async () => {
    await held?.stop();
    await daemon?.stop();
    await scratch?.remove();
  });

  /** Does something to every domain, and then expects libvirt to hold what the whole patched text would make of it. */
  async function expectWanted(
    column: string,
    cases: readonly FormedDefinition[],
    doIt: (it: FormedDefinition) => Promise<void>,
  ): Promise<void> {
    const wrong: string[] = [];
    for (const it of cases) {
      const { name, made, wanted, kinds } = it;
      try {
        await doIt(it);
        expect(await held.read(made.domain)).to.equal(wanted);
        counter.count(column, kinds);
      } catch (error) {
        wrong.push(`${name}: ${(error as Error).message}`);
      }
      await held.define(made.before);
    }
    expect(wrong.join('\n\n')).to.equal('');
    proven++;
  }

  it('is the whole definition as xml', async () => {
    expect(formed.length).to.be.above(80);
    await expectWanted('xml', formed, ({ made }) => held.define(FORMS.xml.render(made)));
  });

  it('is a change that XML patch operations make as well', async function () {
    requirePythonModule(this, 'lxml');
    const answers = await applyOperations(formed.map(({ made }) => appliedCase(made)));
    const documents = new Map(formed.map((it, index) => [it, answers[index]]));
    await expectWanted('rfc5261', formed, async (it) => {
      const answer = documents.get(it);
      expect(answer?.wrong).to.equal(null);
      await held.define(answer?.document ?? '');
    });
  });

  it('is a command for virt-xml that changes nothing the second time', async function () {
    requireCommand(this, 'virt-xml', 'sha256sum');
    const shell = (script: string) =>
      runProcess('/bin/sh', ['-c', script], { env: { HOME: `${scratch.path}/home` } });
    await expectWanted('virt-xml', formed, async ({ made, wanted }) => {
      const script = FORMS['virt-xml'].render(made);
      const first = await shell(script);
      expect(first, script).to.include({ exitCode: 0, stderr: '' });
      expect(await held.read(made.domain), script).to.equal(wanted);
      const second = await shell(script);
      expect(second.exitCode).to.equal(1);
      expect(second.stderr).to.equal(`${made.uuid}: not the definition that was read; nothing is changed\n`);
    });
  });

  it('is a list of tasks that Ansible does once', async function () {
    requireCommand(this, 'ansible-playbook');
    const ansible = startAnsible(scratch.path);
    // A task takes a quarter of a second, and holds the whole text whatever is changed in it.
    const some = oneOfEachKind(formed);
    const tasks = some.map(({ made }) => FORMS.ansible.render(made));
    expect(await ansible.play(tasks, '--check'), 'check mode').to.include({ changed: 0, failed: 0 });
    for (const { made } of some) expect(await held.read(made.domain)).to.equal(made.before);
    expect(await ansible.play(tasks)).to.include({ changed: tasks.length, failed: 0 });
    const first = new Map<FormedDefinition, string>();
    for (const it of some) first.set(it, await held.read(it.made.domain));
    expect(await ansible.play(tasks)).to.include({ ok: tasks.length, changed: 0, failed: 0 });
    await expectWanted('ansible', some, async (it) => {
      expect(first.get(it)).to.equal(it.wanted);
    });
  });

  it('is proven as docs/remediation-proof.md tells', function () {
    requireFact(this, proven === 4, 'not everything has been proven in this run');
    counter.expectWrittenDown();
  });
});

function oneOfEachKind(formed: readonly FormedDefinition[]): FormedDefinition[] {
  const seen = new Set<string>();
  return formed.filter(({ kinds }) => {
    const isNew = kinds.some((kind) => !seen.has(kind));
    for (const kind of kinds) seen.add(kind);
    return isNew;
  });
}
