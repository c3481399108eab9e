import { expect } from 'chai';
import fc from 'fast-check';
import { parse } from 'yaml';
import {
  FormUnavailable,
  type MadePatch,
  PATCH_FORMATS,
  type PatchFormat,
} from '../../src/remediation/forms/form.js';
import { FORMS } from '../../src/remediation/forms/forms.js';
import { passwordRemarks } from '../../src/remediation/forms/passwords.js';
import { shellWord } from '../../src/remediation/forms/shellWord.js';
import { requiredPatch } from '../support/madePatches.js';
import { runProcess } from '../support/runTool.js';
import { goodClock, tinyDomainXml } from '../support/tinyDomain.js';

const UUID = '5f7d3a4e-0b7c-4e0e-9f1f-0a4d5a4b3c2d';
const QEMU = "xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'";
const AGENT = "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>";

type Parts = Partial<Parameters<typeof tinyDomainXml>[0]>;

function made(parts: Parts, about: Partial<MadePatch> = {}): MadePatch {
  const xml = tinyDomainXml({ name: 'web', type: 'kvm', clock: goodClock(), devices: AGENT, ...parts });
  const before = xml.replace('<memory', `<uuid>${UUID}</uuid>\n  <memory`);
  return requiredPatch(before, { uri: 'qemu:///system', uuid: UUID, ...about });
}

const localtime = { clock: "<clock offset='localtime'><timer name='hpet' present='no'/></clock>" };
const passed = (...words: string[]): Parts => ({
  rootAttributes: QEMU,
  extra: `<q:commandline>\n${words.map((word) => `    <q:arg value='${word}'/>\n`).join('')}  </q:commandline>`,
});

/** The options of the virt-xml that is called. */
function virtXml(patch: MadePatch): string {
  return (
    /virt-xml --connect qemu:\/\/\/system (.*) --(?:define|print-xml) -- web\b/.exec(
      FORMS['virt-xml'].render(patch),
    )?.[1] ?? ''
  );
}

function refusal(format: PatchFormat, patch: MadePatch): string {
  try {
    FORMS[format].render(patch);
    return '';
  } catch (error) {
    if (!(error instanceof FormUnavailable)) throw error;
    return error.message;
  }
}

describe('the forms of a patch', () => {
  it('are those that there are names for, each with an extension of its own', () => {
    expect(Object.keys(FORMS).sort()).to.deep.equal([...PATCH_FORMATS].sort());
    for (const [format, form] of Object.entries(FORMS)) expect(form.format).to.equal(format);
    expect(new Set(Object.values(FORMS).map(({ extension }) => extension)).size).to.equal(
      PATCH_FORMATS.length,
    );
  });

  it('end with a newline', () => {
    for (const form of Object.values(FORMS))
      expect(form.render(made(localtime)), form.format).to.match(/[^\n]\n$/);
  });

  it('are the patched text itself as xml', () => {
    const patch = made(localtime);
    expect(FORMS.xml.render(patch)).to.equal(patch.after);
  });

  for (const [type, isRefused] of [
    ['vnc', true],
    ['spice', true],
    ['rdp', true],
    ['egl-headless', false],
    ['sdl', false],
  ] as const) {
    it(`${isRefused ? 'are not' : 'are'} given whole for ${type} graphics without what only SECURE shows`, () => {
      const parts = { ...localtime, devices: `${AGENT}<graphics type='${type}'/>` };
      for (const format of ['xml', 'ansible'] as const) {
        const reason = isRefused ? /password of its .* graphics.*--security-info.*or use apply/ : /^$/;
        expect(refusal(format, made(parts, { lacksSecrets: true })), format).to.match(reason);
        expect(refusal(format, made(parts)), format).to.equal('');
      }
    });
  }
});

