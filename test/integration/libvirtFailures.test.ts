import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import type { DomainReport, Report } from '../../src/report/report.js';
import { type PrivateLibvirtd, startPrivateLibvirtd, tinyDomainXml } from '../support/privateLibvirtd.js';
import { requireCommand } from '../support/requirement.js';
import { auditJson, runTool, type ToolRun } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';
import { type ProxyLimit, startSocketProxy } from '../support/socketProxy.js';
import { agentChannelXml, goodClock } from '../support/tinyDomain.js';

const COUNT = 200;
const DEADLINE_SECONDS = 2;
const uriOf = (socket: string) => `qemu+unix:///session?socket=${socket}`;
const isUnread = ({ effectiveClock }: DomainReport) => effectiveClock === null;
/** What could not be judged; the list of domains alone tells some things. */
const unjudged = ({ findings }: DomainReport) => findings.filter(({ outcome }) => outcome === 'unknown');

/** A run that lost its daemon: as long as its deadline and not much longer, and complete as a document. */
function expectNoHang({ exitCode, seconds }: ToolRun, atLeastSeconds = DEADLINE_SECONDS): void {
  expect(exitCode).to.equal(3);
  expect(seconds).to.be.within(atLeastSeconds, 5);
}

/** Every domain is there: those that were read with their verdicts, the others with the reason why not. */
function expectPartial(report: Report, observed: string): void {
  expect(report.domains).to.have.length(COUNT);
  const unread = report.domains.filter(isUnread);
  expect(unread, 'unread').to.have.length.within(20, COUNT - 20);
  for (const domain of unread) {
    expect(new Set(unjudged(domain).map((finding) => finding.observed))).to.deep.equal(new Set([observed]));
  }
  for (const { name, state, effectiveClock, findings } of report.domains.filter((it) => !isUnread(it))) {
    expect(state, name).to.equal('shut off');
    expect(effectiveClock?.rtc.base, name).to.equal('utc');
    expect(
      findings.map(({ outcome }) => outcome),
      name,
    ).to.not.include('unknown');
  }
}

