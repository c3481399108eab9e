import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { pendingRestart } from '../../src/checks/domain/pendingRestart.js';
import { qemuProcess } from '../../src/checks/domain/qemuProcess.js';
import { type CollectedFacts, collectFacts, definitionIn, knownValue } from '../support/collectedFacts.js';
import { type PrivateLibvirtd, startPrivateLibvirtd, tinyDomainXml } from '../support/privateLibvirtd.js';
import { requireCommand, requireFact } from '../support/requirement.js';
import { auditJson, domainNamed } from '../support/runTool.js';
import { ordinaryUser, type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { type SocketProxy, startSocketProxy } from '../support/socketProxy.js';
import { verdictOnDomain } from '../support/verdicts.js';

const utc = "<clock offset='utc'/>";
const namespace = "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'";
const secrets = ['s3cret-argument', 's3cret-variable'];

describe('a domain that runs is judged by its QEMU', function () {
  this.timeout(60_000);
  let scratch: ScratchDirectory;
  let libvirtd: PrivateLibvirtd;
  let collected: CollectedFacts;

  before(async function () {
    requireCommand(this, 'libvirtd', 'virsh', 'qemu-system-x86_64', 'setpriv');
    scratch = scratchDirectory('runs');
    libvirtd = await startPrivateLibvirtd();
    const [wrapper, parent] = [
      emulator(
        'wrapper',
        `export TOKEN=${secrets[1]}\nexec`,
        `clock=vm -object secret,id=s0,data=${secrets[0]}`,
      ),
      emulator('parent', '', 'clock=rt'),
    ];
    await start('plain', utc);
    await start('zone', "<clock offset='timezone' timezone='Europe/Paris'/>");
    await start('zone-replaced', "<clock offset='timezone' timezone='Europe/Paris'/>", {
      rootAttributes: namespace,
      extra: `<qemu:commandline><qemu:arg value='-rtc'/><qemu:arg value='clock=rt'/>
        <qemu:env name='TZ' value='Asia/Tokyo'/></qemu:commandline>`,
    });
    await start('wrapped', utc, { devices: `<emulator>${wrapper}</emulator>` });
    await start('wrapped-as-child', utc, { devices: `<emulator>${parent}</emulator>` });
    await libvirtd.define(tinyDomainXml({ name: 'stopped', clock: utc }));
    collected = await collectFacts(['--connect', libvirtd.uri, '--no-host']);
  });

  after(async () => {
    await libvirtd?.stop();
    await scratch?.remove();
  });

  /** A script that gives QEMU an RTC of its own, whatever the definition says. */
  function emulator(name: string, before: string, rtc: string): string {
    const path = join(scratch.path, name);
    writeFileSync(path, `#!/bin/sh\n${before} qemu-system-x86_64 "$@" -rtc ${rtc}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  async function start(name: string, clock: string, more: object = {}): Promise<void> {
    await libvirtd.define(tinyDomainXml({ name, clock, ...more }));
    await libvirtd.virsh('start', '--paused', name);
  }

  const runs = (name: string) => definitionIn(collected.situation(name), 'live').effectiveClock;
  const isNext = (name: string) => definitionIn(collected.situation(name), 'inactive').effectiveClock;

  const state = () => join(dirname(libvirtd.socketPath), 'qemu', 'run');

  it('whose pid libvirt wrote down', () => {
    for (const name of ['plain', 'zone', 'wrapped']) {
      const { pid } = knownValue(collected.domain(name).process);
      expect(pid, name).to.equal(Number(readFileSync(join(state(), `${name}.pid`), 'utf8')));
    }
  });

  it('which says what libvirt made of a definition that nothing overrides', () => {
    for (const name of ['plain', 'zone']) {
      expect(runs(name).readFrom).to.equal('process');
      expect(isNext(name).readFrom).to.equal('definition');
      expect(runs(name).rtc.base).to.equal(isNext(name).rtc.base);
      expect(runs(name).tz).to.equal(isNext(name).tz);
      expect(definitionIn(collected.situation(name), 'live').processDifferences).to.deep.equal([]);
    }
    expect(runs('zone').tz).to.equal('Europe/Paris');
  });

  it('whose environment outweighs the time zone of the definition', () => {
    expect(knownValue(collected.domain('zone-replaced').process)).to.include({ tz: 'Asia/Tokyo' });
    expect(runs('zone-replaced')).to.deep.include({ tz: 'Asia/Tokyo', readFrom: 'process' });
    expect(runs('zone-replaced').rtc.clock).to.equal('rt');
  });

  it('whose arguments outweigh the definition, when the emulator is a script', () => {
    expect(runs('wrapped').rtc.clock).to.equal('vm');
    expect(isNext('wrapped').rtc.clock).to.equal('host');
    expect(definitionIn(collected.situation('wrapped'), 'live').processDifferences).to.not.deep.equal([]);
  });

  it('which is found behind the script, when that waits for it', () => {
    expect(runs('wrapped-as-child').rtc.clock).to.equal('rt');
    expect(runs('wrapped-as-child').readFrom).to.equal('process');
  });

  it('without anything of its arguments and environment that may be secret', () => {
    expect(knownValue(collected.domain('wrapped').process).args).to.include('clock=vm');
    for (const secret of [...secrets, 'masterKey', 'TOKEN']) expect(collected.text).to.not.contain(secret);
  });

  it('and differs from it where something stands between libvirt and QEMU', () => {
    const verdict = (name: string) => verdictOnDomain(qemuProcess, collected.situation(name));
    expect(verdict('plain')).to.equal('pass same');
    expect(verdict('zone')).to.equal('pass same');
    expect(verdict('zone-replaced')).to.equal('pass same');
    expect(verdict('wrapped')).to.equal('warn differs');
    expect(verdict('wrapped-as-child')).to.equal('warn differs');
    expect(verdict('stopped')).to.equal('not-applicable not-applicable');
    // A wrapper is no change that waits for the next start.
    expect(verdictOnDomain(pendingRestart, collected.situation('wrapped'))).to.equal('pass same');
  });

  it('which a stopped domain has none of', () => {
    expect(collected.domain('stopped')).to.not.have.any.keys('process', 'taints');
    expect(collected.situation('stopped').process).to.equal(null);
    expect(isNext('stopped').readFrom).to.equal('definition');
  });

  it('also as the user that QEMU runs as', async () => {
    const own = await collectFacts(['--connect', libvirtd.uri, '--no-host'], { user: ordinaryUser() });
    for (const { name } of collected.facts.domains) {
      expect(own.domain(name).process, name).to.deep.equal(collected.domain(name).process);
    }
  });

  it('in the same way when the facts were saved', async () => {
    const file = join(scratch.path, 'facts.json');
    writeFileSync(file, collected.text);
    const { report } = await auditJson(['--from', file]);
    const { effectiveClock, nextEffectiveClock } = domainNamed(report, 'wrapped');
    expect(effectiveClock).to.deep.include({ readFrom: 'process' });
    expect(effectiveClock?.rtc.clock).to.equal('vm');
    expect(nextEffectiveClock?.rtc.clock).to.equal('host');
  });

  describe('which another user', () => {
    // Whoever it is, it is neither root nor the user that the private daemon runs as.
    const user = { uid: 1, gid: 1 };
    let places = 0;
    let place: string;
    let uri: string;
    let proxy: SocketProxy | null = null;

    beforeEach(async function () {
      requireFact(this, process.getuid?.() === 0, 'only root may run the tool as another user');
      // The daemon's own directory is closed to others: they come through a socket elsewhere.
      place = join(scratch.path, String(++places));
      mkdirSync(join(place, 'qemu'), { recursive: true });
      const everything = { after: Number.POSITIVE_INFINITY, outcome: 'close' } as const;
      proxy = await startSocketProxy(libvirtd.socketPath, join(place, 'socket'), everything);
      chmodSync(proxy.path, 0o777);
      uri = `qemu+unix:///session?socket=${proxy.path}`;
    });
    afterEach(() => proxy?.close());

    const collect = () => collectFacts(['--connect', uri, '--no-host', '--domain', 'zone*'], { user });

    it('may not see at all, so that the definition counts, and the facts say why', async () => {
      symlinkSync(state(), join(place, 'qemu', 'run'));
      const theirs = await collect();
      expect(theirs.domain('zone').process).to.deep.include({ known: false, cause: 'not-permitted' });
      const { readFrom, tz } = definitionIn(theirs.situation('zone'), 'live').effectiveClock;
      expect({ readFrom, tz }).to.deep.equal({ readFrom: 'definition', tz: 'Europe/Paris' });
    });

    it('may see without its environment, so that the time zone is that of the definition', async () => {
      mkdirSync(join(place, 'qemu', 'run'));
      for (const name of ['zone', 'zone-replaced']) {
        copyFileSync(join(state(), `${name}.pid`), join(place, 'qemu', 'run', `${name}.pid`));
      }
      const theirs = await collect();
      for (const [name, zone] of [
        ['zone', 'Europe/Paris'],
        ['zone-replaced', 'Asia/Tokyo'],
      ] as const) {
        expect(knownValue(theirs.domain(name).process)).to.include({ tz: null, tzRead: false });
        const { effectiveClock } = definitionIn(theirs.situation(name), 'live');
        expect(effectiveClock.readFrom).to.equal('process');
        expect(effectiveClock.tz).to.equal(zone);
      }
    });

    it('does not find where the hypervisor is in a container', async () => {
      const { process: fact } = (await collect()).domain('zone');
      expect(fact).to.deep.include({ known: false, cause: 'process-not-found' });
    });
  });
});
