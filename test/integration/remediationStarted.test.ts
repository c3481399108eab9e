import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { DomainCheck } from '../../src/checks/check.js';
import { kvmclock } from '../../src/checks/domain/kvmclock.js';
import { pendingRestart } from '../../src/checks/domain/pendingRestart.js';
import { evaluateDomain } from '../../src/checks/engine.js';
import { describeDomain, parseDomain, readDefinition } from '../../src/domxml/definition.js';
import { hostLeftOut } from '../../src/facts/host.js';
import type { DomainSituation } from '../../src/facts/situation.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { readQemuProcess } from '../../src/qemu/process.js';
import { stateDirectories } from '../../src/qemu/stateDirectories.js';
import { planPatch } from '../../src/remediation/patch.js';
import { knownValue } from '../support/collectedFacts.js';
import { situationOf } from '../support/definitions.js';
import { hasKvm } from '../support/embeddedDriver.js';
import { type EmbeddedHome, embeddedHome } from '../support/embeddedHome.js';
import { type PrivateLibvirtd, startPrivateLibvirtd } from '../support/privateLibvirtd.js';
import { requireCommand, requireFact } from '../support/requirement.js';
import { auditJson, domainNamed, verdicts } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { tinyDomainXml } from '../support/tinyDomain.js';

/** A libvirt with one domain, by whatever way virsh gets there. */
interface Hypervisor {
  readonly uri: string;
  virsh(...args: string[]): Promise<string>;
}

/** What an operator does: the patch for what the next start will use, over what there is. */
async function patch({ virsh }: Hypervisor, name: string, file: string): Promise<readonly string[]> {
  const text = await virsh('dumpxml', '--inactive', '--security-info', name);
  const libvirtVersion = (await virsh('--version')).trim();
  const host = hostLeftOut('left out by the test');
  const plan = planPatch(text.slice(text.indexOf('<domain')), {
    libvirtVersion,
    host,
    policy: DEFAULT_POLICY,
  });
  if (plan.kind !== 'patch') throw new Error(`no patch: ${plan.kind}`);
  writeFileSync(file, plan.after);
  await virsh('define', '--validate', file);
  return plan.mends;
}

/** What the tool says of a domain that runs, by check. */
async function audit({ uri }: Hypervisor, name: string): Promise<(check: string) => string[]> {
  const { report } = await auditJson(['--connect', uri, '--no-host']);
  const { findings } = domainNamed(report, name);
  return (check) => verdicts(findings, check);
}

/** The `-rtc` and `-cpu` of the only QEMU whose pid is in that file. */
function argumentsOf(pidFile: string): string {
  const words = readFileSync(`/proc/${readFileSync(pidFile, 'utf8').trim()}/cmdline`, 'utf8').split('\0');
  return ['-rtc', '-cpu', '-no-hpet', '-machine']
    .filter((option) => words.includes(option))
    .map((option) => `${option} ${words[words.indexOf(option) + 1]}`)
    .join('\n');
}