describe('an audit whose libvirtd fails', function () {
  this.timeout(60_000);
  const scratch = scratchDirectory('fail');
  let libvirtd: PrivateLibvirtd;
  let files = 0;

  before(async function () {
    requireCommand(this, 'libvirtd', 'virsh', 'qemu-system-x86_64', 'setpriv');
    libvirtd = await startPrivateLibvirtd();
    const names = Array.from({ length: COUNT }, (_, index) => `vm${index}`);
    await libvirtd.defineMany(
      names.map((name) => tinyDomainXml({ name, clock: goodClock(), devices: agentChannelXml })),
    );
  });

  after(async () => {
    await libvirtd?.stop();
    await scratch.remove();
  });

  const audit = (uri: string) =>
    auditJson(['--connect', uri, '--no-host', '--timeout', String(DEADLINE_SECONDS)]);

  /** Audits through a proxy that lets `after` bytes of the daemon's answers pass. */
  async function auditThrough(limit: ProxyLimit): ReturnType<typeof audit> {
    const proxy = await startSocketProxy(libvirtd.socketPath, join(scratch.path, `${++files}`), limit);
    try {
      const run = await audit(uriOf(proxy.path));
      expect(proxy.bytesForwarded).to.equal(limit.after);
      return run;
    } finally {
      await proxy.close();
    }
  }

  // A conversation is some 200 bytes of greetings, 7 kB for the list, and about 1 kB for each domain.
  for (const [when, after, call] of [
    ['at once', 0, 'virConnectOpenReadOnly'],
    ['while greeting', 60, 'virConnectOpenReadOnly'],
    ['while listing', 3000, 'virConnectListAllDomains'],
  ] as const) {
    it(`ends at its deadline when the daemon falls silent ${when}`, async () => {
      const run = await auditThrough({ after, outcome: 'stall' });
      expectNoHang(run);
      expect(run.report.domains).to.deep.equal([]);
      expect(run.report.problems).to.have.length(1);
      expect(run.report.problems[0]?.cause).to.equal('deadline-exceeded');
      expect(run.report.problems[0]?.reason).to.equal(
        `${call} was not answered within 2 s; see whether the libvirt daemon is stopped or overloaded`,
      );
    });
  }

  it('keeps the 200 domains it listed when the daemon falls silent before the first definition', async () => {
    const run = await auditThrough({ after: 6600, outcome: 'stall' });
    expectNoHang(run);
    expect(run.report.domains).to.have.length(COUNT);
    for (const domain of run.report.domains) {
      expect(isUnread(domain), domain.name).to.equal(true);
      expect(new Set(unjudged(domain).map(({ code }) => code))).to.deep.equal(new Set(['deadline-exceeded']));
    }
  });

  it('keeps what it read when the daemon falls silent half-way through 200 domains', async () => {
    const run = await auditThrough({ after: 110_000, outcome: 'stall' });
    expectNoHang(run);
    expectPartial(run.report, 'virDomainGetXMLDesc was not answered within 2 s');
    expect(run.report.problems).to.deep.equal([]);
  });

  it("keeps what it read when the connection is closed half-way, with libvirt's own error", async () => {
    const run = await auditThrough({ after: 110_000, outcome: 'close' });
    expectNoHang(run, 0);
    expect(run.seconds).to.be.lessThan(DEADLINE_SECONDS);
    expectPartial(run.report, 'internal error: client socket is closed (libvirt error 1)');
    const error = run.report.domains.filter(isUnread).flatMap(unjudged)[0]?.libvirtError;
    expect(error).to.deep.equal({ code: 1, domain: 7, message: 'internal error: client socket is closed' });
  });

  it("tells libvirt's own error when the connection is closed while listing", async () => {
    const run = await auditThrough({ after: 3000, outcome: 'close' });
    expectNoHang(run, 0);
    expect(run.report.problems).to.have.length(1);
    expect(run.report.problems[0]?.libvirtError?.code).to.be.oneOf([1, 38]);
    expect(run.report.problems[0]?.libvirtError?.domain).to.equal(7);
    expect(run.report.problems[0]?.libvirtError?.message).to.match(/socket is closed|End of file/);
  });

  it('says all this in the text report, too', async () => {
    const limit = { after: 110_000, outcome: 'stall' } as const;
    const proxy = await startSocketProxy(libvirtd.socketPath, join(scratch.path, 'text'), limit);
    const run = await runTool(['--connect', uriOf(proxy.path), '--no-host', '--timeout', '2', '--verbose']);
    await proxy.close();
    expectNoHang(run);
    expect(run.stderr).to.equal('');
    expect(run.stdout).to.match(/ {2}UNKNOWN {2}domain\/rtc-track +virDomainGetXMLDesc was not answered/);
    expect(run.stdout).to.match(/ {2}pass {5}domain\/rtc-track +clock=host/);
    expect(run.stdout).to.match(/\n200 domains; findings: .*; exit code 3\n$/);
    expect(run.stdout).to.not.match(/\bat .*\.js:\d+/);
  });

  it('ends at its deadline when a socket accepts and never answers', async () => {
    const path = join(scratch.path, 'mute');
    const server = createServer().listen(path);
    const run = await audit(uriOf(path));
    server.close();
    expectNoHang(run);
    expect(run.report.problems[0]?.cause).to.equal('deadline-exceeded');
  });

  it('ends at its deadline when the daemon was stopped before', async () => {
    libvirtd.freeze();
    try {
      const run = await audit(libvirtd.uri);
      expectNoHang(run);
      expect(run.report.problems[0]?.cause).to.equal('deadline-exceeded');
    } finally {
      libvirtd.thaw();
    }
    expect((await audit(libvirtd.uri)).report.domains).to.have.length(COUNT);
  });

  it('collects and mends in bounded time, too, with the daemon stopped', async () => {
    libvirtd.freeze();
    try {
      const args = ['--connect', libvirtd.uri, '--no-host', '--timeout', '2'];
      const [collect, remediate] = await Promise.all(
        ['collect', 'remediate'].map((command) => runTool([command, ...args])),
      );
      for (const run of [collect, remediate]) expectNoHang(run as ToolRun);
      expect(JSON.parse(collect?.stdout ?? '').problems[0].cause).to.equal('deadline-exceeded');
      expect(remediate?.stderr).to.contain('virConnectOpenReadOnly was not answered within 2 s');
    } finally {
      libvirtd.thaw();
    }
  });

  it('tells that nobody listens any more when the daemon was killed before', async () => {
    await libvirtd.kill();
    const run = await audit(libvirtd.uri);
    expectNoHang(run, 0);
    expect(run.report.problems[0]?.libvirtError).to.deep.equal({
      code: 38,
      domain: 7,
      message: `Failed to connect socket to '${libvirtd.socketPath}': Connection refused`,
    });
  });
});
