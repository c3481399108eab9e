import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { wholeRunFixes } from '../../src/cli/patching/wholeRunFixes.js';
import { known } from '../../src/facts/fact.js';
import { type HostFacts, hostLeftOut } from '../../src/facts/host.js';
import { saveFacts } from '../../src/facts/store.js';
import { PATCH_FORMATS } from '../../src/remediation/forms/form.js';
import { hypervisorFacts } from '../support/hypervisorFacts.js';
import { policyOf } from '../support/policies.js';
import { runTool } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { agentChannelXml, goodClock, tinyDomainXml } from '../support/tinyDomain.js';

const clocksource = 'host/clocksource';
const host: HostFacts = {
  ...hostLeftOut('not asked for'),
  architecture: known('x86_64', 'test'),
  // Chosen by somebody: the TSC is there, and nothing has found it unreliable.
  clocksource: known({ current: 'hpet', available: ['tsc', 'hpet'] }, 'test'),
};
const offering: HostFacts = {
  ...host,
  clocksource: known({ current: 'tsc', available: ['tsc'] }, 'test'),
  ptpKvm: known({ offered: true, because: 'the clocksource is tsc' }, 'test'),
};
const guest = tinyDomainXml({ name: 'one', type: 'kvm', clock: goodClock(), devices: agentChannelXml });
const facts = (of: HostFacts | null) => hypervisorFacts({ one: guest }, { host: of });
const checksOf = (fixes: readonly { readonly check: string }[]) => fixes.map(({ check }) => check);

describe('what can be pasted besides patches', () => {
  let scratch: ScratchDirectory;

  before(() => {
    scratch = scratchDirectory('fixes');
  });
  after(() => scratch?.remove());

  it('is for the findings about the host', async () => {
    const { hostFixes, guestFixes } = wholeRunFixes(facts(host), await policyOf(''), null);
    expect(checksOf(hostFixes)).to.deep.equal([clocksource]);
    expect(guestFixes).to.deep.equal([]);
  });

  it('is nothing where the host was not looked at', async () => {
    expect(wholeRunFixes(facts(null), await policyOf(''), null)).to.deep.equal({
      hostFixes: [],
      guestFixes: [],
    });
  });

  it('leaves alone what is waived, turned off, mere information or not named', async () => {
    for (const yaml of [
      `waivers: [{check: ${clocksource}, target: host, reason: r, owner: o}]`,
      `checks: {${clocksource}: {enabled: false}}`,
      `checks: {${clocksource}: {severity: info}}`,
    ]) {
      expect(wholeRunFixes(facts(host), await policyOf(yaml), null).hostFixes, yaml).to.deep.equal([]);
    }
    const policy = await policyOf('');
    expect(wholeRunFixes(facts(host), policy, new Set(['domain/hpet'])).hostFixes).to.deep.equal([]);
    expect(checksOf(wholeRunFixes(facts(host), policy, new Set([clocksource])).hostFixes)).to.deep.equal([
      clocksource,
    ]);
  });

  it('is for guests where the host offers ptp_kvm', async () => {
    const policy = await policyOf('');
    const { guestFixes } = wholeRunFixes(facts(offering), policy, null);
    expect(guestFixes.map(({ check, domains }) => [check, domains])).to.deep.equal([['domain/ptp-kvm', 1]]);
    expect(wholeRunFixes(facts(offering), policy, new Set(['domain/hpet'])).guestFixes).to.deep.equal([]);
    const off = await policyOf('checks: {domain/ptp-kvm: {enabled: false}}');
    expect(wholeRunFixes(facts(offering), off, null).guestFixes).to.deep.equal([]);
  });

  it('stands before the patches in what is printed, in whatever way the form has', async () => {
    const file = join(scratch.path, 'host.json');
    writeFileSync(file, saveFacts(facts(host)));
    for (const format of PATCH_FORMATS) {
      const { stdout, stderr } = await runTool(['remediate', '--format', format, '--from', file]);
      const isAside = format === 'xml' || format === 'rfc5261';
      const [first, ...lines] = (isAside ? stderr : stdout).trimEnd().split('\n');
      expect(first, format).to.match(
        isAside ? /^virt-clock-audit: host\/clocksource: / : /^# host\/clocksource: /,
      );
      expect(lines.join('\n'), format).to.contain('    echo tsc > /sys/devices/system/clocksource/');
      if (isAside) expect(stdout, format).to.equal('');
      expect(stderr).not.to.match(/no patch for [^\n]*host\/clocksource/);
    }
  });

  it('is written into files of its own', async () => {
    const directory = join(scratch.path, 'patches');
    const file = join(scratch.path, 'facts.json');
    const written = (name: string) => readFileSync(join(directory, name), 'utf8');
    writeFileSync(file, saveFacts(facts(host)));
    await runTool(['remediate', '--output', directory, '--from', file]);
    expect(written('host-fixes.txt')).to.match(/^# host\/clocksource: [^\n]+\necho tsc > \/sys\/\S+\n/);
    writeFileSync(file, saveFacts(facts(offering)));
    const { stderr } = await runTool(['remediate', '--output', directory, '--from', file]);
    expect(stderr).to.contain(
      `removed 1 file of an earlier run from ${directory}, out of date now: host-fixes.txt\n`,
    );
    expect(existsSync(join(directory, 'host-fixes.txt'))).to.equal(false);
    expect(written('guest-fixes.txt')).to.match(/^# domain\/ptp-kvm, for 1 domain: /);
    expect(written('guest-fixes.txt')).to.match(/^refclock PHC \/dev\/ptp_kvm /m);
    expect(JSON.parse(written('manifest.json')).guestFixes[0]).to.include({
      check: 'domain/ptp-kvm',
      domains: 1,
    });
  });
});