describe('a patch takes effect', function () {
  this.timeout(120_000);
  let scratch: ScratchDirectory;
  const file = () => join(scratch.path, 'patched.xml');

  before(function () {
    requireCommand(this, 'libvirtd', 'virsh', 'qemu-system-x86_64', 'setpriv');
    scratch = scratchDirectory('started');
  });
  after(() => scratch?.remove());

  describe('on the RTC and the HPET of a guest that runs', () => {
    let libvirtd: PrivateLibvirtd;
    const name = 'tracks';
    const checks = ['domain/rtc-track', 'domain/hpet', 'domain/agent-channel'];
    const pidFile = () => join(libvirtd.socketPath, '..', 'qemu', 'run', `${name}.pid`);

    before(async () => {
      libvirtd = await startPrivateLibvirtd();
      const clock = "<clock offset='utc'><timer name='rtc' track='guest'/></clock>";
      await libvirtd.define(tinyDomainXml({ name, clock }));
      await libvirtd.virsh('start', '--paused', name);
    });
    after(() => libvirtd?.stop());

    it('not before it is defined', async () => {
      const found = await audit(libvirtd, name);
      expect(checks.map((check) => found(check))).to.deep.equal([
        ['fail guest'],
        ['warn on'],
        ['warn absent'],
      ]);
      expect(found('domain/pending-restart')).to.deep.equal(['pass same']);
    });

    it('not as long as the same QEMU runs, whatever the definition says', async () => {
      expect(await patch(libvirtd, name, file())).to.have.members(checks);
      const found = await audit(libvirtd, name);
      expect(found('domain/rtc-track')).to.deep.equal(['fail guest live', 'pass host inactive']);
      expect(found('domain/hpet')).to.deep.equal(['warn on live', 'pass off inactive']);
      expect(found('domain/pending-restart')).to.deep.equal(['warn pending']);
    });

    it('not by a reset, which is what a reboot is to QEMU', async () => {
      const pid = readFileSync(pidFile(), 'utf8');
      await libvirtd.virsh('reset', name);
      await libvirtd.virsh('resume', name);
      await libvirtd.virsh('reset', name);
      expect(readFileSync(pidFile(), 'utf8')).to.equal(pid);
      expect(argumentsOf(pidFile())).to.match(/^-rtc base=utc,clock=vm$/m);
      const found = await audit(libvirtd, name);
      expect(found('domain/rtc-track')).to.deep.equal(['fail guest live', 'pass host inactive']);
      expect(found('domain/pending-restart')).to.deep.equal(['warn pending']);
    });

    it('by a full stop and start', async () => {
      await libvirtd.virsh('destroy', name);
      await libvirtd.virsh('start', '--paused', name);
      expect(argumentsOf(pidFile())).to.match(/^-rtc base=utc$/m);
      expect(argumentsOf(pidFile())).to.match(/^-no-hpet|^-machine .*hpet=off/m);
      const found = await audit(libvirtd, name);
      expect(found('domain/rtc-track')).to.deep.equal(['pass host']);
      expect(found('domain/hpet')).to.deep.equal(['pass off']);
      expect(found('domain/pending-restart')).to.deep.equal(['pass same']);
      expect(found('domain/qemu-process')).to.deep.equal(['pass same']);
      // Nobody in the guest opens the channel that is there now.
      expect(found('domain/agent-channel')).to.not.deep.equal(['warn absent']);
    });
  });

  describe('on the kvm-clock of a guest with KVM', () => {
    let home: EmbeddedHome;
    const name = 'hides';
    const pidFile = () =>
      join(new URL(home.uri).searchParams.get('root') ?? '', 'run', 'qemu', `${name}.pid`);

    before(async function () {
      requireFact(this, hasKvm(), 'this process may not use /dev/kvm');
      home = embeddedHome();
      const clock = "<clock offset='utc'><timer name='kvmclock' present='no'/></clock>";
      const extra = "<features><kvm><hidden state='on'/></kvm></features>";
      writeFileSync(file(), tinyDomainXml({ name, clock, extra, type: 'kvm' }));
      await home.virsh(`define ${file()}; start --paused ${name}`);
    });
    after(() => home?.stop());

    /** A driver inside the process takes an event loop, which the tool has none of: judges what virsh tells, and the QEMU. */
    async function situation(): Promise<DomainSituation> {
      const text = async (...options: string[]) => {
        const told = await home.virsh('dumpxml', ...options, name);
        return told.slice(told.indexOf('<domain'));
      };
      const [live, inactive] = [await text(), await text('--inactive')];
      const { uuid = '' } = readDefinition(live, null);
      const process = knownValue(readQemuProcess({ name, uuid }, stateDirectories(home.uri, {}), '/'));
      const running = describeDomain(parseDomain(live), null, process);
      expect(running.effectiveClock.readFrom).to.equal('process');
      return situationOf({ live: running, inactive: readDefinition(inactive, null) });
    }

    function evaluated(check: DomainCheck, domain: DomainSituation): string[] {
      const findings = evaluateDomain(check, domain, hostLeftOut('left out by the test'), DEFAULT_POLICY);
      return findings.map(({ outcome, code, definition }) =>
        [outcome, code, definition].filter(Boolean).join(' '),
      );
    }

    it('by a full stop and start, and not before', async () => {
      expect(argumentsOf(pidFile())).to.match(/kvmclock=off.*kvm=off|kvm=off.*kvmclock=off/);
      expect(await patch(home, name, file())).to.include('domain/kvmclock');
      const waiting = await situation();
      expect(evaluated(kvmclock, waiting)).to.deep.equal(['fail kvm-hidden live', 'pass on inactive']);
      expect(evaluated(pendingRestart, waiting)).to.deep.equal(['warn pending']);
      await home.virsh(`destroy ${name}; start --paused ${name}`);
      expect(argumentsOf(pidFile())).to.match(/kvmclock=on/);
      expect(argumentsOf(pidFile())).to.not.match(/kvm=off|kvmclock=off/);
      const now = await situation();
      expect(evaluated(kvmclock, now)).to.deep.equal(['pass on']);
      expect(evaluated(pendingRestart, now)).to.deep.equal(['pass same']);
    });
  });
});
