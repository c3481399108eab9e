import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ptpKvm } from '../../src/checks/domain/ptpKvm.js';
import { evaluateDefinition, evaluateHost } from '../../src/checks/engine.js';
import { chronyTracking } from '../../src/checks/host/chronyTracking.js';
import type { DomainDefinition } from '../../src/facts/definition.js';
import { known } from '../../src/facts/fact.js';
import { type HostFacts, hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { type GuestFix, guestFixesFor } from '../../src/remediation/guestFix.js';
import { answerOf } from '../support/chronyAnswers.js';
import { definitionOf, linux, windows } from '../support/definitions.js';
import { requireCommand } from '../support/requirement.js';
import { runCommand } from '../support/runCommand.js';
import { scratchDirectory } from '../support/scratch.js';

const offering = { ptpKvm: known({ offered: true, because: 'the clocksource is tsc' }, 'test') };
const synchronised = (stratum: number) => ({
  chrony: known(answerOf({ stratum }), 'test'),
});
const bsd = { family: 'bsd', confidence: 'strong', evidence: 'test' } as const;
const guests = [
  definitionOf({ guestOs: linux }),
  definitionOf(),
  definitionOf({ guestOs: windows() }),
  definitionOf({ guestOs: windows('medium') }),
  definitionOf({ guestOs: bsd }),
  definitionOf({ guestOs: linux, clock: { kvmclock: 'off' } }),
  definitionOf({ guestOs: linux, virtType: 'qemu', clock: { kvmclock: 'inert' } }),
];

function offered(facts: Partial<HostFacts>, definitions: readonly DomainDefinition[] = guests): GuestFix[] {
  const host = { ...hostLeftOut('left out by the test'), ...facts };
  const domains = definitions.map((definition) => ({
    definition,
    findings: [evaluateDefinition(ptpKvm, known(definition, 'test'), host, DEFAULT_POLICY)],
  }));
  const hostFindings = [evaluateHost(chronyTracking, host, DEFAULT_POLICY)];
  return guestFixesFor(host, hostFindings, [...domains, { definition: null, findings: [] }]);
}

describe("the recipe for guests that follow the host's clock", () => {
  it('is offered once, for the guests that can use it', () => {
    const [fix, ...more] = offered({ ...offering, ...synchronised(3) });
    expect(more).to.deep.equal([]);
    expect(fix?.domains).to.equal(2);
    expect(fix?.files).to.deep.equal([
      { path: '/etc/modules-load.d/ptp_kvm.conf', lines: ['ptp_kvm'] },
      {
        path: '/etc/chrony.conf',
        lines: ['refclock PHC /dev/ptp_kvm poll 2 dpoll -2 refid KVM stratum 3', 'makestep 1.0 -1'],
      },
    ]);
  });

  it('is offered to ARM guests too', () => {
    const clock = { kvmclock: 'not-applicable' } as const;
    expect(offered(offering, [definitionOf({ arch: 'aarch64', clock })])).to.have.length(1);
    expect(offered(offering, [definitionOf({ arch: 's390x', clock })])).to.deep.equal([]);
  });

  it('tells the stratum of the host, and a usual one where it is not known', () => {
    const line = (facts: Partial<HostFacts>) => offered({ ...offering, ...facts })[0]?.files[1]?.lines[0];
    expect(line(synchronised(1))).to.match(/ stratum 1$/);
    expect(line(synchronised(15))).to.match(/ stratum 2$/);
    expect(line({})).to.match(/ stratum 2$/);
  });

  it('is not offered where the host does not answer, is wrong itself, or nobody could use it', () => {
    const refusing = { ptpKvm: known({ offered: false, because: 'the clocksource is hpet' }, 'test') };
    expect(offered({ ...refusing, ...synchronised(3) })).to.deep.equal([]);
    expect(offered(synchronised(3))).to.deep.equal([]);
    expect(offered({ ...offering, ...synchronised(16) })).to.deep.equal([]);
    expect(
      offered({ ...offering, ...synchronised(3) }, [definitionOf({ guestOs: windows() })]),
    ).to.deep.equal([]);
    expect(offered({ ...offering, ...synchronised(3) }, [])).to.deep.equal([]);
  });

  it('is a configuration that chronyd takes, and a command that a shell does', async function () {
    requireCommand(this, 'chronyd');
    const scratch = scratchDirectory('chrony');
    try {
      const [fix] = offered({ ...offering, ...synchronised(3) });
      const lines = fix?.files[1]?.lines ?? [];
      const file = join(scratch.path, 'chrony.conf');
      writeFileSync(file, `${lines.join('\n')}\n`);
      expect((await runCommand('chronyd', ['-p', '-f', file])).trim().split('\n')).to.deep.equal([...lines]);
      await runCommand('sh', ['-n', '-c', fix?.activate ?? '']);
    } finally {
      await scratch.remove();
    }
  });
});
