import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Facts } from '../../src/facts/facts.js';
import { collected, factsIn, verdictLines } from '../support/collectedAudit.js';
import { recordHere, SHELLS } from '../support/collectorRun.js';
import { type PrivateChronyd, startPrivateChronyd } from '../support/privateChronyd.js';
import { type PrivateLibvirtd, startPrivateLibvirtd, tinyDomainXml } from '../support/privateLibvirtd.js';
import { requireCommand } from '../support/requirement.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

const utc = "<clock offset='utc'/>";
const qemu = "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'";

/** What a recording has no answer to: what takes the machine's own devices and system calls. */
const NOT_RECORDED = new Set(['kernelClock', 'kvm']);
/** Checks that rest on those facts, or whose answer differs from one second to the next. */
const OTHERWISE = /^host host\/(kernel-|ptp-kvm|chrony-control)/;

/** Names that a shell, an option parser or a file system could take for something else. */
const HOSTILE_NAMES = [
  'two words',
  "it's $(touch owned)",
  '`id`;reboot&',
  '.hidden',
  '--all',
  '-x',
  '*',
  'ünïcödé "quoted"',
  '&amp;',
  '@end 3',
];

describe('the shell collector', function () {
  this.timeout(180_000);
  let scratch: ScratchDirectory;
  let libvirtd: PrivateLibvirtd;
  let chronyd: PrivateChronyd;
  let direct: Facts;

  before(async function () {
    requireCommand(
      this,
      'libvirtd',
      'virsh',
      'qemu-system-x86_64',
      'setpriv',
      'chronyd',
      'chronyc',
      'dash',
      'busybox',
    );
    scratch = scratchDirectory('collector');
    libvirtd = await startPrivateLibvirtd({ emulators: ['qemu-system-x86_64'] });
    chronyd = await startPrivateChronyd({ config: ['local stratum 3'] });
    for (const name of HOSTILE_NAMES) await libvirtd.define(tinyDomainXml({ name, clock: utc }));
    const wrapper = join(scratch.path, 'parent');
    writeFileSync(wrapper, '#!/bin/sh\nqemu-system-x86_64 "$@" -rtc clock=rt\n');
    chmodSync(wrapper, 0o755);
    const zone = "<clock offset='timezone' timezone='Europe/Paris'/>";
    await start('plain', utc);
    await start('a zone', zone);
    await start('no zone', "<clock offset='timezone' timezone='Europe/Nowhere'/>");
    await start('replaced', zone, {
      rootAttributes: qemu,
      extra: "<qemu:commandline><qemu:env name='TZ' value='Asia/Tokyo'/></qemu:commandline>",
    });
    await start('wrapped', utc, { devices: `<emulator>${wrapper}</emulator>` });
    await start('$(id) -- running', utc);
    await start('.hidden and running', zone);
    const xml = join(scratch.path, 'transient.xml');
    writeFileSync(xml, tinyDomainXml({ name: 'transient', clock: utc }));
    await libvirtd.virsh('create', '--paused', xml);
    await libvirtd.define(
      tinyDomainXml({
        name: 'frequency',
        clock: "<clock offset='utc'><timer name='tsc' frequency='2000000000'/></clock>",
      }),
    );
    direct = await collected('--connect', libvirtd.uri, '--host', '--chrony-host', chronyd.socketPath);
  });

  after(async () => {
    await chronyd?.stop();
    await libvirtd?.stop();
    await scratch?.remove();
  });

  async function start(name: string, clock: string, more: object = {}): Promise<void> {
    await libvirtd.define(tinyDomainXml({ name, clock, ...more }));
    await libvirtd.virsh('start', '--paused', '--domain', name);
  }

  const settings = () => ({ connect: libvirtd.uri, chronyHost: chronyd.socketPath, timeout: 20 });

  // The recording itself tells where chronyd was asked.
  const recorded = (stream: Buffer) => factsIn(stream);
  const verdictsOf = (facts: Facts) => verdictLines(facts).filter((line) => !OTHERWISE.test(line));

  for (const [name, shell] of Object.entries(SHELLS)) {
    it(`run by ${name}, tells what an audit of the machine itself does`, async () => {
      const facts = await recorded(recordHere(settings(), { shell }));
      expect(facts.problems).to.deep.equal([]);
      const here = verdictsOf(direct);
      const there = verdictsOf(facts);
      expect(there).to.have.length.above(100);
      expect(there.filter((line) => !here.includes(line))).to.deep.equal([]);
      expect(here.filter((line) => !there.includes(line))).to.deep.equal([]);
      const withoutSource = ({ source: _, ...domain }: Facts['domains'][number]) => domain;
      const bare = (it: Facts) =>
        JSON.parse(JSON.stringify(it.domains.map(withoutSource)), (key, value) =>
          key === 'source' ? undefined : value,
        );
      expect(bare(facts)).to.deep.equal(bare(direct));
    });
  }

  it('tells the same facts of the host, but for those that only the machine itself has', async () => {
    const { host } = await recorded(recordHere(settings()));
    for (const [name, fact] of Object.entries(direct.host ?? {})) {
      const same = host?.[name as keyof typeof host];
      // virsh tells it in passing, where the tool itself would have to ask.
      if (name === 'qemuVersion') continue;
      if (NOT_RECORDED.has(name)) expect(same, name).to.include({ known: false, leftOut: true });
      else expect(same, name).to.include({ known: fact.known });
    }
  });
});
