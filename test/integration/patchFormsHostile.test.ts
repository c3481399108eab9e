import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { expect } from 'chai';
import { FormUnavailable, type MadePatch } from '../../src/remediation/forms/form.js';
import { FORMS } from '../../src/remediation/forms/forms.js';
import { startAnsible } from '../support/ansible.js';
import { HeldDomains } from '../support/formedDefinitions.js';
import { requiredPatch } from '../support/madePatches.js';
import { type PrivateLibvirtd, startPrivateLibvirtd } from '../support/privateLibvirtd.js';
import { requireCommand } from '../support/requirement.js';
import { runProcess } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { tinyDomainXml } from '../support/tinyDomain.js';

const CLOCK = "<clock offset='localtime'/>";
const VICTIM = '5f7d3a4e-0b7c-4e0e-9f1f-0a4d5a4b3c2d';
/** virt-xml asks for the capabilities of the hypervisor, for which libvirt tries each QEMU that it finds. */
const EMULATORS = ['qemu-system-x86_64'];

/** Names that libvirt takes. */
const NAMES = [
  '--help',
  '-x',
  '42',
  'web 1',
  "it's",
  '"quoted"',
  'a$(touch hacked)b`touch hacked`',
  "'; touch hacked; '",
  'x\\',
  'a,b=c',
  '&amp;',
  '*',
  '{{ 7*7 }}',
  '{% raw %}',
  'naïve ☃ 𝄞',
  'a\u0085b\u2028c\u202ed',
  '# - !unsafe : |',
];

