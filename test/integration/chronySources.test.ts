import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { startClient, untilReachable, untilState, untilUnreachable } from '../support/chronyStates.js';
import { isFreeUdpPort } from '../support/freePort.js';
import { auditHost, type HostAudit } from '../support/hostAudit.js';
import { type NtpServer, type NtpServerOptions, startNtpServer } from '../support/ntpServer.js';
import { type PrivateChronyd, startPrivateChronyd } from '../support/privateChronyd.js';
import { PYTHON, requireCommand, requireFact, requirePythonModule } from '../support/requirement.js';
import { scratchDirectory } from '../support/scratch.js';

const SOURCES = 'host/chrony-sources';
const ask = (chronyd: PrivateChronyd) => auditHost(['--chrony-host', chronyd.socketPath]);

/** Each in a network of its own, as far as loopback has networks. */
const PLACES = ['127.0.1.1', '127.0.2.1', '127.0.3.1', '127.0.4.1'];

describe('host/chrony-sources with a real chronyd', function () {
  this.timeout(90_000);
  const started: { stop(): Promise<void> }[] = [];

  before(function () {
    requireCommand(this, 'chronyd', 'chronyc', 'setpriv');
  });
  afterEach(async () => {
    for (const it of started.splice(0)) await it.stop();
  });

  async function serve(options: NtpServerOptions): Promise<NtpServer> {
    const server = await startNtpServer(options);
    started.unshift({ stop: () => server.close() });
    return server;
  }

  async function follow(...servers: NtpServer[]): Promise<PrivateChronyd> {
    const chronyd = await startClient(...servers);
    started.unshift(chronyd);
    return chronyd;
  }

  const sourceOf = ({ answer }: HostAudit, address: string) =>
    answer?.sources.find(({ name }) => name === address);
  const statisticsOf = ({ answer }: HostAudit, address: string) =>
    answer?.sourceStatistics.find(({ name }) => name === address);

  /** A server counts as bursting, and not as online or offline, until its first polls are done (iburst). */
  function serversOf({ answer }: HostAudit) {
    const { online = 0, offline = 0, burstOnline = 0, burstOffline = 0, unresolved } = answer?.activity ?? {};
    return { online: online + burstOnline, offline: offline + burstOffline, unresolved };
  }

  it('follows sources as they are set offline, die and leave none', async () => {
    const servers = await Promise.all(PLACES.map((address) => serve({ address })));
    const chronyd = await follow(...servers);
    await untilState(chronyd, 'usable', ...PLACES);
    const good = await ask(chronyd);
    expect(good.verdict(SOURCES)).to.equal('pass enough');
    expect(good.finding(SOURCES).observed).to.equal('4 of 4 sources usable');
    expect(serversOf(good)).to.deep.equal({ online: 4, offline: 0, unresolved: 0 });
    expect(good.answer?.sourceStatistics.map(({ name }) => name)).to.have.members(PLACES);

    await chronyd.chronyc('offline', '127.0.4.1');
    const offline = await ask(chronyd);
    expect(serversOf(offline)).to.deep.equal({ online: 3, offline: 1, unresolved: 0 });
    expect(offline.finding(SOURCES).detail).to.contain('1 set offline');
    await chronyd.chronyc('online', '127.0.4.1');

    await Promise.all(servers.slice(2).map((server) => server.close()));
    await untilUnreachable(chronyd, '127.0.3.1', '127.0.4.1');
    const two = await ask(chronyd);
    expect(two.verdict(SOURCES)).to.equal('warn too-few');
    expect(two.finding(SOURCES).observed).to.equal('2 of 4 sources usable');
    expect(two.finding(SOURCES).detail).to.match(/no answer from 127\.0\.[34]\.1, 127\.0\.[34]\.1$/);
    expect(two.verdict('host/chrony-tracking')).to.equal('pass synchronised');

    await Promise.all(servers.slice(0, 2).map((server) => server.close()));
    await untilUnreachable(chronyd, ...PLACES);
    const none = await ask(chronyd);
    expect(none.verdict(SOURCES)).to.equal('fail none-usable');
    expect(none.verdict('host/chrony-tracking')).to.equal('warn holdover');
  });

  it('names the one of four that lies, with the direction and the rate of its error', async () => {
    const honest = await Promise.all(PLACES.slice(0, 3).map((address) => serve({ address })));
    const liar = await serve({ address: '127.0.4.1', offsetSeconds: 0.3, driftPpm: 400 });
    const chronyd = await follow(...honest, liar);
    await untilState(chronyd, 'x', '127.0.4.1');
    await untilState(chronyd, 'usable', ...PLACES.slice(0, 3));
    // chronyd's estimate of a rate takes some samples.
    await untilReachable(chronyd, 8, '127.0.4.1');
    const audit = await ask(chronyd);
    expect(audit.verdict(SOURCES)).to.equal('warn falseticker');
    expect(audit.finding(SOURCES).detail).to.match(
      /^chronyd finds a falseticker: 127\.0\.4\.1 \(3\d\d ms ahead of this clock\)$/,
    );
    // The system clock is behind the liar and loses against it; ours is positive for ahead and fast.
    expect(sourceOf(audit, '127.0.4.1')?.offsetSeconds).to.be.closeTo(-0.303, 0.01);
    expect(statisticsOf(audit, '127.0.4.1')?.offsetSeconds).to.be.closeTo(-0.303, 0.01);
    expect(statisticsOf(audit, '127.0.4.1')?.frequencyPpm).to.be.closeTo(-400, 200);
    expect(statisticsOf(audit, '127.0.1.1')?.offsetSeconds).to.be.closeTo(0, 0.01);
    expect(audit.verdict('host/chrony-tracking')).to.equal('pass synchronised');
  });

  it('counts a name that does not resolve, and says when all sources are in one network', async () => {
    const servers = await Promise.all(['127.0.1.1', '127.0.1.2'].map((address) => serve({ address })));
    const lines = servers.map(
      ({ address, port }) => `server ${address} port ${port} iburst minpoll 0 maxpoll 0`,
    );
    const config = [...lines, 'server nobody.invalid iburst', 'port 0'];
    const chronyd = await startPrivateChronyd({ config });
    started.unshift(chronyd);
    await untilState(chronyd, 'usable', '127.0.1.1', '127.0.1.2');
    const audit = await ask(chronyd);
    expect(audit.verdict(SOURCES)).to.equal('warn too-few');
    expect(serversOf(audit)).to.deep.equal({ online: 2, offline: 0, unresolved: 1 });
    expect(audit.finding(SOURCES).detail).to.contain('1 without an address: ');
    // chronyc does not list a source without an address.
    expect(audit.answer?.sources).to.have.length(2);

    const more = await Promise.all(['127.0.1.3', '127.0.1.4'].map((address) => serve({ address })));
    const near = await follow(...servers, ...more);
    await untilState(near, 'usable', '127.0.1.1', '127.0.1.2', '127.0.1.3', '127.0.1.4');
    const together = await ask(near);
    expect(together.verdict(SOURCES)).to.equal('info one-network');
    expect(together.finding(SOURCES).detail).to.match(/^all are in 127\.0\.1\.0\/24: /);
  });

  it('knows a source by its address of IPv6', async function () {
    requireFact(this, await isFreeUdpPort('::1', 0), 'there is no ::1');
    const server = await serve({ address: '::1' });
    const chronyd = await follow(server);
    await untilState(chronyd, '*', '::1');
    const audit = await ask(chronyd);
    expect(sourceOf(audit, '::1')).to.deep.include({ mode: 'server', state: 'selected', stratum: 1 });
    expect(statisticsOf(audit, '::1')?.samples).to.be.above(2);
    expect(audit.answer?.tracking).to.deep.include({ referenceName: '::1', stratum: 2 });
  });

  it('trusts a reference clock alone', async function () {
    requirePythonModule(this, 'struct');
    const scratch = scratchDirectory('refclock');
    started.push({ stop: () => scratch.remove() });
    const socket = join(scratch.path, 'refclock.sock');
    const config = [`refclock SOCK ${socket} refid GPS poll 0 filter 4`, 'port 0'];
    const chronyd = await startPrivateChronyd({ config });
    started.unshift(chronyd);
    // What gpsd sends: see struct sock_sample in chrony's refclock_sock.c.
    const feed = spawn(PYTHON, ['-c', FEED, socket], { stdio: 'ignore' });
    started.unshift({ stop: async () => void feed.kill('SIGKILL') });
    await untilState(chronyd, '*', 'GPS');
    const audit = await ask(chronyd);
    expect(audit.verdict(SOURCES)).to.equal('info reference-clock-only');
    expect(audit.finding(SOURCES).detail).to.match(/^GPS only: /);
    expect(audit.answer?.tracking).to.deep.include({ referenceId: '47505300', stratum: 1 });
    expect(sourceOf(audit, 'GPS')).to.deep.include({ mode: 'refclock', state: 'selected', stratum: 0 });
    // Reference clocks do not count as activity.
    expect(audit.answer?.activity).to.deep.include({ online: 0, offline: 0 });
    expect(audit.verdict('host/chrony-tracking')).to.equal('pass synchronised');
  });

  it('says nothing of its own when chronyd never was synchronised', async () => {
    const server = await serve({ address: '127.0.1.1', leap: 3 });
    const audit = await ask(await follow(server));
    expect(audit.verdict('host/chrony-tracking')).to.equal('fail never-synchronised');
    expect(audit.verdict(SOURCES)).to.equal('not-applicable not-synchronised');
  });
});

const FEED = `
import socket, struct, sys, time
feed = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
feed.connect(sys.argv[1])
while True:
    now = time.time()
    feed.send(struct.pack('@qqdiiii', int(now), int(now % 1 * 1e6), 0.0, 0, 0, 0, 0x534f434b))
    time.sleep(0.2)
`;
