import { expect } from 'chai';
import { known } from '../../src/facts/fact.js';
import { planPatch } from '../../src/remediation/patch.js';
import { args, hostWithTsc, patchContext, WINDOWS } from '../support/patchPlans.js';

const AGENT =
  "<devices><channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel></devices>";
const domain = (inside: string, machine = 'q35') =>
  `<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><os><type arch='x86_64' machine='${machine}'>hvm</type></os>${inside}</domain>`;
const noHpetAtAll =
  "<qemu:capabilities><qemu:del capability='no-hpet'/><qemu:del capability='machine-hpet'/></qemu:capabilities>";

describe('a plan', () => {
  it('mends what it can, and leaves no trace of what it cannot', () => {
    const text = domain(`<clock offset='localtime'/>${AGENT}${noHpetAtAll}`);
    expect(planPatch(text, patchContext())).to.deep.include({
      kind: 'patch',
      after: text.replace('localtime', 'utc'),
      mends: ['domain/clock-offset'],
      unmended: [
        {
          check: 'domain/hpet',
          because: 'the text offers no place where an edit would help domain/hpet',
        },
      ],
    });
  });

  it('is refused when nothing can be mended, and names every reason', () => {
    const text = domain(`<clock offset='utc'/>${AGENT}${noHpetAtAll}${args('-cpu', 'host,hv-synic')}`);
    const reasons = [
      {
        check: 'domain/hyperv-dependencies',
        because:
          'the -cpu in qemu:commandline replaces the one that libvirt would say it in, so no element helps domain/hyperv-dependencies',
      },
      {
        check: 'domain/hpet',
        because: 'the text offers no place where an edit would help domain/hpet',
      },
    ];
    expect(planPatch(text, patchContext())).to.deep.equal({
      kind: 'refused',
      because: reasons.map(({ because }) => because).join('; '),
      unmended: reasons,
    });
  });

  it('takes an edit back that makes another check worse', () => {
    const clock = "<clock offset='localtime'><timer name='hypervclock' present='no'/></clock>";
    // The timer is ignored as long as the argument decides, and would say the contrary of it from then on.
    const text = domain(`${WINDOWS}${clock}${AGENT}${args('-cpu', 'host,hv-time=off')}`, 'microvm');
    const context = patchContext({}, ['domain/hyperv-stimer']);
    expect(planPatch(text, context)).to.deep.equal({
      kind: 'refused',
      because: 'every edit that was tried makes domain/ignored-attributes worse',
      unmended: [
        {
          check: 'domain/hypervclock',
          because: 'every edit that was tried makes domain/ignored-attributes worse',
        },
      ],
    });
  });

  it('mends with a check what would come to light by it', () => {
    const clock = "<clock offset='localtime'/>";
    const tz = "<qemu:commandline><qemu:env name='TZ' value='Mars/Phobos'/></qemu:commandline>";
    const text = domain(`${clock}${AGENT}${tz}`);
    const plan = planPatch(text, patchContext({}, ['domain/hpet']));
    if (plan.kind !== 'patch') throw new Error(plan.kind);
    expect(plan.mends).to.deep.equal(['domain/timezone']);
    expect(plan.steps.map(({ check }) => check)).to.deep.equal(['domain/timezone', 'domain/clock-offset']);
    expect(plan.after).to.contain("<clock offset='utc'/>").and.not.contain('Mars');
  });

  it('does not hold against a mended guest what nobody wants mended', () => {
    const text = domain(`${WINDOWS}<clock offset='localtime'/>${AGENT}`);
    const left = ['domain/hpet', 'domain/hyperv-stimer'];
    const plan = planPatch(text, patchContext({}, left));
    if (plan.kind !== 'patch') throw new Error(plan.kind);
    expect(plan.mends).to.deep.equal(['domain/hypervclock']);
    expect(plan.after).to.equal(
      text.replace(
        "<clock offset='localtime'/>",
        "<clock offset='localtime'><timer name='hypervclock' present='yes'/></clock>",
      ),
    );
  });

  it('leaves alone what the policy turned off', () => {
    const context = patchContext();
    const checks = { 'domain/hpet': { enabled: false } };
    const text = domain(`<clock offset='utc'/>${AGENT}`);
    expect(planPatch(text, { ...context, policy: { ...context.policy, checks } })).to.deep.equal({
      kind: 'nothing-to-fix',
    });
  });

  it('offers no remedy for the TSC of a host without an invariant one, nor where QEMU refuses all the same', () => {
    const cpu = (attributes: string) =>
      `<cpu mode='host-passthrough'${attributes}><feature name='invtsc'/></cpu><clock offset='utc'><timer name='hpet' present='no'/></clock>${AGENT}`;
    const nothing = { kind: 'nothing-to-fix' };
    expect(planPatch(domain(cpu('')), patchContext({ tscCounter: known(null, 'test') }))).to.deep.equal(
      nothing,
    );
    expect(planPatch(domain(cpu(" migratable='off'")), patchContext(hostWithTsc(1e9)))).to.deep.equal(
      nothing,
    );
    expect(planPatch(domain(cpu('')), patchContext(hostWithTsc(1e9)))).to.include({ kind: 'patch' });
  });

  it('writes no frequency that is none', () => {
    const cpu = "<cpu mode='host-passthrough'><feature name='invtsc'/></cpu>";
    const text = domain(`${cpu}<clock offset='utc'><timer name='hpet' present='no'/></clock>${AGENT}`);
    for (const frequency of [0, -1, 2.5, 1e22, Number.NaN, "1' present='no" as unknown as number]) {
      expect(planPatch(text, patchContext(hostWithTsc(frequency))), String(frequency)).to.include({
        kind: 'refused',
      });
    }
  });

  it('says that libvirt refuses a definition, and offers nothing', () => {
    expect(
      planPatch(domain("<clock offset='localtime'><timer name='platform'/></clock>"), patchContext()),
    ).to.deep.equal({
      kind: 'refused',
      because: "libvirt's QEMU driver refuses the definition: timer 'platform', which QEMU does not have",
      unmended: [],
    });
  });
});
