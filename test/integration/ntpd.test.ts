import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ntpd } from '../../src/checks/host/ntpd.js';
import type { Fact } from '../../src/facts/fact.js';
import type { NtpAnswer } from '../../src/facts/timeDaemons.js';
import { readTimeDaemonAnswers } from '../../src/timedaemons/answers.js';
import { type ClockSandbox, startClockSandbox, startNtpServersIn } from '../support/clockSandbox.js';
import type { ForegroundProcess } from '../support/foregroundProcess.js';
import { findingOnHost } from '../support/hostVerdicts.js';
import { LENIENT } from '../support/lenientPolicy.js';
import type { NtpServerOptions } from '../support/ntpServer.js';
import { recordProcesses } from '../support/recordedProcesses.js';
import { requireCommand, requireFact, requireFetched } from '../support/requirement.js';
import { missingProgram, NTPQ_ENVIRONMENT, PROGRAMS } from '../support/unpackedPrograms.js';
import { waitUntil } from '../support/waitUntil.js';

/** ntpd takes all addresses of 127.0.0.0/8 for itself, so each server has one of these. */
const ADDRESSES = ['10.77.0.2', '10.77.0.3', '10.77.0.4', 'fd00:77:1234:5678:9abc:def0:1234:5678'] as const;
const OWN = ['127.0.0.1', '::1', '10.77.0.1', 'fd00:77::1'];

describe('host/ntpd with a real ntpd of ntpsec', function () {
  this.timeout(90_000);

  let sandbox: ClockSandbox;

  before(function () {
    requireCommand(this, 'nsenter', 'unshare', 'setpriv', 'ip');
    requireFetched(this, missingProgram('ntpd', 'ntpq'));
    requireFact(this, process.getuid?.() === 0, 'not root: no network of its own can be made');
  });
  beforeEach(async () => {
    sandbox = await startClockSandbox();
    await sandbox.run('ip', 'link', 'set', 'lo', 'up');
    for (const address of [...ADDRESSES, ...OWN.slice(2)]) {
      await sandbox.run('ip', 'addr', 'add', `${address}/${address.includes(':') ? 64 : 24}`, 'dev', 'lo');
    }
    recordProcesses(sandbox.directory, { pid: '77', name: 'ntpd' });
  });
  afterEach(() => sandbox?.stop());

  async function startServers(...servers: NtpServerOptions[]): Promise<ForegroundProcess> {
    return startNtpServersIn(
      sandbox,
      servers.map((server, at) => ({ address: ADDRESSES[at] ?? '', ...server })),
    );
  }

  async function startNtpd(): Promise<ForegroundProcess> {
    const config = join(sandbox.directory, 'ntp.conf');
    const lines = [
      ...ADDRESSES.map((address) => `server ${address} iburst minpoll 0 maxpoll 0`),
      'interface ignore wildcard',
      ...OWN.map((address) => `interface listen ${address}`),
      'restrict default',
      'restrict 127.0.0.1',
      'restrict ::1',
    ];
    writeFileSync(config, `${lines.join('\n')}\n`);
    return sandbox.start(PROGRAMS.ntpd, ['-n', '-g', '-c', config]);
  }

  async function ask(deadlineSeconds = 10): Promise<Fact<NtpAnswer | null>> {
    const ntpq = sandbox.script('ntpq', `/usr/bin/python3 ${PROGRAMS.ntpq}`, NTPQ_ENVIRONMENT);
    const options = { root: sandbox.directory, ntpq, deadlineSeconds };
    const answers = await readTimeDaemonAnswers(options, [{ pid: '77', name: 'ntpd' }]);
    expect(answers.timesyncd).to.deep.include({ known: true, value: null });
    return answers.ntpd;
  }

  const verdict = (fact: Fact<NtpAnswer | null>) => {
    const { outcome, code } = findingOnHost(ntpd, { ntpd: fact }, [], LENIENT);
    return `${outcome} ${code}`;
  };

  /** Asks again and again until the verdict is this one. */
  async function untilVerdict(wanted: string): Promise<NtpAnswer> {
    let last = '';
    const answered = async () => {
      const fact = await ask();
      last = `${verdict(fact)}: ${JSON.stringify(fact)}`;
      return verdict(fact) === wanted && fact.known && (fact.value ?? undefined);
    };
    return waitUntil(wanted, answered, { timeoutMs: 45_000, intervalMs: 500 }).catch((error) => {
      throw new Error(`${error.message}; last ${last}`);
    });
  }

  it('passes while it is synchronised, names the liar, and warns when the servers are gone', async () => {
    const servers = await startServers({}, {}, { offsetSeconds: 2 }, {});
    const daemon = await startNtpd();
    await untilVerdict('fail never-synchronised');
    const good = await untilVerdict('pass synchronised');
    expect(good).to.deep.include({ stratum: 2, leap: 'none' });
    expect(good.offsetSeconds).to.be.closeTo(0, 0.04);
    expect(good.lastUpdateAgeSeconds).to.be.within(0, 60);
    expect(good.peers).to.have.length(4);
    const states = good.peers.map(({ state }) => state);
    expect(states).to.include('selected');
    expect(good.peers[2]).to.deep.include({ name: '10.77.0.4', state: 'falseticker', stratum: 1 });
    expect(good.peers[2]?.offsetSeconds).to.be.closeTo(-2, 0.05);
    expect(good.peers[3]?.name).to.equal('fd00:77:1234:56');
    // It tried, and was refused.
    expect(daemon.log()).to.contain('Operation not permitted');
    await servers.kill();
    await untilVerdict('warn holdover');
  });

  it('gives the offset its sign: a system clock behind its servers', async () => {
    await startServers({ offsetSeconds: 0.1 }, { offsetSeconds: 0.1 }, { offsetSeconds: 0.1 });
    await startNtpd();
    const { offsetSeconds } = await untilVerdict('fail offset');
    expect(offsetSeconds).to.be.closeTo(-0.1, 0.04);
  });

  it('is unknown when it does not answer, or is gone', async () => {
    const daemon = await startNtpd();
    await untilVerdict('fail never-synchronised');
    daemon.signal('SIGSTOP');
    expect(verdict(await ask(1.5))).to.equal('unknown ntpq-hung');
    await daemon.stop();
    const gone = await ask();
    expect(gone).to.deep.include({ known: false, cause: 'ntpd-unreachable' });
  });
});
