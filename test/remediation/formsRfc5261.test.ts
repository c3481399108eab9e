import { expect } from 'chai';
import type { MadePatch } from '../../src/remediation/forms/form.js';
import { rfc5261Form } from '../../src/remediation/forms/rfc5261.js';
import { madePatch, requiredPatch } from '../support/madePatches.js';
import { remediationCases } from '../support/remediationCases.js';
import { requirePythonModule } from '../support/requirement.js';
import { appliedCase, applyOperations } from '../support/rfc5261Applier.js';
import { tinyDomainXml } from '../support/tinyDomain.js';

const QEMU = 'http://libvirt.org/schemas/domain/qemu/1.0';
const AGENT = "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>";

function domain(inside: string, attributes = ''): string {
  return `<domain type='kvm'${attributes}>
  <name>a</name>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
${inside}
  <devices>${AGENT}</devices>
</domain>
`;
}

const good = "  <clock offset='utc'><timer name='hpet' present='no'/></clock>";
const words = (prefix: string, ...values: string[]) =>
  values.map((value) => `    <${prefix}arg value='${value}'/>`).join('\n');

const SPECIAL: Readonly<Record<string, string>> = {
  'two clocks': domain(`  <clock offset='localtime'>
    <timer name='rtc' track='guest'/>
  </clock>
  <clock offset='localtime'>
    <timer name='kvmclock' present='no'/>
  </clock>`),
  'a namespace by its usual prefix': domain(
    `${good}\n  <qemu:commandline>\n${words('qemu:', '-rtc', 'clock=vm')}\n  </qemu:commandline>`,
    ` xmlns:qemu='${QEMU}'`,
  ),
  'a namespace by a prefix that means another one elsewhere': domain(
    `${good}\n  <metadata><qemu:x xmlns:qemu='http://example.com/'/></metadata>
  <q:commandline>\n${words('q:', '-name', 'x', '-rtc', 'base=localtime,clock=vm', '-S')}\n  </q:commandline>`,
    ` xmlns:q='${QEMU}'`,
  ),
  'a namespace by default': domain(
    `${good}\n  <commandline xmlns='${QEMU}'>\n${words('', '-rtc', 'clock=vm')}\n  </commandline>`,
  ),
  'the same name in two namespaces': domain(
    `${good}\n  <q:commandline>\n    <arg value='-rtc'/>\n${words('q:', '-rtc', 'clock=vm')}\n  </q:commandline>`,
    ` xmlns:q='${QEMU}'`,
  ),
  'several commandlines': domain(
    `${good}\n  <q:commandline>\n${words('q:', '-a', '-b')}\n  </q:commandline>
  <q:commandline>\n${words('q:', '-rtc', 'clock=vm', '-rtc', 'clock=vm')}\n  </q:commandline>`,
    ` xmlns:q='${QEMU}'`,
  ),
  'several timers of one name': domain(`  <clock offset='utc'>
    <timer name='kvmclock' present='no'/>
    <!-- and once more --><timer name='rtc' track='guest'/><timer name='rtc' track='guest'/>
    <timer name='kvmclock' present='no'/>
  </clock>`),
  'arguments in one line': domain(
    `${good}<q:commandline>${words('q:', '-rtc', 'clock=vm')
      .replace(/\s*\n\s*/, '')
      .trim()}</q:commandline>`,
    ` xmlns:q='${QEMU}'`,
  ),
  'text between the arguments': domain(
    `${good}<q:commandline>some<q:arg value='-rtc'/><![CDATA[ ]]><q:arg value='clock=vm'/>text</q:commandline>`,
    ` xmlns:q='${QEMU}'`,
  ),
  'characters that XML has entities for': domain(
    `${good}<q:commandline><q:arg value='-rtc'/><q:arg value='clock=vm,x=&lt;&amp;&gt;&quot;&apos;]]&gt;&#9;'/></q:commandline>`,
    ` xmlns:q='${QEMU}'`,
  ),
};

/** What goes wrong when each patch is applied to what it was made for; null where nothing does. */
async function applied(patches: readonly MadePatch[]): Promise<(string | null)[]> {
  return (await applyOperations(patches.map(appliedCase))).map(({ wrong }) => wrong);
}

describe('patches as XML patch operations', () => {
  before(function () {
    requirePythonModule(this, 'lxml');
  });

  it('lead to the patched definition, in another XPath engine', async () => {
    const cases = remediationCases().flatMap(({ name, xml }) => {
      const made = madePatch(xml);
      return made ? [{ name, made }] : [];
    });
    expect(cases.length).to.be.above(60);
    const answers = await applied(cases.map(({ made }) => made));
    const wrong = answers.flatMap((answer, index) =>
      answer === null ? [] : [`${cases[index]?.name}: ${answer}`],
    );
    expect(wrong).to.deep.equal([]);
  });

  for (const [name, xml] of Object.entries(SPECIAL)) {
    it(`lead there with ${name}`, async () => {
      expect(await applied([requiredPatch(xml)])).to.deep.equal([null]);
    });
  }

  it('are seen to be wrong by that engine when they are', async () => {
    const made = requiredPatch(domain("  <clock offset='localtime'/>"));
    const { before: document, after: wanted } = made;
    const answers = await applyOperations([
      { document, patch: "<diff><remove sel='domain/clock' ws='after'/></diff>", wanted },
      { document, patch: "<diff><remove sel='domain/clock/timer'/></diff>", wanted },
      { document: '<a>x<b/></a>', patch: "<diff><remove sel='a/b' ws='before'/></diff>", wanted: '<a>x</a>' },
    ]);
    const [first, second, third] = answers.map(({ wrong }) => wrong);
    expect(first).to.match(/^got/);
    expect(second).to.equal('ValueError: domain/clock/timer selects 0 nodes');
    expect(third).to.match(/no such white space/);
  });

  it('use a position only where a name is not enough, and a prefix of their own', () => {
    const made = requiredPatch(SPECIAL['a namespace by a prefix that means another one elsewhere'] ?? '');
    expect(rfc5261Form.render(made)).to.include(
      `<diff xmlns:qemu='${QEMU}'>\n  <replace sel='domain/qemu:commandline/qemu:arg[4]/@value'>`,
    );
  });

  it('have remarks that end no comment', () => {
    expect(rfc5261Form.comment?.('a --> b -- c-')).to.equal('<!-- a - -> b - - c-  -->');
  });

  it('are not given for changes that lead elsewhere', () => {
    const made = requiredPatch(
      tinyDomainXml({ name: 'a', clock: "<clock offset='localtime'/>", type: 'kvm' }),
    );
    expect(() => rfc5261Form.render({ ...made, steps: made.steps.slice(1) })).to.throw(/do not lead to/);
  });
});
