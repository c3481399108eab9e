import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { evaluateDefinition } from '../../src/checks/engine.js';
import { DEFINITION_CHECKS } from '../../src/checks/registry.js';
import { readDefinition } from '../../src/domxml/definition.js';
import { readFiles } from '../../src/domxml/files.js';
import { known } from '../../src/facts/fact.js';
import { hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { patchDomain } from '../../src/remediation/domainPatch.js';
import { planPatch } from '../../src/remediation/patch.js';
import { unifiedDiff } from '../../src/remediation/unifiedDiff.js';
import { domainFixtures } from '../support/fixtures.js';
import { requireCommand } from '../support/requirement.js';
import { runCommand } from '../support/runCommand.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

const context = { libvirtVersion: null, host: hostLeftOut('not asked for'), policy: DEFAULT_POLICY };

const MENDED = ['pass', 'info', 'not-applicable'];

function severity(outcome: string | undefined): number {
  return Math.max(0, ['warn', 'fail', 'unknown'].indexOf(outcome ?? '') + 1);
}

function outcomes(xml: string): Map<string, string> {
  const definition = known(readDefinition(xml, null), 'test');
  return new Map(
    DEFINITION_CHECKS.map((check) => [
      check.id,
      evaluateDefinition(check, definition, context.host, DEFAULT_POLICY).outcome,
    ]),
  );
}

describe('the patch of each fixture', () => {
  let scratch: ScratchDirectory;

  before(function () {
    requireCommand(this, 'patch', 'git');
    scratch = scratchDirectory('vca-patch');
  });
  after(() => scratch?.remove());

  for (const fixture of domainFixtures()) {
    it(`${fixture.name}: ${fixture.patch}`, async () => {
      const [domain] = (await readFiles([fixture.path])).domains;
      if (!domain) throw new Error('the fixture is no domain');
      const { made, refused, mends, unmended } = patchDomain(domain, null, context);
      const found = {
        patch: made !== null ? 'fixes' : refused !== null ? 'refused' : 'nothing-to-fix',
        ...(mends.length > 0 && { mends }),
        ...(unmended.length > 0 && { unmended: unmended.map(({ check }) => check) }),
      };
      // Run the tests with UPDATE_GOLDEN=1 to write what came of it anew, and read the difference.
      if (process.env.UPDATE_GOLDEN === '1') {
        const file = fixture.path.replace(/\.xml$/, '.expect.json');
        const { patch: _, mends: __, unmended: ___, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
        writeFileSync(file, `${JSON.stringify({ ...rest, ...found }, null, 2)}\n`);
      } else {
        const { patch, mends: wanted, unmended: left } = fixture;
        expect(found).to.deep.equal({
          patch,
          ...(wanted && { mends: wanted }),
          ...(left && { unmended: left }),
        });
      }
    });
  }

  for (const { name, path, xml } of domainFixtures().filter(({ patch }) => patch === 'fixes')) {
    describe(name, () => {
      const plan = planPatch(xml, context);
      if (plan.kind !== 'patch') throw new Error(`${name}: ${plan.kind}`);
      const { after: patched, mends, unmended } = plan;

      it('makes every check that it names pass and no other worse', () => {
        const [before, now] = [outcomes(xml), outcomes(patched)];
        for (const [id, outcome] of now) {
          if (mends.includes(id)) expect(outcome, id).to.be.oneOf(MENDED);
          else expect(severity(outcome), id).to.be.at.most(severity(before.get(id)));
        }
      });

      it('leaves nothing for a second one', () => {
        const again = planPatch(patched, context);
        if (unmended.length === 0) expect(again).to.deep.equal({ kind: 'nothing-to-fix' });
        else expect(again).to.deep.include({ kind: 'refused', unmended });
      });

      it('changes only lines about the clock, and keeps their endings', () => {
        const [old, now] = [xml.split('\n'), patched.split('\n')];
        const removed = old.filter((line) => !now.includes(line));
        for (const line of removed)
          expect(line).to.match(/clock|timer|hidden|hypervisor|hyperv|state|qemu|:arg|:env|value/);
        expect(removed.length).to.be.below(9);
        const added = now.filter((line) => !old.includes(line));
        for (const line of added)
          expect(line).to.match(
            /clock|timer|hidden|hypervisor|hyperv|state|qemu|:arg|:env|value|features|channel|org\.qemu\.guest_agent|devices/,
          );
        expect(added.length).to.be.below(16);
        expect(patched.match(/\r/g)?.length ?? 0).to.be.at.least(
          removed.length === 0 ? 0 : (xml.match(/\r/g)?.length ?? 0) - 4,
        );
      });

      for (const [tool, ...args] of [
        ['patch', '-p1', '-s', '-i', '../it.patch'],
        ['git', 'apply', '-p1', '../it.patch'],
      ] as const) {
        it(`applies with ${tool}`, async () => {
          const directory = join(scratch.path, `${name}-${tool}`);
          mkdirSync(directory);
          const file = basename(path);
          cpSync(path, join(directory, file));
          writeFileSync(
            join(scratch.path, 'it.patch'),
            `# a line before it\n${unifiedDiff(file, xml, patched)}`,
          );
          await runCommand(tool, args, { cwd: directory });
          expect(readFileSync(join(directory, file), 'utf8')).to.equal(patched);
        });
      }
    });
  }
});
