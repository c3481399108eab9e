import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { backupsIn, changeJson, onlyChange } from '../support/changes.js';
import { commandPath, searchPath } from '../support/commandPath.js';
import { type PrivateLibvirtd, startPrivateLibvirtd, tinyDomainXml } from '../support/privateLibvirtd.js';
import { requireCommand, requireFact } from '../support/requirement.js';
import { DOMAIN_DEFINE_XML_FLAGS, DOMAIN_LOOKUP_BY_UUID, startRpcWatch } from '../support/rpcWatch.js';
import { tool } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { agentChannelXml } from '../support/tinyDomain.js';

const wrong =
  "<clock offset='utc'><timer name='rtc' track='guest'/><timer name='hpet' present='no'/></clock>";
const vnc = "<graphics type='vnc' port='-1' autoport='yes' passwd='geheim12'/>";

/** The system calls of one apply that touch the disk, each of which it may die in: a directory, and two files that are written and linked. */
const DISK_CALLS = [
  ...[1, 2, 3, 4, 5].map((when) => ({ call: 'fsync', when })),
  ...[1, 2].map((when) => ({ call: 'link', when })),
  { call: 'unlink', when: 1 },
];
/** What apply asks the daemon for once it has begun: it looks the domain up, reads it and asks whether it is persistent, twice,
 * defines it, reads it, and asks for a managed save image. */
const MOST_REQUESTS = 16;

describe('apply, killed at any of its steps', function () {
  this.timeout(240_000);
  let libvirtd: PrivateLibvirtd;
  let scratch: ScratchDirectory;
  let old: string;
  let mended: string;
  let count = 0;

  before(async function () {
    requireCommand(this, 'libvirtd', 'virsh', 'qemu-system-x86_64', 'setpriv', 'strace');
    requireFact(this, await canTrace(), 'this machine does not let a process be traced');
    libvirtd = await startPrivateLibvirtd();
    scratch = scratchDirectory('vca-killed');
    await libvirtd.define(tinyDomainXml({ name: 'web', clock: wrong, devices: vnc + agentChannelXml }));
    await libvirtd.define(await secure());
    old = await secure();
    mended = old.replace(" track='guest'", '');
  });
  after(async () => {
    await libvirtd?.stop();
    await scratch?.remove();
  });

  const secure = async () =>
    (await libvirtd.virsh('dumpxml', '--inactive', '--security-info', 'web')).slice(0, -1);
  const apply = (uri: string, directory: string) =>
    ['apply', '--yes', '--connect', uri, '--backup-dir', directory, 'web'] as const;

  /** What must hold wherever the process died; returns which definition there is. */
  async function expectUsable(directory: string): Promise<'old' | 'new'> {
    const now = await secure();
    expect(now).to.be.oneOf([old, mended]);
    // Reading them fails for one that is not whole.
    const backups = existsSync(directory) ? backupsIn(directory) : [];
    for (const { xml } of backups) expect(xml).to.equal(old);
    if (now === mended) expect(backups, 'a backup of what was replaced').to.have.length(1);
    await expectGoesOn(directory, now, backups[0]?.path);
    return now === old ? 'old' : 'new';
  }

  /** The next run has the lock, and its own way; the backup puts the old definition back. */
  async function expectGoesOn(directory: string, now: string, backup: string | undefined): Promise<void> {
    const next = await changeJson(apply(libvirtd.uri, directory));
    expect(onlyChange(next.report).outcome).to.equal(now === old ? 'changed' : 'unchanged');
    expect(await secure()).to.equal(mended);
    const path = backup ?? onlyChange(next.report).backup;
    const back = await changeJson([
      ...['rollback', '--yes', '--force', '--connect', libvirtd.uri],
      ...['--backup-dir', directory, path ?? ''],
    ]);
    expect(onlyChange(back.report).outcome).to.equal('changed');
    expect(await secure()).to.equal(old);
  }

  for (const { call, when } of DISK_CALLS) {
    it(`in ${call} number ${when}`, async () => {
      const directory = join(scratch.path, `disk-${++count}`);
      const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGKILL:when=${when}`];
      const strace = ['-f', '-qq', '-o', join(scratch.path, 'trace'), ...inject, process.execPath, tool];
      const signal = await endOf('strace', [...strace, ...apply(libvirtd.uri, directory)]);
      expect(signal, 'how it ended').to.equal('SIGKILL');
      const left = await expectUsable(directory);
      // The directory and the first file are written before anything is asked for.
      const isOfBackup = call === 'fsync' ? when <= 3 : call === 'unlink' || when === 1;
      expect(left).to.equal(isOfBackup ? 'old' : 'new');
    });
  }

  for (const moment of ['before the daemon gets', 'after the daemon answered'] as const) {
    it(`${moment} any of its requests`, async () => {
      const seen: string[] = [];
      for (let request = 1; request <= MOST_REQUESTS; request++) {
        const directory = join(scratch.path, `request-${++count}`);
        const killed = await killAt(
          request,
          moment === 'before the daemon gets' ? 'call' : 'reply',
          directory,
        );
        if (killed === null) break;
        seen.push(`${killed} ${await expectUsable(directory)}`);
      }
      const defined = seen.findIndex((it) => it.startsWith(`${DOMAIN_DEFINE_XML_FLAGS} `));
      expect(defined, seen.join(', ')).to.be.above(3);
      expect(seen.length).to.be.above(defined + 1);
      // The last run came to its end.
      expect(await secure()).to.equal(mended);
      await libvirtd.define(old);
      for (const [index, it] of seen.entries()) {
        const isDone = moment === 'before the daemon gets' ? index > defined : index >= defined;
        expect(it, `request ${index + 1}`).to.match(isDone ? / new$/ : / old$/);
      }
    });
  }

  /**
   * Runs apply and kills it at one of its requests, counted from the lookup of the domain that it begins with.
   * @returns the procedure of that request; null when there are not as many
   */
  async function killAt(request: number, kind: 'call' | 'reply', directory: string): Promise<number | null> {
    const path = join(scratch.path, `watch-${count}`);
    let requests = 0;
    let procedure: number | null = null;
    let kill: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      kill = resolve;
    });
    const watch = await startRpcWatch(libvirtd.socketPath, path, (message) => {
      if (message.procedure < 0) return true;
      if (message.kind !== kind) return procedure === null || kind === 'reply';
      if (requests > 0 || message.procedure === DOMAIN_LOOKUP_BY_UUID) requests++;
      if (requests !== request) return true;
      procedure = message.procedure;
      kill();
      return false;
    });
    const args = apply(`qemu+unix:///session?socket=${path}`, directory);
    const child = spawn(process.execPath, [tool, ...args], {
      env: { PATH: searchPath, LC_ALL: 'C' },
      stdio: 'ignore',
    });
    const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    void ended.then(() => child.kill('SIGKILL'));
    await exit;
    watch.close();
    return procedure;
  }
});

/** How a command ended: the signal that killed it, or null. strace ends the way of what it traces. */
function endOf(command: string, args: readonly string[]): Promise<NodeJS.Signals | null> {
  return new Promise((resolve, reject) => {
    const env = { PATH: searchPath, LC_ALL: 'C' };
    const child = spawn(command, args, { env, stdio: 'ignore' });
    child.once('error', reject);
    child.once('exit', (_code, signal) => resolve(signal));
  });
}

/** Containers may forbid ptrace(2). */
function canTrace(): Promise<boolean> {
  const child = spawn(commandPath('strace') ?? 'strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}
