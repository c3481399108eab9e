import { join } from 'node:path';
import { expect } from 'chai';
import { startLossyProxy } from '../support/lossyProxy.js';
import { type PrivateLibvirtd, startPrivateLibvirtd, tinyDomainXml } from '../support/privateLibvirtd.js';
import { requireCommand } from '../support/requirement.js';
import { auditJson } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { agentChannelXml, goodClock } from '../support/tinyDomain.js';

describe('a domain that is stuck while libvirtd is well', function () {
  this.timeout(60_000);
  let libvirtd: PrivateLibvirtd;
  let scratch: ScratchDirectory;

  before(async function () {
    requireCommand(this, 'libvirtd', 'virsh', 'qemu-system-x86_64', 'setpriv');
    libvirtd = await startPrivateLibvirtd();
    scratch = scratchDirectory('vca-stuck');
    const names = Array.from({ length: 200 }, (_, index) => `domain-${index}`);
    await libvirtd.defineMany(
      names.map((name) => tinyDomainXml({ name, clock: goodClock(), devices: agentChannelXml })),
    );
  });

  after(async () => {
    await libvirtd?.stop();
    await scratch?.remove();
  });

  for (const which of [0, 100, 199]) {
    it(`costs only its own verdict, when it is number ${which} of 200`, async () => {
      const socket = join(scratch.path, `s${which}`);
      const proxy = await startLossyProxy(libvirtd.socketPath, socket, which);
      const uri = `qemu+unix:///session?socket=${socket}`;
      const { report, exitCode, seconds } = await auditJson(['-c', uri, '--no-host', '--timeout', '4']);
      proxy.close();
      const unread = report.domains.filter(({ findings }) =>
        findings.some(({ outcome }) => outcome === 'unknown'),
      );
      const told = unread.map(({ name, findings }) => `${name}: ${findings[0]?.observed}`);
      expect(told, told.slice(0, 5).join('\n')).to.have.length(1);
      for (const { outcome, code, observed } of unread[0]?.findings ?? []) {
        if (outcome !== 'unknown') continue;
        expect(code).to.equal('deadline-exceeded');
        expect(observed).to.match(/virDomainGetXMLDesc was not answered within 4 s/);
      }
      expect(report.domains).to.have.length(200);
      expect(exitCode).to.equal(3);
      expect(seconds).to.be.within(4, 12);
    });
  }
});
