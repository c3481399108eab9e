import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { readDefinition } from '../../src/domxml/definition.js';
import { type EmbeddedDriver, hasKvm, startEmbeddedDriver } from '../support/embeddedDriver.js';
import { type PrivateLibvirtd, startPrivateLibvirtd, tinyDomainXml } from '../support/privateLibvirtd.js';
import { requireCommand, requireFact } from '../support/requirement.js';
import { runCommand } from '../support/runCommand.js';
import { auditJson, domainNamed, verdicts } from '../support/runTool.js';
import { xml } from './naiveRule.js';
import { allTraps } from './trap.js';

const traps = allTraps();
const isX86 = (text: string) => text.includes("arch='x86_64'");
// Whether the host can give a guest such a frequency is the host's affair.
const asksForFrequency = (text: string) => text.includes(" frequency='");
// Of a libvirt that knows it.
const isMshv = (text: string) => text.includes("<domain type='hyperv'");

describe('libvirt itself, asked about the traps', function () {
  this.timeout(120_000);
  let driver: EmbeddedDriver;
  let libvirtVersion: string;

  before(async function () {
    requireCommand(this, 'virsh', 'qemu-system-x86_64');
    requireFact(this, hasKvm(), '/dev/kvm cannot be used');
    libvirtVersion = (await runCommand('virsh', ['--version'])).trim();
    driver = await startEmbeddedDriver();
  });

  after(() => driver?.stop());

  for (const trap of traps.filter((it) => isX86(xml(it)) && !asksForFrequency(xml(it)) && !isMshv(xml(it)))) {
    it(`agrees about ${trap.name}`, async () => {
      const text = xml(trap)
        .replace(/<emulator>.*<\/emulator>/, '')
        .replace(/<interface .*<\/interface>/s, '');
      const { effectiveClock, rejections } = readDefinition(text, libvirtVersion);
      const dateIsFixed = !effectiveClock.qemuArgs.some((argument) => argument.includes('base=datetime'));
      const translation = await driver.timeArguments(text, { dateIsFixed });
      if ('rejected' in translation) expect(rejections, translation.rejected).not.to.have.length(0);
      else {
        expect(rejections).to.deep.equal([]);
        // The order of -cpu's properties decides nothing here.
        expect(effectiveClock.qemuArgs.toSorted()).to.deep.equal(translation.args.toSorted());
      }
    });
  }
});

describe("libvirt's schema", () => {
  before(function () {
    requireCommand(this, 'virt-xml-validate', 'xmllint');
  });

  for (const trap of traps.filter(({ number }) => number === 12 || number === 34)) {
    it(`accepts ${trap.name}`, async () => {
      await runCommand('virt-xml-validate', [trap.path('inactive.xml'), 'domain']);
    });
  }
});

describe('an audit of a running domain', function () {
  this.timeout(60_000);
  const name = 'watched';
  let libvirtd: PrivateLibvirtd;

  before(async function () {
    requireCommand(this, 'libvirtd', 'virsh', 'qemu-system-x86_64');
    libvirtd = await startPrivateLibvirtd();
    await libvirtd.define(tinyDomainXml({ name, clock: "<clock offset='utc'/>" }));
    await libvirtd.virsh('start', name);
  });

  after(() => libvirtd?.stop());

  /** libvirt writes every taint into the log of the domain. */
  const logged = () => {
    const home = join(dirname(libvirtd.socketPath), '..', '..');
    const log = readFileSync(join(home, 'cache', 'libvirt', 'qemu', 'log', `${name}.log`), 'utf8');
    return log.split('\n').filter((line) => line.includes(' is tainted: '));
  };
  const audited = async () => {
    const { report } = await auditJson(['audit', '--connect', libvirtd.uri, '--no-host']);
    return verdicts(domainNamed(report, name).findings, 'domain/taints');
  };

  it('leaves no taint behind', async () => {
    expect(await audited()).to.deep.equal(['pass none']);
    expect(logged()).to.deep.equal([]);
  });

  it('tells of the taint that a look through the monitor leaves', async () => {
    await libvirtd.virsh('qemu-monitor-command', name, '{"execute":"query-status"}');
    expect(logged()).to.have.length(1);
    expect(await audited()).to.deep.equal(['info tainted']);
  });
});
