import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { expect } from 'chai';
import type { Facts } from '../../src/facts/facts.js';
import { splitRecords } from '../../src/recording/records.js';
import { collected, factsIn, verdictLines } from '../support/collectedAudit.js';
import { recordHere, standIn } from '../support/collectorRun.js';
import { commandPath, searchPath } from '../support/commandPath.js';
import { type PrivateLibvirtd, startPrivateLibvirtd, tinyDomainXml } from '../support/privateLibvirtd.js';
import { requireCommand, requireFact } from '../support/requirement.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

const utc = "<clock offset='utc'/>";
const paris = "<clock offset='timezone' timezone='Europe/Paris'/>";
const SECRET = 's3cret-v4lue';
const HIDE_VIRSH = 'mount --bind /dev/null "$(command -v virsh)"';
/** Without those of this machine, of which one may be a libvirtd. */
const NO_PROCESSES = ['unshare', '-p', '-f', '--mount-proc'];
const HIDE_NSENTER = 'mount --bind /dev/null "$(command -v nsenter)"';

describe('the shell collector finds the domains', function () {
  this.timeout(120_000);
  let scratch: ScratchDirectory;
  let libvirtd: PrivateLibvirtd;
  let direct: Facts;

  before(async function () {
    requireCommand(this, 'libvirtd', 'virsh', 'qemu-system-x86_64', 'dash', 'unshare', 'nsenter');
    requireFact(this, process.getuid?.() === 0, 'mounting over files takes root');
    scratch = scratchDirectory('places');
    libvirtd = await startPrivateLibvirtd({ emulators: ['qemu-system-x86_64'] });
    await libvirtd.define(tinyDomainXml({ name: 'runs', clock: paris }));
    await libvirtd.virsh('start', '--paused', 'runs');
    await libvirtd.define(tinyDomainXml({ name: 'stopped', clock: utc }));
    // A password that libvirt keeps to itself, and secrets in what is passed through to QEMU.
    const passed = `<qemu:arg value='-object'/><qemu:arg value='secret,id=s0,data=${SECRET}'/>`;
    await libvirtd.define(
      tinyDomainXml({
        name: 'secretive',
        clock: utc,
        rootAttributes: "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'",
        devices: `<graphics type='vnc' autoport='yes' passwd='${SECRET.slice(0, 8)}'/>`,
        extra: `<qemu:commandline>${passed}<qemu:env name='PASSWORD' value='${SECRET}'/></qemu:commandline>`,
      }),
    );
    await libvirtd.virsh('start', '--paused', 'secretive');
    await libvirtd.define(tinyDomainXml({ name: '.hidden', clock: paris }));
    await libvirtd.virsh('start', '--paused', '.hidden');
    const file = join(scratch.path, 'transient.xml');
    writeFileSync(file, tinyDomainXml({ name: 'transient', clock: utc }));
    await libvirtd.virsh('create', '--paused', file);
    direct = await collected('--connect', libvirtd.uri, '--no-host');
  });

  after(async () => {
    await libvirtd?.stop();
    await scratch?.remove();
  });

  /** Commands that are run before the collector, in a mount namespace of its own. */
  const inNamespace = (...commands: readonly string[]) => ({
    wrapper: ['unshare', '-m', 'sh', '-c', [...commands, 'exec "$@"'].join('\n'), 'sh'],
  });
  const ofDomains = (facts: Facts) => verdictLines(facts).filter((line) => !line.startsWith('host '));

  /** Starts a process that is called libvirtd, and waits until it is. */
  async function calledLibvirtd(...command: readonly string[]): Promise<ChildProcess> {
    const path = join(scratch.path, 'libvirtd');
    writeFileSync(path, '#!/bin/sh\necho up\nwhile :; do sleep 1; done\n', { mode: 0o755 });
    const child = spawn(command[0] ?? path, [...command.slice(1), ...(command.length > 0 ? [path] : [])], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout as Readable, 'data');
    return child;
  }

  it('through nsenter, where only the namespace of a mighty libvirtd has virsh', async () => {
    const libvirtdOfRoot = await calledLibvirtd();
    try {
      const facts = await factsIn(
        recordHere({ connect: libvirtd.uri, timeout: 20 }, inNamespace(HIDE_VIRSH)),
      );
      expect(facts.problems).to.deep.equal([]);
      expect(ofDomains(facts)).to.deep.equal(ofDomains(direct));
    } finally {
      libvirtdOfRoot.kill('SIGKILL');
    }
  });

  it('but runs nothing out of a namespace that anybody could have made', async () => {
    const made = join(scratch.path, 'owned');
    const fake = join(scratch.path, 'fake-virsh');
    writeFileSync(fake, `#!/bin/sh\nid > ${made}\n`, { mode: 0o755 });
    chmodSync(scratch.path, 0o777);
    const mount = `mount --bind ${fake} /usr/bin/virsh && exec "$@"`;
    const places: readonly (readonly string[])[] = [
      // An ordinary user's, who is root in a user namespace; and a container's root without capabilities.
      [
        'setpriv',
        '--reuid=65533',
        '--regid=65533',
        '--clear-groups',
        'unshare',
        '-rm',
        'sh',
        '-c',
        mount,
        'sh',
      ],
      ['unshare', '-m', 'sh', '-c', mount.replace('exec', 'exec setpriv --bounding-set=-sys_admin'), 'sh'],
    ];
    for (const place of places) {
      const impostor = await calledLibvirtd(...place);
      try {
        const { problems } = await factsIn(
          recordHere({ connect: libvirtd.uri, timeout: 5 }, inNamespace(HIDE_VIRSH)),
        );
        expect(problems.map(({ cause }) => cause)).to.deep.equal(['virsh-failed']);
        expect(existsSync(made), place.join(' ')).to.equal(false);
      } finally {
        impostor.kill('SIGKILL');
      }
    }
  });

  it('through docker exec in the container of kolla, where nsenter is missing as well', async () => {
    const bin = join(scratch.path, 'bin');
    mkdirSync(bin);
    copyFileSync(commandPath('virsh') ?? '', join(bin, 'virsh-inside'));
    const docker = join(bin, 'docker');
    const inside = `"$1 $2 $3" = "exec nova_libvirt virsh" ] && shift 3 && exec ${join(bin, 'virsh-inside')} "$@"`;
    writeFileSync(docker, `#!/bin/sh\n[ ${inside}\nexit 1\n`);
    chmodSync(docker, 0o755);
    const setUp = [HIDE_VIRSH, HIDE_NSENTER, standIn('docker', docker)];
    const run = { ...inNamespace(...setUp), path: `${bin}:${searchPath}` };
    const facts = await factsIn(recordHere({ connect: libvirtd.uri, timeout: 20 }, run));
    expect(facts.problems).to.deep.equal([]);
    expect(ofDomains(facts)).to.deep.equal(ofDomains(direct));
  });

  /** All that a stream says, decoded. */
  function contents(stream: Buffer): string {
    const { nonce, records } = splitRecords(stream);
    expect(nonce).to.match(/^[0-9a-f]{24}$/);
    return records.map(({ kind, words, body }) => `${kind} ${words}\n${body.toString('latin1')}`).join('\n');
  }

  it('and no passwords with them, in definitions, command lines or environments', () => {
    const text = contents(recordHere({ connect: libvirtd.uri, timeout: 20 }));
    expect(text).to.include("value='(not shown)'").and.to.include('-uuid\n');
    expect(text).not.to.include(SECRET.slice(0, 8));
  });

  it("in libvirt's own files, where nothing answers", async () => {
    const home = dirname(dirname(dirname(libvirtd.socketPath)));
    const bind = (from: string, to: string) => `mkdir -p ${to} && mount --bind ${join(home, from)} ${to}`;
    const run = inNamespace(
      'mount -t tmpfs tmpfs /run',
      bind('run/libvirt/qemu/run', '/run/libvirt/qemu'),
      'mount -t tmpfs tmpfs /etc/libvirt',
      bind('cfg/libvirt/qemu', '/etc/libvirt/qemu'),
      'mount -t tmpfs tmpfs /var/lib/libvirt',
      'mkdir -p /var/lib/libvirt/qemu/save',
    );
    const stream = recordHere({ timeout: 20 }, run);
    expect(contents(stream)).to.include("passwd='(not shown)'").and.not.to.include(SECRET.slice(0, 8));
    const facts = await factsIn(stream);
    expect(facts.problems).to.deep.equal([]);
    expect(facts.notes.join('\n')).to.match(
      /were read from libvirt's files, as virsh did not answer: failed to connect/,
    );
    const known = facts.domains.map(({ name, state, persistent, managedSave, process, definitions }) => ({
      name,
      said: [state, persistent, managedSave].map((fact) => (fact.known ? fact.value : fact.reason)),
      definitions: Object.keys(definitions).sort(),
      runs: process?.known ?? process,
    }));
    expect(known).to.deep.equal([
      { name: '.hidden', said: ['paused', true, false], definitions: ['inactive', 'live'], runs: true },
      { name: 'runs', said: ['paused', true, false], definitions: ['inactive', 'live'], runs: true },
      { name: 'secretive', said: ['paused', true, false], definitions: ['inactive', 'live'], runs: true },
      { name: 'stopped', said: ['shut off', true, false], definitions: ['inactive'], runs: undefined },
      { name: 'transient', said: ['paused', false, false], definitions: ['live'], runs: true },
    ]);
    // Taints are libvirtd's alone.
    const told = (lines: string[]) => lines.filter((line) => !line.includes('domain/taints'));
    expect(told(ofDomains(facts))).to.deep.equal(told(ofDomains(direct)));
  });

  it('in the files of the container of a libvirtd, where nothing else reaches it', async () => {
    const file = join(scratch.path, 'inside.xml');
    writeFileSync(file, tinyDomainXml({ name: 'inside', clock: utc }));
    const setUp =
      'mount -t tmpfs tmpfs /etc/libvirt && mkdir /etc/libvirt/qemu && cp "$0" /etc/libvirt/qemu && exec "$@"';
    const container = await calledLibvirtd('unshare', '-m', 'sh', '-c', setUp, file);
    try {
      const { domains, problems } = await factsIn(
        recordHere({ timeout: 5 }, inNamespace(HIDE_VIRSH, HIDE_NSENTER)),
      );
      expect(problems).to.deep.equal([]);
      expect(domains.map(({ name, source }) => [name, source])).to.deep.equal([
        ['inside', '/etc/libvirt/qemu/inside.xml on root@compute7'],
      ]);
    } finally {
      container.kill('SIGKILL');
    }
  });

  it('nowhere, and says so, on a machine without libvirt', async () => {
    const run = inNamespace(HIDE_VIRSH, 'mount -t tmpfs tmpfs /etc/libvirt', 'mount -t tmpfs tmpfs /run');
    const [problem, ...others] = (
      await factsIn(recordHere({ timeout: 5 }, { wrapper: [...NO_PROCESSES, ...run.wrapper] }))
    ).problems;
    expect(others).to.deep.equal([]);
    expect(problem).to.include({ cause: 'no-hypervisor', target: 'root@compute7' });
    expect(problem?.reason).to.match(/there is no virsh.*is this a hypervisor/);
  });

  it('of a daemon that does not answer in time, and says so', async () => {
    libvirtd.freeze();
    const startedAt = performance.now();
    try {
      const { problems, host } = await factsIn(recordHere({ connect: libvirtd.uri, timeout: 1 }));
      expect(problems.map(({ cause, reason }) => [cause, reason])).to.deep.equal([
        ['virsh-failed', 'no answer within 1 s'],
      ]);
      expect(host).not.to.equal(null);
      expect((performance.now() - startedAt) / 1000).to.be.below(10);
    } finally {
      libvirtd.thaw();
    }
  });

  it('as far as a user who is not root may see them', async function () {
    requireCommand(this, 'setpriv');
    const nobody = ['setpriv', '--reuid=65533', '--regid=65533', '--clear-groups'];
    const { problems, host, domains } = await factsIn(
      recordHere({ timeout: 5 }, { wrapper: [...nobody, 'env', 'HOME=/nonexistent'] }),
    );
    expect(domains).to.deep.equal([]);
    expect(host?.clocksource.known).to.equal(true);
    expect(problems.map(({ cause }) => cause)).not.to.include('recording-cut-off');
  });

  it('of which there are hundreds, in seconds', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `many-${index}`);
    await libvirtd.defineMany(names.map((name) => tinyDomainXml({ name, clock: paris })));
    const startedAt = performance.now();
    const stream = recordHere({ connect: libvirtd.uri, timeout: 20 });
    const seconds = (performance.now() - startedAt) / 1000;
    const { domains, problems } = await factsIn(stream);
    expect(problems).to.deep.equal([]);
    expect(domains.filter(({ definitions }) => definitions.inactive?.known)).to.have.length(304);
    expect(seconds).to.be.below(20);
    if (process.env.SHOW_TIMES)
      process.stderr.write(`300 domains: ${seconds.toFixed(2)} s, ${stream.length} bytes\n`);
  });
});