describe('the password of a display', () => {
  const remarks = (devices: string, format: PatchFormat, about: Partial<MadePatch> = {}) =>
    passwordRemarks(made({ ...localtime, devices: `${AGENT}${devices}` }, about), format);
  const vnc = "<graphics type='vnc' port='-1'/>";

  it('is asked for in every form of a file that has a display without one', () => {
    for (const type of ['vnc', 'spice', 'rdp']) {
      for (const format of PATCH_FORMATS.filter((it) => it !== 'virt-xml')) {
        expect(remarks(`<graphics type='${type}'/>`, format, { uri: null }), format).to.deep.equal([
          `has a ${type} display without a password: if this text was dumped without --security-info, defining it erases the password`,
        ]);
      }
    }
    for (const none of ["<graphics type='vnc' passwd='x'/>", "<graphics type='sdl'/>", '']) {
      expect(remarks(none, 'diff', { uri: null }), none).to.deep.equal([]);
    }
  });

  it('is kept by a diff of what libvirt has where that is applied to a dump with it', () => {
    for (const format of ['diff', 'rfc5261'] as const) {
      expect(remarks(vnc, format, { lacksSecrets: true })).to.deep.equal([
        'has a vnc display: apply it only to a text that was dumped with --security-info, for defining one without erases the password',
      ]);
      expect(remarks(vnc, format), 'read with passwords').to.deep.equal([]);
    }
    expect(remarks(vnc, 'virt-xml', { lacksSecrets: true })).to.deep.equal([]);
  });

  it('is never in saved facts, whatever options are given', () => {
    const saved = made({ ...localtime, devices: AGENT + vnc }, { lacksSecrets: true, isSaved: true });
    for (const format of ['xml', 'ansible'] as const) {
      expect(refusal(format, saved)).to.match(
        /; saved facts never have it: run remediate on the hypervisor /,
      );
      expect(refusal(format, saved)).not.to.contain('add --security-info');
    }
  });
});

