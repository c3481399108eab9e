import { expect } from 'chai';
import { agentChannel } from '../../src/checks/domain/agentChannel.js';
import { hypervDependencies } from '../../src/checks/domain/hypervDependencies.js';
import { hypervStimer } from '../../src/checks/domain/hypervStimer.js';
import { evaluateDefinition, evaluateDomain } from '../../src/checks/engine.js';
import { known } from '../../src/facts/fact.js';
import { hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { definitionOf, situationOf, windows } from '../support/definitions.js';

const host = hostLeftOut('the host was left out by the test');

describe('the remedy for a missing agent channel', () => {
  const remedies = (...parts: Parameters<typeof situationOf>) =>
    evaluateDomain(agentChannel, situationOf(...parts), host, DEFAULT_POLICY).flatMap(({ remedy }) => remedy);
  const absent = definitionOf({ agentChannel: 'absent' });
  const configured = definitionOf({ agentChannel: 'configured' });
  const add = [{ kind: 'add-agent-channel' }];

  it('is about the definition of the next start', () => {
    expect(remedies({ live: absent, inactive: absent })).to.deep.equal(add);
    expect(remedies({ inactive: absent })).to.deep.equal(add);
    expect(remedies({ live: absent })).to.deep.equal(add);
    expect(remedies({ live: absent, inactive: configured })).to.deep.equal([]);
    expect(remedies({ live: configured, inactive: absent })).to.deep.equal([]);
  });

  it('needs a machine on which libvirt finds a place for it', () => {
    const machines: readonly [arch: string | undefined, machine: string | undefined, taken: boolean][] = [
      ['x86_64', 'pc-q35-7.2', true],
      ['x86_64', 'pc-i440fx-rhel7.6.0', true],
      ['x86_64', 'q35', true],
      ['i686', 'pc', true],
      ['x86_64', undefined, true],
      [undefined, undefined, true],
      [undefined, 'pseries', true],
      ['x86_64', 'isapc', false],
      ['x86_64', 'microvm', false],
      ['x86_64', 'none', false],
      ['x86_64', 'xenfv', false],
      ['aarch64', 'virt-6.2', true],
      ['aarch64', 'raspi3b', false],
      ['aarch64', undefined, false],
      ['ppc64le', 'pseries-7.2', true],
      ['ppc64', 'mac99', false],
      ['s390x', 's390-ccw-virtio', true],
      ['riscv64', 'virt', true],
      ['riscv64', 'spike', false],
      ['sparc', 'SS-5', false],
    ];
    for (const [arch, machine, taken] of machines) {
      const { arch: _, machine: __, ...rest } = definitionOf();
      const inactive = { ...rest, ...(arch && { arch }), ...(machine && { machine }) };
      expect(remedies({ inactive }), `${arch} ${machine}`).to.have.length(taken ? 1 : 0);
    }
  });
});

describe('the remedy for enlightenments', () => {
  const remedyOf = (check: typeof hypervStimer, enlightenments: readonly string[], hvTime: 'on' | 'off') => {
    const definition = definitionOf({ guestOs: windows(), clock: { enlightenments, hvTime } });
    return evaluateDefinition(check, known(definition, 'test'), host, DEFAULT_POLICY).remedy;
  };

  it('names what is lacking, each behind what it builds on', () => {
    const remedy = (...names: string[]) => remedyOf(hypervDependencies, names, 'off');
    expect(remedy('stimer')).to.deep.equal([
      { kind: 'enable-hypervclock' },
      { kind: 'enable-enlightenments', names: ['vpindex', 'synic'] },
    ]);
    expect(remedy('stimer-direct')).to.deep.equal([
      { kind: 'enable-hypervclock' },
      { kind: 'enable-enlightenments', names: ['vpindex', 'synic', 'stimer'] },
    ]);
    expect(remedy('synic', 'vpindex', 'stimer')).to.deep.equal([{ kind: 'enable-hypervclock' }]);
    expect(remedy('tlbflush-ext', 'evmcs')).to.deep.equal([
      { kind: 'enable-enlightenments', names: ['vpindex', 'tlbflush', 'vapic'] },
    ]);
    expect(remedy('vpindex', 'ipi')).to.deep.equal([]);
  });

  it('completes the synthetic timers with what is there', () => {
    expect(remedyOf(hypervStimer, ['vpindex', 'relaxed'], 'on')).to.deep.equal([
      { kind: 'enable-enlightenments', names: ['synic', 'stimer'] },
    ]);
  });
});
