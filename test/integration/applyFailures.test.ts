import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { backupsIn, changeJson, onlyChange } from '../support/changes.js';
import { searchPath } from '../support/commandPath.js';
import { type PrivateLibvirtd, startPrivateLibvirtd, tinyDomainXml } from '../support/privateLibvirtd.js';
import { requireCommand } from '../support/requirement.js';
import {
  DOMAIN_DEFINE_XML_FLAGS,
  DOMAIN_LOOKUP_BY_UUID,
  type RpcMessage,
  startRpcWatch,
} from '../support/rpcWatch.js';
import { tool } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { agentChannelXml } from '../support/tinyDomain.js';

const wrong =
  "<clock offset='utc'><timer name='rtc' track='guest'/><timer name='hpet' present='no'/></clock>";
/** `REMOTE_PROC_CONNECT_OPEN` */
const CONNECT_OPEN = 1;
/** `REMOTE_PROC_DOMAIN_GET_XML_DESC` */
const DOMAIN_GET_XML_DESC = 14;

describe('apply, when something comes between', function () {
  this.timeout(120_000);
  let libvirtd: PrivateLibvirtd;
  let scratch: ScratchDirectory;
  let count = 0;

  before(async function () {
    requireCommand(this, 'libvirtd', 'virsh', 'qemu-system-x86_64', 'setpriv', 'script');
    libvirtd = await startPrivateLibvirtd();
    scratch = scratchDirectory('vca-between');
  });
  after(async () => {
    await libvirtd?.stop();
    await scratch?.remove();
  });

  async function define(name: string): Promise<string> {
    await libvirtd.define(tinyDomainXml({ name, clock: wrong, devices: agentChannelXml }));
    await libvirtd.define(await secure(name));
    return secure(name);
  }
  const secure = async (name: string) =>
    (await libvirtd.virsh('dumpxml', '--inactive', '--security-info', name)).slice(0, -1);
  const next = (what: string) => join(scratch.path, `${what}-${++count}`);
  const mended = (xml: string) => xml.replace(" track='guest'", '');
  const grown = (xml: string) => xml.replaceAll('65536</', '131072</');
  const args = (uri: string, directory: string, ...domains: string[]) => [
    ...['apply', '--yes', '--connect', uri, '--backup-dir', directory],
    ...domains,
  ];

  /** Runs apply while each message between it and the daemon is shown first. */
  async function watched(
    domain: string,
    directory: string,
    onMessage: (message: RpcMessage) => boolean | Promise<boolean>,
    more: readonly string[] = [],
  ) {
    const path = next('watch');
    const watch = await startRpcWatch(libvirtd.socketPath, path, onMessage);
    try {
      const uri = `qemu+unix:///session?socket=${path}`;
      return await changeJson([...args(uri, directory, domain), ...more]);
    } finally {
      watch.close();
    }
  }

  it('does not touch a definition that changed after the audit', async () => {
    const before = await define('early');
    const directory = next('backups');
    const { report, exitCode } = await watched('early', directory, async ({ kind, procedure }) => {
      if (kind === 'call' && procedure === DOMAIN_LOOKUP_BY_UUID) await libvirtd.define(grown(before));
      return true;
    });
    expect(onlyChange(report)).to.include({ outcome: 'refused', definition: 'old', backup: null });
    expect(onlyChange(report).reason).to.match(/was changed since it was looked at: nothing was done/);
    expect(exitCode).to.equal(2);
    expect(await secure('early')).to.equal(grown(before));
    expect(readdirSync(directory)).to.deep.equal([]);
  });

  it('does not touch a definition that changed while the backup was written', async () => {
    const before = await define('late');
    let reads = 0;
    const { report } = await watched('late', next('backups'), async ({ kind, procedure }) => {
      // The audit reads it once, the preparation twice.
      const isRead = kind === 'call' && procedure === DOMAIN_GET_XML_DESC;
      if (isRead && ++reads === 4) await libvirtd.define(grown(before));
      return true;
    });
    expect(reads).to.be.at.least(4);
    expect(onlyChange(report)).to.include({ outcome: 'refused', definition: 'old' });
    expect(await secure('late')).to.equal(grown(before));
  });

  it('shows a dry run to who may only read', async () => {
    const before = await define('reader');
    // What a connection is opened with stands last: 1 is to read only.
    const mayOnlyRead = ({ kind, procedure, lastWord }: RpcMessage) =>
      kind === 'reply' || procedure !== CONNECT_OPEN || lastWord === 1;
    const run = (more: readonly string[]) =>
      watched('reader', next('backups'), mayOnlyRead, ['--timeout', '2', ...more]);
    const { report, exitCode } = await run(['--dry-run']);
    expect(onlyChange(report)).to.include({ outcome: 'would-change', changed: true });
    expect(onlyChange(report).diff).to.include("-    <timer name='rtc' track='guest'/>");
    expect(onlyChange(report).remarks.join()).to.match(/with its passwords was not read/);
    expect(exitCode).to.equal(0);
    expect(onlyChange((await run([])).report)).to.include({ outcome: 'failed', definition: 'old' });
    expect(await secure('reader')).to.equal(before);
  });

  it('does not bring back what was undefined while it runs', async () => {
    for (const [name, at] of [
      ['undefined-early', DOMAIN_LOOKUP_BY_UUID],
      ['undefined-late', DOMAIN_GET_XML_DESC],
    ] as const) {
      await define(name);
      await libvirtd.virsh('start', '--paused', name);
      let seen = 0;
      const { report } = await watched(name, next('backups'), async ({ kind, procedure }) => {
        // The audit reads two definitions, the preparation two texts; then comes the last look.
        const isDue = kind === 'call' && procedure === at && ++seen === (at === DOMAIN_GET_XML_DESC ? 5 : 1);
        if (isDue) await libvirtd.virsh('undefine', name);
        return true;
      });
      expect(onlyChange(report).outcome, name).to.equal('refused');
      expect(onlyChange(report).reason).to.match(/no persistent definition any more/);
      expect((await libvirtd.virsh('list', '--transient', '--name')).split('\n')).to.include(name);
      await libvirtd.virsh('destroy', name);
    }
  });

  it('tells that there is no definition any more', async () => {
    await define('gone');
    let reads = 0;
    const { report } = await watched('gone', next('backups'), async ({ kind, procedure }) => {
      if (kind === 'call' && procedure === DOMAIN_GET_XML_DESC && ++reads === 4) {
        await libvirtd.virsh('undefine', 'gone');
      }
      return true;
    });
    expect(onlyChange(report)).to.include({ outcome: 'refused', definition: 'none' });
  });

  it('tells that the old definition is there when libvirt refuses the new one', async () => {
    const before = await define('refused');
    const directory = next('backups');
    const { report, exitCode } = await watched('refused', directory, async ({ kind, procedure }) => {
      // Another domain takes the name: libvirt then refuses to define this one under it.
      if (kind === 'call' && procedure === DOMAIN_DEFINE_XML_FLAGS) {
        await libvirtd.virsh('domrename', 'refused', 'elsewhere');
      }
      return true;
    });
    const change = onlyChange(report);
    expect(change).to.include({ outcome: 'failed', definition: 'old', changed: false });
    expect(change.reason).to.match(/libvirt error \d+/);
    expect(exitCode).to.equal(3);
    expect(backupsIn(directory).map(({ xml }) => xml)).to.deep.equal([before]);
    expect(await secure('elsewhere')).to.include("track='guest'");
  });

  it('tells that it cannot tell when the daemon falls silent over it', async () => {
    const before = await define('silent');
    const directory = next('backups');
    const { report, exitCode } = await watched(
      'silent',
      directory,
      ({ kind, procedure }) => kind === 'call' || procedure !== DOMAIN_DEFINE_XML_FLAGS,
      ['--timeout', '2'],
    );
    const change = onlyChange(report);
    expect(change).to.include({ outcome: 'failed', definition: 'unknown', changed: false });
    expect(change.reason).to.match(/virDomainDefineXMLFlags was not answered within 2 s/);
    expect(exitCode).to.equal(3);
    expect(await secure('silent')).to.equal(mended(before));
    expect(backupsIn(directory).map(({ xml }) => xml)).to.deep.equal([before]);
  });

  it('tells which domains were not tried when it is interrupted', async () => {
    const names = ['first', 'second', 'third'];
    for (const name of names) await define(name);
    const [path, directory] = [next('watch'), next('backups')];
    let stop: () => void = () => undefined;
    const watch = await startRpcWatch(libvirtd.socketPath, path, async ({ kind, procedure }) => {
      if (kind === 'call' && procedure === DOMAIN_DEFINE_XML_FLAGS) {
        stop();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      return true;
    });
    const uri = `qemu+unix:///session?socket=${path}`;
    const child = spawn(process.execPath, [tool, ...args(uri, directory, ...names), '--format', 'json'], {
      env: { PATH: searchPath, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    stop = () => child.kill('SIGTERM');
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    watch.close();
    expect(code).to.equal(3);
    const { domains } = JSON.parse(output);
    expect(domains.map(({ outcome }: { outcome: string }) => outcome)).to.deep.equal([
      'changed',
      'not-tried',
      'not-tried',
    ]);
    expect(backupsIn(directory)).to.have.length(1);
  });

  it('lets one run wait for the other, and tells who is in the way', async () => {
    const before = await define('both');
    const [path, directory] = [next('watch'), next('backups')];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let begun: () => void = () => undefined;
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const watch = await startRpcWatch(libvirtd.socketPath, path, async ({ kind, procedure }) => {
      if (kind === 'call' && procedure === DOMAIN_DEFINE_XML_FLAGS) {
        begun();
        await held;
      }
      return true;
    });
    const slow = changeJson(args(`qemu+unix:///session?socket=${path}`, directory, 'both'));
    await hasBegun;
    const hurried = await changeJson([...args(libvirtd.uri, directory, 'both'), '--timeout', '1']);
    expect(hurried.exitCode).to.equal(3);
    expect(onlyChange(hurried.report)).to.include({ outcome: 'failed', definition: 'old' });
    expect(onlyChange(hurried.report).reason).to.match(
      /another run \(process \d+\) is changing definitions; wait for it to finish/,
    );
    const patient = changeJson([...args(libvirtd.uri, directory, 'both'), '--timeout', '30']);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    release();
    expect(onlyChange((await slow).report).outcome).to.equal('changed');
    // It audited the old definition, and finds that it is another one by now.
    expect(onlyChange((await patient).report).outcome).to.equal('refused');
    watch.close();
    expect(await secure('both')).to.equal(mended(before));
    expect(backupsIn(directory)).to.have.length(1);
  });

  describe('on a terminal', () => {
    /** Runs apply on a terminal of its own, and answers once it has asked. */
    async function onTerminal(domain: string, directory: string, answer: () => Promise<string>) {
      const [, ...rest] = args(libvirtd.uri, directory, domain);
      const words = [process.execPath, tool, 'apply', ...rest.filter((word) => word !== '--yes')];
      const line = words.map((word) => `'${word}'`).join(' ');
      const child = spawn('script', ['-qec', line, '/dev/null'], {
        env: { PATH: searchPath, LC_ALL: 'C', TERM: 'dumb' },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      let output = '';
      const asked = new Promise<void>((resolve) => {
        child.stdout.on('data', (chunk) => {
          output += chunk;
          if (output.includes('[y/N]')) resolve();
        });
      });
      const closed = new Promise<number>((resolve) => child.once('close', resolve));
      await Promise.race([asked, closed]);
      child.stdin.write(await answer());
      return { code: await closed, output };
    }

    it('shows what it would do, and does it after yes', async () => {
      const before = await define('yes');
      const { code, output } = await onTerminal('yes', next('backups'), async () => 'y\n');
      expect(output).to.include("-    <timer name='rtc' track='guest'/>").and.include('Replace 1 definition');
      expect(code).to.equal(0);
      expect(await secure('yes')).to.equal(mended(before));
    });

    for (const [what, answer] of [
      ['no', 'n\n'],
      ['an empty line', '\n'],
      ['the end of input', '\u0004'],
    ] as const) {
      it(`does nothing after ${what}`, async () => {
        const domain = `no-${answer.charCodeAt(0)}`;
        const before = await define(domain);
        const directory = next('backups');
        const { code, output } = await onTerminal(domain, directory, async () => answer);
        expect(output).to.include('not tried: it was not confirmed');
        expect(code).to.equal(3);
        expect(await secure(domain)).to.equal(before);
        expect(readdirSync(directory)).to.deep.equal([]);
      });
    }

    it('notices what happened while it waited', async () => {
      const before = await define('slow');
      const { code, output } = await onTerminal('slow', next('backups'), async () => {
        await libvirtd.define(grown(before));
        return 'yes\n';
      });
      expect(output).to.include('was changed since it was looked at');
      expect(code).to.equal(2);
      expect(await secure('slow')).to.equal(grown(before));
    });
  });
});
