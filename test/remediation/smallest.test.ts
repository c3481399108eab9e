import { expect } from 'chai';
import { hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { planPatch } from '../../src/remediation/patch.js';

/** What nearly every domain as short as these lacks, and no case here is about. */
const leaveAlone = new Set(['domain/hpet', 'domain/agent-channel', 'domain/hypervclock']);
const context = {
  libvirtVersion: null,
  host: hostLeftOut('not asked for'),
  policy: DEFAULT_POLICY,
  leaveAlone,
};
const windows =
  "<metadata><l:libosinfo xmlns:l='http://libosinfo.org/xmlns/libvirt/domain/1.0'><l:os id='http://microsoft.com/win/11'/></l:libosinfo></metadata>";

/** The patched text of a domain whose inside is given, or what else came of it. */
function patched(inside: string): string {
  const head =
    "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><os><type arch='x86_64'>hvm</type></os>";
  const plan = planPatch(`${head}${inside}</domain>`, context);
  return plan.kind === 'patch' ? plan.after.slice(head.length, -'</domain>'.length) : plan.kind;
}

const args = (...words: string[]) =>
  `<qemu:commandline>${words.map((word) => `<qemu:arg value='${word}'/>`).join('')}</qemu:commandline>`;

describe('a patch is no bigger than it must be', () => {
  const cases: Record<string, [before: string, after: string]> = {
    'only the -rtc that decides': [
      args('-rtc', 'clock=host', '-rtc', 'clock=vm'),
      args('-rtc', 'clock=host'),
    ],
    'only the wrong key': [args('-rtc', 'base=utc,clock=vm'), args('-rtc', 'base=utc')],
    'only the -cpu in force': [
      args('-cpu', 'host,kvm=off', '-cpu', 'max,kvm=off'),
      args('-cpu', 'host,kvm=off', '-cpu', 'max'),
    ],
    'not the value of another option': [args('-name', '-rtc', '-rtc', 'clock=vm'), args('-name', '-rtc')],
    'a comma written as an entity': [args('-cpu', 'host&#44;kvm=off'), args('-cpu', 'host')],
    'only the feature that hides the hypervisor': [
      "<cpu mode='host-passthrough'><feature policy='disable' name='vmx'/><feature policy='disable' name='hypervisor'/></cpu>",
      "<cpu mode='host-passthrough'><feature policy='disable' name='vmx'/></cpu>",
    ],
    'the feature that hides the hypervisor, not <hidden>': [
      "<features><kvm><hidden state='off'/></kvm></features><cpu mode='host-passthrough'><feature policy='forbid' name='hypervisor'/></cpu>",
      "<features><kvm><hidden state='off'/></kvm></features><cpu mode='host-passthrough'></cpu>",
    ],
    'whatever hides KVM, one after the other': [
      "<features><kvm><hidden state='on'/></kvm></features><cpu mode='host-passthrough'><feature policy='disable' name='hypervisor'/></cpu>",
      "<features><kvm><hidden state='off'/></kvm></features><cpu mode='host-passthrough'></cpu>",
    ],
    'the hypervisor bit of a -cpu': [args('-cpu', 'host,-hypervisor,pmu=on'), args('-cpu', 'host,pmu=on')],
    'the hypervisor bit of a -global': [args('-global', 'cpu.hypervisor=off', '-S'), args('-S')],
    'a -global of the CPU': [args('-global', 'x86_64-cpu.kvmclock=off', '-S'), args('-S')],
    "a zone of QEMU's environment, not a good clock": [
      `${windows}<clock offset='timezone' timezone='Europe/Paris'/><qemu:commandline><qemu:env name='TZ' value='Mars/Phobos'/></qemu:commandline>`,
      `${windows}<clock offset='timezone' timezone='Europe/Paris'/><qemu:commandline></qemu:commandline>`,
    ],
    'an offset with its attributes': [
      "<clock adjustment='7200' offset='variable' basis='utc'><timer name='rtc'/></clock>",
      "<clock offset='utc'><timer name='rtc'/></clock>",
    ],
    'an offset that is not written': ["<clock adjustment='7200'/>", "<clock offset='utc'/>"],
    'the offset of both of two clocks, or the second would contradict the first': [
      "<clock offset='variable' adjustment='7200'/><clock offset='localtime' adjustment='5'/><clock/>",
      "<clock offset='utc'/><clock offset='utc'/><clock/>",
    ],
    'both of two rtc timers, or the second would contradict the first': [
      "<clock offset='utc'><timer name='rtc' track='guest'/><timer name='rtc' track='guest'/></clock>",
      "<clock offset='utc'><timer name='rtc'/><timer name='rtc'/></clock>",
    ],
    'both of two kvmclock timers, or the first would contradict the last': [
      "<clock offset='utc'><timer name='kvmclock' present='no'/><timer name='kvmclock' present='no'/></clock>",
      "<clock offset='utc'><timer name='kvmclock' present='yes'/><timer name='kvmclock' present='yes'/></clock>",
    ],
  };
  for (const [what, [before, after]] of Object.entries(cases)) {
    it(what, () => {
      expect(patched(before)).to.equal(after);
    });
  }

  it('gives a guest that is probably Windows local time', () => {
    const timers = "<timer name='hypervclock' present='yes'/>";
    expect(patched(`<clock offset='absolute' start='0'>${timers}</clock>`)).to.equal(
      `<clock offset='localtime'>${timers}</clock>`,
    );
  });

  it('adds a clock where there is none', () => {
    expect(patched(`${windows}<features/>`)).to.equal(`${windows}<features/><clock offset='localtime'/>`);
  });

  it('offers nothing for a definition that libvirt refuses, or that is right', () => {
    expect(patched("<clock offset='utc'><timer name='rtc' track='boot'/></clock>")).to.equal('refused');
    expect(patched("<clock offset='utc'/>")).to.equal('nothing-to-fix');
  });
});
