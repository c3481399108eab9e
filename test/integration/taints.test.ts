import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { type CollectedFacts, collectFacts, knownValue } from '../support/collectedFacts.js';
import { DOMAIN_GET_MESSAGES, startLossyProxy } from '../support/lossyProxy.js';
import { type PrivateLibvirtd, startPrivateLibvirtd, tinyDomainXml } from '../support/privateLibvirtd.js';
import { requireCommand } from '../support/requirement.js';
import { projectRoot, runProcess } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';

const utc = "<clock offset='utc'/>";

describe('the taints of a domain', function () {
  this.timeout(60_000);
  let libvirtd: PrivateLibvirtd;
  let collected: CollectedFacts;

  before(async function () {
    requireCommand(this, 'libvirtd', 'virsh', 'qemu-system-x86_64', 'setpriv');
    libvirtd = await startPrivateLibvirtd();
    const passesArguments = {
      rootAttributes: "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'",
      extra: "<qemu:commandline><qemu:arg value='-rtc'/><qemu:arg value='clock=vm'/></qemu:commandline>",
    };
    await libvirtd.defineMany([
      ...['clean', 'stopped'].map((name) => tinyDomainXml({ name, clock: utc })),
      ...['arguments', 'both'].map((name) => tinyDomainXml({ name, clock: utc, ...passesArguments })),
    ]);
    for (const name of ['clean', 'arguments', 'both']) await libvirtd.virsh('start', '--paused', name);
    await libvirtd.virsh('qemu-monitor-command', 'both', '{"execute":"query-status"}');
    collected = await collectFacts(['--connect', libvirtd.uri, '--no-host']);
  });

  after(() => libvirtd?.stop());

  it('are as many as libvirt wrote into the log of the domain, in its words', () => {
    const home = dirname(dirname(dirname(libvirtd.socketPath)));
    for (const name of ['clean', 'arguments', 'both']) {
      const log = readFileSync(join(home, 'cache', 'libvirt', 'qemu', 'log', `${name}.log`), 'utf8');
      const taints = knownValue(collected.domain(name).taints);
      expect(taints, name).to.have.length((log.match(/ is tainted: /g) ?? []).length);
      expect(new Set(taints).size, name).to.equal({ clean: 0, arguments: 1, both: 2 }[name]);
      for (const taint of taints) expect(taint, name).to.match(/^tainted: [^\n\0]+$/);
    }
  });

  it('are none for a domain that nobody tampered with', () => {
    expect(knownValue(collected.situation('clean').taints)).to.deep.equal([]);
  });

  it('cost only themselves where libvirt does not answer', async () => {
    const scratch = scratchDirectory('lost');
    const socket = join(scratch.path, 'socket');
    const proxy = await startLossyProxy(libvirtd.socketPath, socket, 0, DOMAIN_GET_MESSAGES);
    const uri = `qemu+unix:///session?socket=${socket}`;
    const { facts } = await collectFacts(['--connect', uri, '--no-host', '--timeout', '2']);
    proxy.close();
    await scratch.remove();
    const lost = facts.domains.filter(({ taints }) => taints?.known === false);
    expect(lost).to.have.length(1);
    expect(lost[0]?.taints).to.deep.include({
      cause: 'deadline-exceeded',
      reason: 'virDomainGetMessages was not answered within 2 s',
    });
    for (const { definitions } of facts.domains) {
      for (const text of Object.values(definitions)) expect(text.known).to.equal(true);
    }
  });

  it('do not leak', async () => {
    const { href } = pathToFileURL(join(projectRoot, 'dist', 'cli', 'entry.js'));
    const code = `
      import { loadConnection } from ${JSON.stringify(href)};
      const { Connection } = await loadConnection();
      const connection = await Connection.open(process.argv[1], 60);
      const domain = (await connection.list(0)).find(({ name }) => name === 'both');
      const resident = () => (gc(), gc(), process.memoryUsage.rss());
      let settled = 0;
      for (let call = 0; call < 100_000; call++) {
        if (call === 20_000) settled = resident();
        if ((await connection.taints(domain)).length !== 2) throw new Error('no taints');
      }
      console.log((resident() - settled) / 2 ** 20);
      await connection.close();`;
    const args = ['--expose-gc', '--input-type=module', '--eval', code, libvirtd.uri];
    const { stdout, stderr } = await runProcess(process.execPath, args);
    expect(stderr).to.equal('');
    // Two strings of some 50 bytes and their list, with what malloc adds, would be 12 MiB; without a leak it was 1 to 3.
    expect(Number(stdout)).to.be.below(8);
  });

  it('are not asked for where nothing runs', () => {
    expect(collected.domain('stopped')).to.not.have.property('taints');
    expect(collected.situation('stopped').taints).to.equal(null);
  });
});
