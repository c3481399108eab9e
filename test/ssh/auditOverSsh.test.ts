import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { ReportList } from '../../src/report/json.js';
import { searchPath } from '../support/commandPath.js';
import { type PrivateLibvirtd, startPrivateLibvirtd, tinyDomainXml } from '../support/privateLibvirtd.js';
import { freeTcpPort, type PrivateSshd, startPrivateSshd } from '../support/privateSshd.js';
import { requireCommand, requireFact, requireFetched } from '../support/requirement.js';
import { processesNaming } from '../support/runningProcesses.js';
import { auditJson, domainNamed, runProcess, runTool, tool } from '../support/runTool.js';
import { missingProgram } from '../support/unpackedPrograms.js';
import { waitUntil } from '../support/waitUntil.js';

const utcInstead = "<clock offset='localtime'><timer name='rtc' track='guest'/></clock>";
/** What a terminal would obey, or shows in another order. */
const OBEYED = /[^\P{Cc}\n]|\p{Cf}/u;
/** Where sessions see the private libvirtd; a session daemon, as only that runs beside another one. */
const there = 'qemu+unix:///session?socket=/run/libvirt/libvirt-sock';

describe('--ssh', () => {
  let libvirtd: PrivateLibvirtd;
  let sshd: PrivateSshd;
  before(async function () {
    requireCommand(this, 'ssh', 'ssh-keygen', 'unshare', 'libvirtd', 'virsh', 'qemu-system-x86_64');
    requireFetched(this, missingProgram('sshd'));
    requireFact(this, process.getuid?.() === 0, 'only root can start an sshd of its own users');
    libvirtd = await startPrivateLibvirtd({ emulators: ['qemu-system-x86_64'] });
    await libvirtd.define(tinyDomainXml({ name: 'web', clock: utcInstead }));
    await libvirtd.define(tinyDomainXml({ name: 'database', clock: "<clock offset='utc'/>" }));
    sshd = await startPrivateSshd({
      mounts: { '/run/libvirt': dirname(libvirtd.socketPath) },
      configuration: ['PasswordAuthentication yes'],
    });
  });
  after(async () => {
    await sshd?.stop();
    await libvirtd?.stop();
  });

  /** Another ssh_config, which what is said first in counts. */
  function configuration(name: string, lines: readonly string[]): string {
    const path = join(sshd.directory, name);
    writeFileSync(path, `${lines.join('\n')}\n${readFileSync(sshd.configFile, 'utf8')}`);
    return path;
  }
  const over = (...hosts: string[]) => [
    ...hosts.flatMap((host) => ['--ssh', host]),
    ...['--ssh-config', sshd.configFile, '--connect', there, '--no-config'],
  ];

  it('finds of the domains there what an audit finds that runs there', async () => {
    const here = await auditJson(['-c', libvirtd.uri, '--no-probe', '--no-config']);
    const { report } = await auditJson(over('compute1'));
    for (const name of ['web', 'database']) {
      const { findings } = domainNamed(report, name);
      const seen = (all: typeof findings) =>
        all
          .map(({ check, outcome, code, definition }) => [check, outcome, code, definition].join(' '))
          .sort();
      expect(seen(findings)).not.to.deep.equal([]);
      expect(seen(findings)).to.deep.equal(seen(domainNamed(here.report, name).findings));
    }
    expect(report.run.hostNote).to.equal('recorded from compute1');
  });

  it('looks at what the options select', async () => {
    const one = await auditJson([...over('compute1'), '--domain', 'web', '--no-host']);
    expect(one.report.domains.map(({ name }) => name)).to.deep.equal(['web']);
    expect(one.report.host).to.equal(null);
    const missing = await auditJson([...over('compute1'), '--domain', 'web', '--domain', 'mail']);
    expect(missing.report.problems.map(({ target, cause }) => [target, cause])).to.deep.equal([
      ['mail', 'no-match'],
    ]);
    const none = await auditJson([...over('compute1'), '--no-domains']);
    expect(none.report.domains).to.deep.equal([]);
  });

  it('reports each host, in the order of the command line, whatever became of the others', async () => {
    const port = await freeTcpPort();
    const file = configuration('one_down', ['Host compute2', `Port ${port}`]);
    const args = over('compute3', 'compute2', 'root@compute1', 'compute3');
    args[args.indexOf(sshd.configFile)] = file;
    const run = await runTool([...args, '--format', 'json']);
    expect([run.exitCode, run.stderr]).to.deep.equal([3, '']);
    const { reports }: ReportList = JSON.parse(run.stdout);
    expect(reports.map(({ domains }) => domains.length)).to.deep.equal([2, 0, 2]);
    const [, down] = reports;
    expect(down?.run).to.deep.include({ hostname: 'compute2', hostNote: 'not recorded' });
    expect(down?.problems.map(({ target, cause }) => [target, cause])).to.deep.equal([
      ['compute2', 'ssh-refused'],
    ]);
    const text = await runTool(args);
    expect([text.exitCode, text.stderr]).to.deep.equal([3, '']);
    expect(text.stdout)
      .to.match(/^host vm|^host \S+/m)
      .and.contain('UNKNOWN  compute2: nothing accepts');
  });

  it('knows hosts by what the command line calls them, and not by what they call themselves', async () => {
    const state = join(sshd.directory, 'state.json');
    const hosts = (...names: string[]) => [...over(...names), '--no-host'];
    const { report } = await auditJson(hosts('root@compute1'));
    expect(report.run.target).to.equal('root@compute1');
    const first = await runTool([...hosts('compute1'), '--state', state]);
    expect(first.stdout).to.contain('new: ').and.contain(' on web');
    // A second machine of the same name, with the same domain.
    const second = await runTool([...hosts('compute1', 'compute2'), '--state', state]);
    expect(second.stdout)
      .to.match(/new: .* on web of compute2/)
      .and.not.contain('of compute1');
    const third = await runTool([...hosts('compute1', 'compute2'), '--state', state]);
    expect([third.stdout, third.stderr]).to.deep.equal(['', '']);
  });

  it('has a session with a command and an input, whatever ssh_config says', async () => {
    const lines = ['SessionType none', 'StdinNull yes', 'ForkAfterAuthentication yes', 'RemoteCommand false'];
    const args = over('compute1');
    args[args.indexOf(sshd.configFile)] = configuration('other_sessions', lines);
    const { report } = await auditJson([...args, '--no-host']);
    expect(report.domains.map(({ name }) => name).sort()).to.deep.equal(['database', 'web']);
    expect(report.problems).to.deep.equal([]);
  });

  it('records eight hosts at a time, and keeps their order', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `node${index}`);
    const hosts = names.map((name) => `Host ${name}\nHostName 127.0.0.1\n`).join('');
    const file = join(sshd.directory, 'many');
    writeFileSync(file, hosts + readFileSync(sshd.configFile, 'utf8').replace(/^Host .*$/m, 'Host *'));
    let most = 0;
    const timer = setInterval(() => {
      most = Math.max(most, processesNaming(file).filter((it) => /^\S*ssh -T /.test(it)).length);
    }, 10);
    const args = names.flatMap((name) => ['--ssh', name]);
    const run = await runTool([...args, '--ssh-config', file, '--no-config', '--format', 'json']);
    clearInterval(timer);
    const { reports }: ReportList = JSON.parse(run.stdout);
    expect(reports.map(({ run: { hostNote } }) => hostNote)).to.deep.equal(
      names.map((name) => `recorded from ${name}`),
    );
    expect(most).to.be.within(2, 8);
  });

  it('looks for a domain on all of the hosts before it misses it', async () => {
    // The second one has no libvirt to ask, and no domains.
    const empty = await startPrivateSshd({ names: ['compute9'] });
    try {
      const both = join(sshd.directory, 'both');
      writeFileSync(both, readFileSync(sshd.configFile, 'utf8') + readFileSync(empty.configFile, 'utf8'));
      const args = over('compute1', 'compute9');
      args[args.indexOf(sshd.configFile)] = both;
      const run = await runTool([...args, '--domain', 'web', '--no-host', '--format', 'json']);
      const { reports }: ReportList = JSON.parse(run.stdout);
      expect(reports.map(({ domains }) => domains.map(({ name }) => name))).to.deep.equal([['web'], []]);
      expect(reports.flatMap(({ problems }) => problems.map(({ cause }) => cause))).not.to.include(
        'no-match',
      );
    } finally {
      await empty.stop();
    }
  });

  it('is what remediate and collect take of one host', async () => {
    const patch = await runTool(['remediate', ...over('compute1'), '--only', 'domain/*']);
    expect(patch.stdout).to.match(/^-.*track='guest'/m);
    // What is to be run there names the hypervisor as it is called there.
    const commands = await runTool(['remediate', ...over('compute1'), '--format', 'virt-xml']);
    expect(commands.stdout).to.contain(`--connect '${there}' --edit`).and.not.contain('on compute1');
    const directory = join(sshd.directory, 'patches');
    const written = await runTool(['remediate', ...over('compute1'), '-o', directory]);
    expect(written.stderr).to.contain('wrote 2 patches').and.not.contain('apply --reviewed');
    const secret = await runTool(['remediate', ...over('compute1'), '--security-info']);
    expect([secret.exitCode, secret.stdout]).to.deep.equal([3, '']);
    expect(secret.stderr).to.contain('it does not go with --domxml, --from and --ssh');
    const saved = join(sshd.directory, 'facts.json');
    const collected = await runTool(['collect', ...over('compute1').slice(0, -1), '-o', saved]);
    expect([collected.stdout, collected.stderr]).to.deep.equal(['', '']);
    const { report } = await auditJson(['--from', saved, '--no-config']);
    expect(report.domains.map(({ name }) => name).sort()).to.deep.equal(['database', 'web']);
    const two = await runTool(['collect', ...over('compute1', 'compute2').slice(0, -1)]);
    expect([two.exitCode, two.stderr]).to.deep.equal([
      3,
      'virt-clock-audit: this takes one host; give --ssh once\n',
    ]);
  });

  it('asks nobody for a password, at a terminal neither, and not for a jump host', async function () {
    requireCommand(this, 'script');
    const keyless = readFileSync(sshd.configFile, 'utf8').replace(/^IdentityFile .*$/m, 'IdentityFile none');
    const asking = join(sshd.directory, 'asking');
    writeFileSync(asking, keyless);
    const jumping = join(sshd.directory, 'jumping');
    const gate = keyless.replace(/^Host .*$/m, 'Host gate');
    writeFileSync(jumping, `Host compute1\nProxyJump gate\n${readFileSync(sshd.configFile, 'utf8')}${gate}`);
    for (const file of [asking, jumping]) {
      const command = [process.execPath, tool, '--ssh', 'compute1', '--ssh-config', file].join(' ');
      const env = { TERM: 'xterm', SSH_ASKPASS: '/bin/echo', DISPLAY: ':0', HOME: sshd.directory };
      const { stdout, exitCode, seconds } = await runProcess('script', ['-qec', command, '/dev/null'], {
        env,
      });
      expect(stdout).to.contain('the password it would ask for cannot be given here');
      expect(stdout).not.to.match(/password:/i);
      expect([exitCode, seconds < 8]).to.deep.equal([3, true]);
      // The line of progress was there, and is gone.
      expect(stdout).to.contain('\r\u001b[Krecorded 0 of 1 hosts; at work: compute1');
      expect(stdout).to.contain('\r\u001b[Kvirt-clock-audit');
      // At the end nobody is at work.
      expect(stdout)
        .to.contain('\r\u001b[Krecorded 1 of 1 hosts\r')
        .and.not.match(/at work: *\r/);
    }
  });

  it('shows nothing of a host that a terminal would obey', async () => {
    const hostile = await startPrivateSshd({
      shell: '/bin/bash',
      configuration: ["ForceCommand printf '\\033]0;owned\\007\\033[2J\\r\\n' >&2; exit 1"],
    });
    try {
      const run = await runTool(['--ssh', 'compute1', '--ssh-config', hostile.configFile, '--no-config']);
      expect([run.exitCode, run.stderr]).to.deep.equal([3, '']);
      expect(run.stdout).to.contain('printed no recording').and.not.match(OBEYED);
    } finally {
      await hostile.stop();
    }
  });

  it('shows nothing that the names of a host would do to a terminal', async () => {
    const commands = join(sshd.directory, 'commands');
    mkdirSync(commands);
    writeFileSync(join(commands, 'uname'), "#!/bin/sh\nprintf '\\033[2Jx\\\\u202e\\n'\n");
    chmodSync(join(commands, 'uname'), 0o755);
    const hostile = await startPrivateSshd({ environment: { PATH: `${commands}:/usr/bin:/bin` } });
    try {
      const args = ['--ssh', 'compute1', '--ssh-config', hostile.configFile, '--no-config', '-v'];
      const run = await runTool(args);
      expect(run.stdout).to.contain('host ').and.not.match(OBEYED);
    } finally {
      await hostile.stop();
    }
  });

  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    it(`leaves no ssh behind at a ${name}`, async () => {
      const hanging = await startPrivateSshd({ configuration: ['ForceCommand sleep 20'] });
      try {
        const args = ['--ssh', 'compute1', '--ssh', 'compute2', '--ssh-config', hanging.configFile];
        const env = { PATH: searchPath };
        const child = spawn(process.execPath, [tool, ...args], { env, stdio: 'ignore' });
        const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
        const sshOf = () => processesNaming(hanging.configFile).filter((it) => /^\S*ssh /.test(it));
        await waitUntil('both', async () => sshOf().length === 2);
        child.kill(name);
        expect(await ended).to.equal(name);
        await waitUntil('their end', async () => sshOf().length === 0, { timeoutMs: 2000 });
      } finally {
        await hanging.stop();
      }
    });
  }

  for (const [args, words] of [
    [['--ssh', '-oProxyCommand=reboot'], '--ssh -oProxyCommand=reboot is an option and not a host'],
    [['--ssh', 'a;b'], '--ssh a;b has characters that no host has'],
    [['--ssh', ''], 'It is empty.'],
    [['--ssh', 'a', '--from', 'b'], 'choose one of'],
    [['--ssh', 'a', '--host'], '--host goes neither with --from nor with --ssh'],
    [['--ssh-config', '/x'], '--ssh-config and --ssh-sudo are for --ssh'],
    [['--ssh-sudo'], '--ssh-config and --ssh-sudo are for --ssh'],
    [['--ssh', 'a', '--chronyc', '/x'], '--chronyc names a program here'],
    [['--ssh', 'a', '-o', 'ConnectTimeout=3'], '-o ConnectTimeout=3 is --output here'],
    [['collect', '--ssh', 'a', '-oBatchMode=no'], 'those belong into ssh_config'],
    [['remediate', '--ssh', 'a', '--output', 'Port=22'], '--output ./Port=22'],
    [['apply', '--ssh', 'a', '*'], "unknown option '--ssh'"],
  ] as const) {
    it(`is refused in ${args.join(' ')}`, async () => {
      const run = await runTool(args);
      expect([run.exitCode, run.stdout]).to.deep.equal([3, '']);
      expect(run.stderr).to.contain(words);
    });
  }
});
