import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { readDomains } from '../../src/libvirt/domains.js';
import { searchPath } from '../support/commandPath.js';
import { type PrivateLibvirtd, startPrivateLibvirtd, tinyDomainXml } from '../support/privateLibvirtd.js';
import { requireCommand } from '../support/requirement.js';
import { agentChannelXml, goodClock } from '../support/tinyDomain.js';

const request = { deadlineSeconds: 5, required: [] };

describe('reading domains while the hypervisor changes', function () {
  this.timeout(60_000);
  let libvirtd: PrivateLibvirtd;

  beforeEach(async function () {
    requireCommand(this, 'libvirtd', 'virsh', 'qemu-system-x86_64', 'setpriv');
    libvirtd = await startPrivateLibvirtd();
    const names = ['first', 'gone', 'last'];
    await libvirtd.defineMany(
      names.map((name) => tinyDomainXml({ name, clock: goodClock(), devices: agentChannelXml })),
    );
  });

  afterEach(() => libvirtd?.stop());

  it('leaves out a domain that vanishes between listing and reading, with a note', async () => {
    const answer = await readDomains({
      ...request,
      uri: libvirtd.uri,
      wants({ name }) {
        // Asked after listing and before reading. The daemon is another process: it answers meanwhile.
        if (name === 'gone') {
          const env = { PATH: searchPath, LC_ALL: 'C' };
          execFileSync('virsh', ['-c', libvirtd.uri, 'undefine', name], { env, stdio: 'pipe' });
        }
        return true;
      },
    });
    expect(answer.domains.map(({ name }) => name)).to.have.members(['first', 'last']);
    for (const { definitions } of answer.domains) expect(definitions.inactive?.known).to.equal(true);
    expect(answer.notes).to.deep.equal(['domain gone vanished while the audit ran and was left out']);
    expect(answer.problems).to.deep.equal([]);
  });

  it('keeps the list with the exact error when the daemon is killed between listing and reading', async () => {
    const answer = await readDomains({
      ...request,
      uri: libvirtd.uri,
      wants({ name }) {
        if (name === 'gone') process.kill(libvirtd.pid, 'SIGKILL');
        return true;
      },
    });
    expect(answer.domains).to.have.length(3);
    for (const { definitions } of answer.domains) {
      const text = definitions.inactive;
      if (text?.known !== false) throw new Error('read after the death of the daemon');
      expect(text.libvirtError).to.deep.include({ code: 1, domain: 7 });
      expect(text.reason).to.match(/^internal error: client socket is closed/);
    }
  });

  it('keeps what it read when the daemon is stopped between two definitions', async () => {
    let texts = 0;
    const startedAt = performance.now();
    const answer = await readDomains({
      ...request,
      uri: libvirtd.uri,
      deadlineSeconds: 1,
      wants({ name }) {
        if (name === 'last') libvirtd.freeze();
        return true;
      },
      onText: () => texts++,
    });
    expect(performance.now() - startedAt).to.be.within(1000, 2500);
    expect(answer.domains).to.have.length(3);
    const unread = answer.domains.filter(({ definitions }) => definitions.inactive?.known === false);
    expect(unread).to.have.length(3 - texts);
    expect(unread.length).to.be.greaterThan(0);
    // The threads that wait for it would keep this process from ending.
    libvirtd.thaw();
  });
});
