import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { timesyncd } from '../../src/checks/host/timesyncd.js';
import type { Fact } from '../../src/facts/fact.js';
import type { TimesyncdAnswer } from '../../src/facts/timeDaemons.js';
import { readTimeDaemonAnswers } from '../../src/timedaemons/answers.js';
import { type ClockSandbox, startClockSandbox, startNtpServersIn } from '../support/clockSandbox.js';
import { commandPath } from '../support/commandPath.js';
import type { ForegroundProcess } from '../support/foregroundProcess.js';
import { findingOnHost } from '../support/hostVerdicts.js';
import { LENIENT } from '../support/lenientPolicy.js';
import { recordProcesses } from '../support/recordedProcesses.js';
import { requireCommand, requireFact, requireFetched } from '../support/requirement.js';
import { missingProgram, PROGRAMS } from '../support/unpackedPrograms.js';
import { waitUntil } from '../support/waitUntil.js';

const SERVER = '127.0.0.2';
const USER = 'systemd-timesync';

function busConfiguration(socket: string): string {
  const allowed = ['user="*"', 'own="*"', 'send_destination="*"', 'receive_sender="*"'];
  const policy = allowed.map((what) => `<allow ${what}/>`).join('');
  return `<busconfig><type>system</type><listen>unix:path=${socket}</listen><auth>EXTERNAL</auth><policy context="default">${policy}</policy></busconfig>\n`;
}

describe('host/timesyncd with a real systemd-timesyncd', function () {
  this.timeout(60_000);

  let sandbox: ClockSandbox;
  let bus: string;

  before(function () {
    requireCommand(this, 'nsenter', 'unshare', 'setpriv', 'ip', 'dbus-daemon', 'busctl');
    requireFetched(this, missingProgram('timesyncd'));
    requireFact(this, process.getuid?.() === 0, 'not root: no network of its own can be made');
    const users = readFileSync('/etc/passwd', 'utf8');
    requireFact(this, users.includes(`\n${USER}:`), `there is no user ${USER}`);
  });
  beforeEach(async () => {
    sandbox = await startClockSandbox();
    await sandbox.run('ip', 'link', 'set', 'lo', 'up');
    const of = (name: string) => join(sandbox.directory, name);
    for (const name of ['etc', 'run', 'run/systemd', 'run/systemd/timesync', 'state']) mkdirSync(of(name));
    for (const name of ['run/systemd', 'run/systemd/timesync', 'state']) chmodSync(of(name), 0o777);
    writeFileSync(of('etc/timesyncd.conf'), `[Time]\nNTP=${SERVER}\nFallbackNTP=\n`);
    // The daemon has these paths built in; what is mounted here, nobody outside of the sandbox sees.
    await sandbox.run('mount', '--bind', of('etc'), '/etc/systemd');
    await sandbox.run('mount', '--bind', of('run/systemd'), '/run/systemd');
    await sandbox.run('mount', '--bind', of('state'), '/var/lib/systemd');
    recordProcesses(sandbox.directory, { pid: '55', name: 'systemd-timesyncd' });
    bus = `unix:path=${of('bus')}`;
    writeFileSync(of('bus.conf'), busConfiguration(of('bus')));
    const daemon = commandPath('dbus-daemon') ?? 'dbus-daemon';
    const args = [`--config-file=${of('bus.conf')}`, '--nofork', '--nopidfile', '--print-address'];
    const started = await sandbox.start(daemon, args);
    await waitUntil('the bus', async () => started.log().includes('unix:path='), {
      worthWaiting: () => started.running,
    });
  });
  afterEach(() => sandbox?.stop());

  const startTimesyncd = (): Promise<ForegroundProcess> =>
    sandbox.start(PROGRAMS.timesyncd, [], { DBUS_SYSTEM_BUS_ADDRESS: bus });

  async function ask(): Promise<Fact<TimesyncdAnswer | null>> {
    const environment = { DBUS_SYSTEM_BUS_ADDRESS: bus };
    const busctl = sandbox.script('busctl', commandPath('busctl') ?? 'busctl', environment);
    const options = { root: sandbox.directory, busctl, deadlineSeconds: 5 };
    const answers = await readTimeDaemonAnswers(options, [{ pid: '55', name: 'systemd-timesyncd' }]);
    expect(answers.ntpd).to.deep.include({ known: true, value: null });
    return answers.timesyncd;
  }

  const verdict = (fact: Fact<TimesyncdAnswer | null>) => {
    const { outcome, code } = findingOnHost(timesyncd, { timesyncd: fact }, [], LENIENT);
    return `${outcome} ${code}`;
  };

  async function untilVerdict(wanted: string): Promise<TimesyncdAnswer> {
    let last = '';
    const answered = async () => {
      const fact = await ask();
      last = JSON.stringify(fact);
      return verdict(fact) === wanted && fact.known && (fact.value ?? undefined);
    };
    return waitUntil(wanted, answered, { timeoutMs: 20_000, intervalMs: 200 }).catch((error) => {
      throw new Error(`${error.message}; last ${last}`);
    });
  }

  it('informs while it follows a server, and is unknown when it is gone from the bus', async () => {
    await startNtpServersIn(sandbox, [{ address: SERVER, rootDispersionSeconds: 0.001 }]);
    const daemon = await startTimesyncd();
    const good = await untilVerdict('info single-server');
    expect(good).to.deep.include({ serverName: SERVER, serverAddress: SERVER, synchronised: true });
    expect(good.pollIntervalSeconds).to.equal(64);
    expect(good.lastPacket).to.deep.include({ stratum: 1, leap: 0, rootDelaySeconds: 0, packetCount: 1 });
    expect(good.lastPacket?.rootDispersionSeconds).to.be.closeTo(0.001, 0.0001);
    expect(good.lastPacket?.offsetSeconds).to.be.closeTo(0, 0.04);
    expect(good.lastPacket?.ageSeconds).to.be.within(0, 30);
    // It tried, and was refused.
    expect(daemon.log()).to.match(/clock_adjtime\(\): Operation not permitted/);
    await daemon.stop();
    expect(await ask()).to.deep.include({ known: false, cause: 'timesyncd-unreachable' });
  });

  for (const offsetSeconds of [0.1, -0.1]) {
    it(`gives the offset its sign: a server ${offsetSeconds} s ahead`, async () => {
      await startNtpServersIn(sandbox, [{ address: SERVER, offsetSeconds }]);
      await startTimesyncd();
      const { lastPacket } = await untilVerdict('fail offset');
      expect(lastPacket?.offsetSeconds).to.be.closeTo(-offsetSeconds, 0.04);
    });
  }

  it('fails without a server that answers, and with one that is not synchronised itself', async () => {
    await startTimesyncd();
    const { lastPacket, synchronised } = await untilVerdict('fail never-synchronised');
    expect({ lastPacket, synchronised }).to.deep.equal({ lastPacket: null, synchronised: false });
    await startNtpServersIn(sandbox, [{ address: SERVER, leap: 3 }]);
    await untilVerdict('fail never-synchronised');
  });
});