describe('the forms of a patch for a domain that wants to be believed', function () {
  this.timeout(120_000);
  let daemon: PrivateLibvirtd;
  let held: HeldDomains;
  let scratch: ScratchDirectory;

  before(async function () {
    requireCommand(this, 'libvirtd', 'virsh', 'setpriv', 'qemu-system-x86_64', 'virt-xml', 'sha256sum');
    scratch = scratchDirectory('hostile');
    mkdirSync(`${scratch.path}/home`);
    daemon = await startPrivateLibvirtd({ emulators: EMULATORS });
    held = new HeldDomains(daemon.uri);
  });

  after(async () => {
    await held?.stop();
    await daemon?.stop();
    await scratch?.remove();
  });

  /** Defines a domain, and makes the patch for what libvirt tells of it. */
  async function patched(
    part: Partial<Parameters<typeof tinyDomainXml>[0]>,
    about: Partial<MadePatch> = {},
  ): Promise<MadePatch & { uuid: string }> {
    const before = new Set(await uuids());
    await held.define(tinyDomainXml({ name: 'tiny', clock: CLOCK, ...part }));
    const uuid = (await uuids()).find((it) => !before.has(it));
    if (!uuid) throw new Error('no domain was defined');
    const text = await daemon.virsh(
      'dumpxml',
      '--inactive',
      ...(about.lacksSecrets ? [] : ['--security-info']),
      uuid,
    );
    const xml = `${text.trimEnd()}\n`;
    const made = requiredPatch(xml, { uri: daemon.uri, uuid, domain: part.name ?? 'tiny', ...about });
    return { ...made, uuid };
  }

  async function uuids(): Promise<string[]> {
    return (await daemon.virsh('list', '--all', '--uuid')).split('\n').filter(Boolean);
  }

  const shell = (script: string) =>
    runProcess('/bin/sh', ['-c', script], { cwd: scratch.path, env: { HOME: `${scratch.path}/home` } });

  for (const name of NAMES) {
    it(`virt-xml changes ${JSON.stringify(name)} and runs nothing else`, async () => {
      const made = await patched({ name });
      const script = FORMS['virt-xml'].render(made);
      const run = await shell(script);
      expect(run, script).to.include({ exitCode: 0, stderr: '' });
      expect(await held.read(made.uuid)).to.include("<clock offset='utc'");
      expect(readdirSync(scratch.path)).to.deep.equal(['home']);
      await daemon.virsh('undefine', made.uuid);
    });
  }

  it('virt-xml does not take a domain for the one whose UUID is its name', async () => {
    const victim = await patched({ name: 'web 2', extra: `<uuid>${VICTIM}</uuid>` });
    const other = await patched({ name: VICTIM });
    expect(await shell(FORMS['virt-xml'].render(victim))).to.include({ exitCode: 0, stderr: '' });
    expect(await held.read(VICTIM)).to.include("<clock offset='utc'");
    expect(await held.read(other.uuid)).to.include(CLOCK);
    for (const { uuid } of [victim, other]) await daemon.virsh('undefine', uuid);
  });

  it('virt-xml changes nothing once the definition is another one', async () => {
    const made = await patched({});
    await held.define(made.before.replace("<vcpu placement='static'>1<", "<vcpu placement='static'>2<"));
    const run = await shell(FORMS['virt-xml'].render(made));
    expect(run).to.include({ exitCode: 1, stdout: '' });
    expect(run.stderr).to.equal(`${made.uuid}: not the definition that was read; nothing is changed\n`);
    expect(await held.read(made.uuid)).to.include(CLOCK);
    await daemon.virsh('undefine', made.uuid);
    expect((await shell(FORMS['virt-xml'].render(made))).exitCode).to.equal(1);
  });

  for (const [type, attributes] of [
    ['vnc', "type='vnc' port='-1' autoport='yes' passwd='s3cret&amp;&quot;'"],
    ['spice', "type='spice' autoport='yes' passwd='s3cret&amp;&quot;'"],
  ] as const) {
    for (const change of ['a setting', 'a deletion']) {
      it(`virt-xml keeps the password of ${type} with ${change}`, async () => {
        const made = await patched(
          {
            ...(change === 'a deletion' && {
              rootAttributes: "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'",
              extra: `<qemu:commandline>${['-rtc', 'base=localtime', '-name', 'x']
                .map((word) => `<qemu:arg value='${word}'/>`)
                .join('')}</qemu:commandline>`,
            }),
            devices: `<graphics ${attributes}/>`,
          },
          { lacksSecrets: true },
        );
        const script = FORMS['virt-xml'].render(made);
        expect(script.includes('--print-xml')).to.equal(change === 'a deletion');
        expect(made.before).not.to.include('s3cret');
        const password = /passwd='[^']*'/.exec(await held.read(made.uuid))?.[0];
        expect(password).to.include('s3cret');
        expect(await shell(script)).to.include({ exitCode: 0, stderr: '' });
        expect(await held.read(made.uuid))
          .to.include(password)
          .and.to.include("<clock offset='utc'")
          .and.not.to.include('-rtc');
        await daemon.virsh('undefine', made.uuid);
      });
    }

    it(`a definition without the password of ${type} is not given out whole`, async () => {
      const made = await patched({ devices: `<graphics ${attributes}/>` }, { lacksSecrets: true });
      for (const format of ['xml', 'ansible'] as const) {
        expect(() => FORMS[format].render(made), format).to.throw(
          FormUnavailable,
          `the password of its ${type} graphics`,
        );
      }
      // It would be erased indeed.
      await held.define(made.after);
      expect(await held.read(made.uuid)).not.to.include('passwd');
      await daemon.virsh('undefine', made.uuid);
    });
  }

  it('Ansible evaluates nothing in a name or a definition', async function () {
    requireCommand(this, 'ansible-playbook');
    const pipe = `{{ lookup('pipe', 'touch ${scratch.path}/hacked') }}`;
    const title = `${pipe} {{ 7*7 }} {% raw %} {# x`;
    const description = `  # not a comment\n\t- !unsafe {{ 7*7 }}\n\n${pipe}\n --- \n...\nnaïve\u0085\u2028𝄞\u0080`;
    const all = await Promise.all(
      [{ name: '{{ 7*7 }}' }, { name: 'a\u0085b: {{ 7*7 }}' }, { name: 'it\'s "so"' }].map(
        async ({ name }, index) => {
          const extra = `<title>${index}${title}</title><description>${description}</description>`;
          return { name, extra };
        },
      ),
    );
    const made: (MadePatch & { uuid: string })[] = [];
    for (const part of all) made.push(await patched(part));
    const play = await startAnsible(scratch.path).play(made.map((it) => FORMS.ansible.render(it)));
    expect(play, play.output).to.include({ changed: all.length, failed: 0 });
    expect(existsSync(`${scratch.path}/hacked`)).to.equal(false);
    for (const it of made) {
      const now = await held.read(it.uuid);
      expect(now).to.include("<clock offset='utc'");
      for (const element of ['name', 'title', 'description']) {
        expect(inside(now, element), element).to.equal(inside(it.before, element)).and.not.equal('');
      }
    }
  });
});

function inside(xml: string, element: string): string {
  return new RegExp(`<${element}>([^]*?)</${element}>`).exec(xml)?.[1] ?? '';
}