describe('virt-xml command lines', () => {
  it('use the keys of one option where they say all of it', () => {
    const clock =
      "<clock offset='localtime'><timer name='pit'/><timer name='kvmclock' present='no'/></clock>";
    expect(virtXml(made({ clock }))).to.equal(
      '--edit --clock offset=utc,timer1.present=yes,timer2.name=hpet,timer2.present=no',
    );
    expect(FORMS['virt-xml'].render(made({ clock }))).to.include('# timer1 is the kvmclock timer.\n');
    const hidden = "<features><kvm><hidden state='on'/></kvm></features>";
    expect(virtXml(made({ extra: hidden }))).to.equal('--edit --features kvm.hidden.state=off');
    const linux =
      "<metadata><l:libosinfo xmlns:l='http://libosinfo.org/xmlns/libvirt/domain/1.0'><l:os id='http://debian.org/debian/12'/></l:libosinfo></metadata>";
    expect(virtXml(made({ devices: '', extra: linux }))).to.equal(
      '--add-device --channel unix,target.type=virtio,target.name=org.qemu.guest_agent.0',
    );
  });

  it('use paths for all of it where there is no key for some', () => {
    const clock = "<clock offset='absolute' start='1'><timer name='hpet' present='no'/></clock>";
    const extra = "<features><kvm><hidden state='on'/></kvm></features>";
    expect(virtXml(made({ clock, extra }))).to.equal(
      '--edit --xml ./clock/@start= --xml ./clock/@offset=utc --xml ./features/kvm/hidden/@state=off',
    );
  });

  it('leave it to virsh to define what virt-xml would do twice', () => {
    const deleting = FORMS['virt-xml'].render(made(passed('-rtc', 'base=localtime', '-S')));
    expect(deleting).to.include("--xml 'xpath.delete=./qemu:commandline/qemu:arg[2]'");
    expect(deleting).to.match(
      / --print-xml -- web \|\n {2}virsh --connect qemu:\/\/\/system define \/dev\/stdin\n$/,
    );
    expect(FORMS['virt-xml'].render(made(localtime))).to.match(/ --define -- web\n$/);
  });

  it('quote commas and backslashes, and are not given for what virt-xml writes wrongly', () => {
    expect(virtXml(made(passed('-rtc', 'clock=vm,base=utc,x=\\y')))).to.equal(
      `--edit --xml 'xpath.set=./qemu:commandline/qemu:arg[2]/@value,xpath.value="base=utc,x=\\\\y"'`,
    );
    for (const character of ['&amp;', '&lt;', '&gt;', '&quot;', '&apos;']) {
      expect(refusal('virt-xml', made(passed('-rtc', `clock=vm,x=${character}`))), character).to.match(
        /writes & < >/,
      );
    }
  });

  it('are not given for a file', () => {
    expect(refusal('virt-xml', made(localtime, { uri: null }))).to.match(/this definition is a file/);
  });

  it('are not given where a new element would stand elsewhere among those of its name', () => {
    const patch = made({ clock: "<clock offset='utc'><timer name='pit'/><timer name='rtc'/></clock>" });
    const steps = patch.steps.map((step) => ({
      ...step,
      changes: step.changes.map((change) =>
        change.kind === 'add-elements' && change.after
          ? { ...change, after: { ...change.after, position: 1 } }
          : change,
      ),
    }));
    const [first, hpet] = ["<timer name='pit'/>", "<timer name='hpet' present='no'/>"];
    const after = patch.after.replace(hpet, '').replace(first, first + hpet);
    expect(refusal('virt-xml', { ...patch, steps, after })).to.match(/puts a new timer behind all others/);
  });

  it('have words that a shell takes for what they are', async () => {
    const words = fc
      .sample(fc.string({ unit: 'binary', minLength: 1 }), 300)
      .map((it) => it.replaceAll('\0', ' '));
    words.push("'", "''", '\\', '-n', '$(x)', 'a\nb', '!', '~', '*', '#', '=', 'a=b', '{a,b}');
    const well = words.map((it) => Buffer.from(it).toString());
    const run = await runProcess('/bin/sh', ['-s'], {
      input: `printf '%s\\0' ${well.map(shellWord).join(' ')}\n`,
    });
    expect(run.stdout.split('\0').slice(0, -1)).to.deep.equal(well);
  });
});

describe('Ansible tasks', () => {
  const tasks = (patch: MadePatch) =>
    parse(FORMS.ansible.render(patch), {
      version: '1.1',
      customTags: [{ tag: '!unsafe', resolve: (text: string) => ({ unsafe: text }) }],
    });

  it('define the whole text, and have all that is not their own marked as unsafe', () => {
    const patch = made(
      { ...localtime, extra: '<title>{{ 7*7 }} \u0085 \u2028</title>' },
      { domain: '{{ 7*7 }}' },
    );
    expect(tasks(patch)).to.deep.equal([
      {
        name: { unsafe: 'Define domain {{ 7*7 }} with the timekeeping patch' },
        'community.libvirt.virt': {
          command: 'define',
          uri: { unsafe: 'qemu:///system' },
          xml: { unsafe: patch.after },
        },
      },
    ]);
    expect(FORMS.ansible.render(patch)).to.match(/^[\t\n\x20-\x7e]*$/);
  });

  it('leave the hypervisor to the play for a file, and its XML declaration out', () => {
    const patch = made(localtime, { uri: null });
    const after = `<?xml version='1.0' encoding='UTF-8'?>\n${patch.after}`;
    expect(tasks({ ...patch, after })[0]['community.libvirt.virt']).to.deep.equal({
      command: 'define',
      xml: { unsafe: patch.after },
    });
  });

  it('are not given for a definition without a UUID', () => {
    const patch = made(localtime);
    const after = patch.after.replace(/<uuid>.*<\/uuid>/, '');
    expect(refusal('ansible', { ...patch, after })).to.match(/without a <uuid>/);
  });
});
