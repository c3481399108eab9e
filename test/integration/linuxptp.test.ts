import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { linuxptp } from '../../src/checks/host/linuxptp.js';
import type { Fact } from '../../src/facts/fact.js';
import type { LinuxptpAnswer } from '../../src/facts/timeDaemons.js';
import type { TimeDaemonProcess } from '../../src/host/timeDaemons.js';
import { readTimeDaemonAnswers } from '../../src/timedaemons/answers.js';
import { type ClockSandbox, startClockSandbox } from '../support/clockSandbox.js';
import type { ForegroundProcess } from '../support/foregroundProcess.js';
import { findingOnHost } from '../support/hostVerdicts.js';
import { recordProcesses } from '../support/recordedProcesses.js';
import { requireCommand, requireFact, requireFetched } from '../support/requirement.js';
import { missingProgram, PROGRAMS } from '../support/unpackedPrograms.js';
import { waitUntil } from '../support/waitUntil.js';

/** The domain of the telecommunication profile G.8275.1, where ptp4l does not answer questions of domain 0. */
const DOMAIN = '24';

describe('host/linuxptp with a real ptp4l', function () {
  this.timeout(60_000);

  let sandbox: ClockSandbox;

  before(function () {
    requireCommand(this, 'nsenter', 'unshare', 'setpriv', 'ip');
    requireFetched(this, missingProgram('ptp4l', 'phc2sys', 'pmc'));
    requireFact(this, process.getuid?.() === 0, 'not root: no network of its own can be made');
  });
  beforeEach(async () => {
    sandbox = await startClockSandbox();
    await sandbox.run('ip', 'link', 'add', 'left', 'type', 'veth', 'peer', 'name', 'right');
    for (const device of ['left', 'right']) await sandbox.run('ip', 'link', 'set', device, 'up');
  });
  afterEach(() => sandbox?.stop());

  /** With software time stamps it steers the system clock, or would if the kernel let it. */
  function startPtp4l(device: string, ...more: string[]): Promise<ForegroundProcess> {
    const socket = `--uds_address=${join(sandbox.directory, device)}`;
    const fast = [
      '--logAnnounceInterval=-2',
      '--logSyncInterval=-3',
      '--pi_integral_const=0.3',
      '--pi_proportional_const=0.7',
    ];
    const args = ['--time_stamping=software', '--network_transport=L2', `--domainNumber=${DOMAIN}`, socket];
    return sandbox.start(PROGRAMS.ptp4l, [...args, ...fast, ...more, '-i', device, '-m', '-q']);
  }

  /** Looks at real processes, with their real command lines, as if they had the right to set the clock. */
  async function ask(
    ...daemons: [name: string, process: ForegroundProcess][]
  ): Promise<Fact<LinuxptpAnswer | null>> {
    const root = join(sandbox.directory, 'root');
    const processes: TimeDaemonProcess[] = daemons.map(([name, { pid }]) => ({ name, pid: String(pid) }));
    recordProcesses(root, ...processes);
    for (const { pid, name } of processes) {
      // Until then it is what starts it.
      await waitUntil(name, async () => readFileSync(`/proc/${pid}/comm`, 'utf8') === `${name}\n`);
      writeFileSync(join(root, 'proc', pid, 'cmdline'), readFileSync(`/proc/${pid}/cmdline`));
    }
    const pmc = sandbox.script('pmc', PROGRAMS.pmc);
    const answers = await readTimeDaemonAnswers({ root, pmc, deadlineSeconds: 5 }, processes);
    return answers.linuxptp;
  }

  const verdict = (fact: Fact<LinuxptpAnswer | null>) => {
    const { outcome, code } = findingOnHost(linuxptp, { linuxptp: fact });
    return `${outcome} ${code}`;
  };

  async function untilVerdict(wanted: string, process: ForegroundProcess): Promise<LinuxptpAnswer> {
    let last = '';
    const answered = async () => {
      const fact = await ask(['ptp4l', process]);
      last = JSON.stringify(fact);
      return verdict(fact) === wanted && fact.known && (fact.value ?? undefined);
    };
    return waitUntil(wanted, answered, { timeoutMs: 30_000, intervalMs: 200 }).catch((error) => {
      throw new Error(`${error.message}; last ${last}`);
    });
  }

  it('fails while no master is heard, passes with one, and fails when it is gone', async () => {
    const slave = await startPtp4l('right', '--slaveOnly=1');
    const alone = await untilVerdict('fail no-master', slave);
    expect(alone).to.deep.include({ portStates: ['LISTENING'], grandmasterPresent: false });
    expect(alone.systemClockBy).to.match(/^ptp4l --time_stamping=software /);
    const master = await startPtp4l('left', '--priority1=1');
    const good = await untilVerdict('pass follows-master', slave);
    expect(good).to.deep.include({ portStates: ['SLAVE'], grandmasterPresent: true });
    // Both time stamp by the same clock.
    expect(good.masterOffsetSeconds).to.be.closeTo(0, 0.005);
    expect(slave.log()).to.contain('failed to adjust the clock: Operation not permitted');
    await untilVerdict('fail no-master', master);
    await master.stop();
    await untilVerdict('fail no-master', slave);
  });

  it('is unknown when ptp4l does not answer', async () => {
    const slave = await startPtp4l('right', '--slaveOnly=1');
    await untilVerdict('fail no-master', slave);
    slave.signal('SIGSTOP');
    expect(await ask(['ptp4l', slave])).to.deep.include({ known: false, cause: 'ptp4l-unreachable' });
    const pid = String(slave.pid);
    await slave.stop();
    expect(existsSync(`/proc/${pid}`)).to.equal(false);
    const sockets = readdirSync('/var/run').filter((name) => name.startsWith('pmc.'));
    expect(sockets, 'left by pmc').to.deep.equal([]);
  });

  it('knows by the command line whether a real phc2sys steers the system clock', async () => {
    const socket = join(sandbox.directory, 'nobody');
    const waiting = (...args: string[]) =>
      sandbox.start(PROGRAMS.phc2sys, [...args, '-z', socket, '-m', '-q']);
    const steering = await ask(['phc2sys', await waiting('-a', '-rr')]);
    expect(verdict(steering)).to.equal('info source-unseen');
    expect(steering.known && steering.value?.systemClockBy).to.match(/^phc2sys -a -rr -z /);
    const cardOnly = await ask(['phc2sys', await waiting('-a')]);
    expect(cardOnly.known && cardOnly.value).to.deep.include({ systemClockBy: null, portStates: null });
  });
});
