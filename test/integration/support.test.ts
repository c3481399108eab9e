import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  type SynchronisedPair,
  startClient,
  startLocalStratumOnly,
  startSynchronised,
  startUnsynchronised,
  untilSynchronised,
} from '../support/chronyStates.js';
import { type EmbeddedDriver, startEmbeddedDriver } from '../support/embeddedDriver.js';
import { guestProcesses } from '../support/guestProcesses.js';
import { startNtpServer } from '../support/ntpServer.js';
import { type PrivateLibvirtd, startPrivateLibvirtd, tinyDomainXml } from '../support/privateLibvirtd.js';
import { timeArgumentsOf } from '../support/qemuArguments.js';
import { requireCommand } from '../support/requirement.js';
import { CommandError, runCommand } from '../support/runCommand.js';
import { scratchDirectory } from '../support/scratch.js';
import { type ProxyLimit, startSocketProxy } from '../support/socketProxy.js';
import { waitUntil } from '../support/waitUntil.js';

const utc = "<clock offset='utc'/>";

async function failure(promise: Promise<unknown>): Promise<CommandError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CommandError)) throw new Error(`expected a failed command, not ${error}`);
  return error;
}

describe('test support', function () {
  this.timeout(60_000);

  describe('private libvirtd', () => {
    let libvirtd: PrivateLibvirtd;

    before(async function () {
      requireCommand(this, 'libvirtd', 'virsh', 'qemu-system-x86_64', 'setpriv');
      libvirtd = await startPrivateLibvirtd();
    });

    after(() => libvirtd?.stop());

    it('defines one domain and many', async () => {
      await libvirtd.define(tinyDomainXml({ name: 'one & only', clock: utc }));
      await libvirtd.defineMany([1, 2, 3].map((n) => tinyDomainXml({ name: `many${n}`, clock: utc })));
      const names = (await libvirtd.virsh('list', '--all', '--name')).trim().split('\n');
      expect(names).to.have.members(['one & only', 'many1', 'many2', 'many3']);
    });

    it('reports what virsh complains about', async () => {
      const error = await failure(libvirtd.define('<domain/>'));
      expect(error.message).to.contain('error: missing name information');
    });

    it('answers no more while frozen', async () => {
      libvirtd.freeze();
      try {
        const error = await failure(runCommand('virsh', ['-c', libvirtd.uri, 'list'], { timeoutMs: 500 }));
        expect(error.timedOut).to.equal(true);
      } finally {
        libvirtd.thaw();
      }
      expect(await libvirtd.virsh('list')).to.contain('Id');
    });

    for (const outcome of ['stall', 'close'] satisfies ProxyLimit['outcome'][]) {
      it(`fails in the middle of an answer (${outcome})`, async () => {
        const scratch = scratchDirectory('proxy');
        const proxy = await startSocketProxy(libvirtd.socketPath, join(scratch.path, 's'), {
          after: 300,
          outcome,
        });
        const uri = `qemu+unix:///session?socket=${proxy.path}`;
        const error = await failure(
          runCommand('virsh', ['-c', uri, 'dumpxml', 'many1'], { timeoutMs: 1000 }),
        );
        expect(error.timedOut).to.equal(outcome === 'stall');
        expect(proxy.bytesForwarded).to.equal(300);
        await proxy.close();
        await scratch.remove();
      });
    }

    it('forwards everything below the limit', async () => {
      const scratch = scratchDirectory('proxy');
      const limit = { after: Number.POSITIVE_INFINITY, outcome: 'close' } as const;
      const proxy = await startSocketProxy(libvirtd.socketPath, join(scratch.path, 's'), limit);
      const xml = await runCommand('virsh', [
        '-c',
        `qemu+unix:///session?socket=${proxy.path}`,
        'dumpxml',
        'many1',
      ]);
      expect(xml).to.contain('</domain>');
      expect(proxy.bytesForwarded).to.be.greaterThan(xml.length);
      await proxy.close();
      await scratch.remove();
    });

    it('starts a domain and ends it with the daemon', async () => {
      const directory = libvirtd.socketPath.replace(/\/run\/.*/, '');
      await libvirtd.virsh('start', '--paused', 'many1');
      expect(guestProcesses(directory)).to.have.length(1);
      await libvirtd.kill();
      expect(guestProcesses(directory)).to.have.length(1);
      await libvirtd.stop();
      await waitUntil('the end of the guest', async () => guestProcesses(directory).length === 0);
      expect(existsSync(directory)).to.equal(false);
    });
  });

  describe('embedded driver', () => {
    let driver: EmbeddedDriver;

    before(async function () {
      requireCommand(this, 'virsh', 'qemu-system-x86_64');
      driver = await startEmbeddedDriver();
    });

    after(() => driver?.stop());

    it('translates a plain clock', async () => {
      expect(await driver.timeArguments(tinyDomainXml({ name: 'a', clock: utc }))).to.deep.equal({
        args: ['-rtc base=utc'],
      });
    });

    it('translates a timezone and timers', async () => {
      const clock = `<clock offset='timezone' timezone='Europe/Paris'>
        <timer name='rtc' tickpolicy='catchup' track='guest'/><timer name='kvmclock' present='no'/></clock>`;
      const { args } = (await driver.timeArguments(tinyDomainXml({ name: 'a', clock }))) as {
        args: string[];
      };
      expect(args).to.deep.equal([
        'TZ=Europe/Paris',
        '-cpu kvmclock=off',
        '-rtc base=localtime,clock=vm,driftfix=slew',
      ]);
    });

    it('hides the date of a base that depends on the start', async () => {
      const xml = tinyDomainXml({ name: 'a', clock: "<clock offset='variable' adjustment='3600'/>" });
      expect(await driver.timeArguments(xml, { dateIsFixed: false })).to.deep.equal({
        args: ['-rtc base=datetime'],
      });
    });

    it('says why a clock is rejected', async () => {
      const clock = "<clock offset='utc'><timer name='rtc' track='boot'/></clock>";
      const translation = await driver.timeArguments(tinyDomainXml({ name: 'a', clock }));
      expect(translation)
        .to.have.property('rejected')
        .that.matches(/track.*boot/);
    });
  });

  it('normalises the spellings of QEMU arguments', () => {
    const line = `LC_ALL=C TZ='Etc/GMT+1' /usr/bin/qemu-system-x86_64 \\
-name 'guest=it'\\''s,debug-threads=on' -append -no-hpet -cpu host,+invtsc,-kvmclock,hv_time,kvm=no,tsc-frequency=2 \\
--machine pc,hpet=off -M "q35" -global kvm-pit.lost_tick_policy=delay -global a.b=c -no-hpet -icount shift=auto \\
-rtc base=1970-01-01T00:00:00,clock=host`;
    expect(timeArgumentsOf(line)).to.deep.equal([
      'TZ=Etc/GMT+1',
      '-cpu invtsc=on',
      '-cpu kvmclock=off',
      '-cpu hv-time=on',
      '-cpu kvm=off',
      '-cpu tsc-frequency=2',
      '-machine hpet=off',
      '-global kvm-pit.lost_tick_policy=delay',
      '-no-hpet',
      '-icount shift=auto',
      '-rtc base=1970-01-01T00:00:00,clock=host',
    ]);
  });

  describe('private chronyd', () => {
    before(function () {
      requireCommand(this, 'chronyd', 'chronyc', 'setpriv');
    });

    it('is synchronised, then in holdover', async () => {
      const pair: SynchronisedPair = await startSynchronised();
      try {
        expect(await pair.client.chronyc('-c', 'tracking')).to.match(/^7F000001,127\.0\.0\.1,2,.*,Normal\n$/);
        await pair.loseServer();
        expect(await pair.client.chronyc('-c', 'tracking')).to.match(/^7F000001,127\.0\.0\.1,2,.*,Normal\n$/);
        expect(await pair.client.chronyc('-c', 'sources')).to.match(/^\^,\?,127\.0\.0\.1,1,0,0,/);
      } finally {
        await pair.stop();
      }
    });

    it('is not synchronised without an answering server', async () => {
      const chronyd = await startUnsynchronised();
      expect(await chronyd.chronyc('-c', 'tracking')).to.match(/^00000000,.*,Not synchronised\n$/);
      await chronyd.stop();
    });

    it('follows its own clock only', async () => {
      const chronyd = await startLocalStratumOnly();
      expect(await chronyd.chronyc('-c', 'tracking')).to.match(/^7F7F0101,,8,.*,Normal\n$/);
      await chronyd.stop();
    });

    it('sees the offset, stratum and distance of a chosen NTP server', async () => {
      const chosen = { offsetSeconds: 2.5, stratum: 3, rootDelaySeconds: 0.25, rootDispersionSeconds: 0.125 };
      const server = await startNtpServer({ address: '127.0.0.2', ...chosen });
      const chronyd = await startClient(server);
      await untilSynchronised(chronyd);
      const tracking = (await chronyd.chronyc('-c', 'tracking')).trim().split(',');
      expect(tracking[2]).to.equal('4');
      expect(Number(tracking[4])).to.be.closeTo(2.5, 0.01);
      expect(Number(tracking[10])).to.be.closeTo(0.25, 0.01);
      expect(Number(tracking[11])).to.be.closeTo(0.125, 0.05);
      await chronyd.stop();
      await server.close();
    });
  });
});
