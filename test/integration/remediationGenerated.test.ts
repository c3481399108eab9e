import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { readDefinition } from '../../src/domxml/definition.js';
import { known } from '../../src/facts/fact.js';
import { hostLeftOut } from '../../src/facts/host.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { type PatchContext, planPatch } from '../../src/remediation/patch.js';
import { domains } from '../support/clockGrammar.js';
import { settingsDifference, settingsOf } from '../support/commandLineSettings.js';
import { type DefiningSession, startDefiningSession } from '../support/definingSession.js';
import { definitionFindings, severityOf } from '../support/definitionFindings.js';
import { withoutKvm } from '../support/domainForThisHost.js';
import { hasKvm } from '../support/embeddedDriver.js';
import { type EmbeddedHome, embeddedHome } from '../support/embeddedHome.js';
import { startPrivateLibvirtd } from '../support/privateLibvirtd.js';
import { isDateRefused, timeArgumentsOf } from '../support/qemuArguments.js';
import { expectNothingElse, mendedKinds, proveDefinition } from '../support/remediationProof.js';
import { requireCommand } from '../support/requirement.js';
import { runCommand } from '../support/runCommand.js';
import { scratchDirectory } from '../support/scratch.js';

/** Every run generates the same domains; a failure shows the smallest that still fails, with the seed and the path to it. */
const seed = Number(process.env.CLOCK_GRAMMAR_SEED ?? 20261123);
const numRuns = Number(process.env.CLOCK_GRAMMAR_RUNS ?? 1300);

/** How many are really defined in each driver; each takes about 80 ms. */
const DEFINED = 34;
const VALID = { before: true, held: true, after: true };

const same = (xml: string): string | null => xml;
/** The test driver knows nothing of QEMU's namespace, and forgets what it does not know. */
const withoutCommandline = (xml: string) => (/[<:](commandline|capabilities)\b/.test(xml) ? null : xml);

async function startTestDriver(): Promise<{ uri: string; stop: () => Promise<void> }> {
  const scratch = scratchDirectory('generated');
  const node = join(scratch.path, 'node.xml');
  writeFileSync(node, '<node/>');
  return { uri: `test://${node}`, stop: () => scratch.remove() };
}

/** To probe the QEMU of each further architecture takes libvirt seconds; the fixtures have some of those. */
const generatedDomains = domains(hasKvm()).filter((xml) => /arch='(x86_64|i686|aarch64)'/.test(xml));

describe('the patch of a generated domain', function () {
  this.timeout(240_000);
  let home: EmbeddedHome | undefined;
  let driver: DefiningSession;
  let context: PatchContext;

  before(async function () {
    requireCommand(
      this,
      'libvirtd',
      'setpriv',
      'virsh',
      'qemu-system-x86_64',
      'qemu-system-i386',
      'qemu-system-aarch64',
    );
    const libvirtVersion = (await runCommand('virsh', ['--version'])).trim();
    const host = { ...hostLeftOut('left out by the test'), tscCounter: known(null, 'test') };
    context = { libvirtVersion, host, policy: DEFAULT_POLICY };
    home = embeddedHome();
    driver = startDefiningSession(home.uri);
  });

  after(async () => {
    await driver?.stop();
    await home?.stop();
  });

  it(`does in libvirt what it was made for, and nothing else (CLOCK_GRAMMAR_SEED=${seed})`, async () => {
    let patched = 0;
    await fc.assert(
      fc.asyncProperty(generatedDomains, async (generated) => {
        const xml = generated.replace('</name>', '</name><uuid>8dcef1eb-e2ec-4948-8165-6d4353c8a2a1</uuid>');
        const plan = planPatch(xml, context);
        if (plan.kind !== 'patch') return;
        const [before, after] = [await driver.commandLine(xml), await driver.commandLine(plan.after)];
        if ('rejected' in after) throw new Error(`libvirt refuses the patched definition: ${after.rejected}`);
        expect(isDateRefused(after.line)).to.equal(false);
        expectOurArguments(plan.after, after.line);
        expectBetter(xml, plan.after, plan.mends);
        const again = planPatch(plan.after, context);
        expect(again.kind).to.equal(plan.unmended.length > 0 ? 'refused' : 'nothing-to-fix');
        const difference =
          'rejected' in before
            ? { removed: [], added: [] }
            : settingsDifference(settingsOf(before.line), settingsOf(after.line));
        expectNothingElse(difference, plan, mendedKinds(xml, plan, context));
        patched++;
      }),
      { seed, numRuns },
    );
    // Were there few patches, the property would say little.
    expect(patched).to.be.above(numRuns * 0.4);
  });

  for (const [where, open, adapted] of [
    ["libvirt's QEMU driver", () => null, same],
    ['a private libvirtd, without KVM', startPrivateLibvirtd, withoutKvm],
    ["libvirt's test driver", startTestDriver, withoutCommandline],
  ] as const) {
    it(`is defined in ${where}, read back and audited`, async function () {
      this.timeout(120_000);
      const place = await open();
      const session = place ? startDefiningSession(place.uri) : driver;
      let [proven, refused] = [0, 0];
      try {
        for (const generated of fc.sample(generatedDomains, { seed, numRuns: 1000 })) {
          if (proven === DEFINED) break;
          const xml = adapted(
            generated.replace('</name>', '</name><uuid>8dcef1eb-e2ec-4948-8165-6d4353c8a2a1</uuid>'),
          );
          const patch = xml === null ? null : planPatch(xml, context);
          if (xml === null || patch?.kind !== 'patch') continue;
          await session.undefine();
          // Many are wrong on purpose, so that neither libvirt nor its schema takes them as they are.
          if ('rejected' in (await session.define(xml))) {
            refused++;
            continue;
          }
          try {
            await proveDefinition(session, { xml, patch }, context, VALID);
          } catch (error) {
            throw new Error(`${(error as Error).message}\nof ${xml}`);
          }
          proven++;
        }
      } finally {
        if (place) await session.stop();
        await place?.stop();
      }
      expect({ proven }, `${refused} were refused as they were`).to.deep.equal({ proven: DEFINED });
    });
  }

  /** What we take the patched definition to come to is what libvirt makes of it. */
  function expectOurArguments(xml: string, line: string): void {
    const { qemuArgs } = readDefinition(xml, context.libvirtVersion).effectiveClock;
    const dateIsFixed = !qemuArgs.some((argument) => argument.includes('base=datetime'));
    const ours = dateIsFixed
      ? qemuArgs
      : qemuArgs.map((it) => it.replace(/base=\d{4,}[-T:\d]*/g, 'base=datetime'));
    expect(ours.toSorted()).to.deep.equal(timeArgumentsOf(line, { dateIsFixed }).toSorted());
  }

  function expectBetter(before: string, after: string, mends: readonly string[]): void {
    const [was, is] = [definitionFindings(before, context), definitionFindings(after, context)];
    for (const [check, finding] of is) {
      const wanted = mends.includes(check) ? 0 : severityOf(was.get(check));
      expect(severityOf(finding), `${check}: ${finding.observed}`).to.be.at.most(wanted);
    }
  }
});
