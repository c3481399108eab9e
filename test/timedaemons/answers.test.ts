import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { TimeDaemonProcess } from '../../src/host/timeDaemons.js';
import { readTimeDaemonAnswers, type TimeDaemonOptions } from '../../src/timedaemons/answers.js';
import { type RecordedProcess, recordProcesses } from '../support/recordedProcesses.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

const NTPD: TimeDaemonProcess = { pid: '77', name: 'ntpd' };
const TIMESYNCD: TimeDaemonProcess = { pid: '55', name: 'systemd-timesyncd' };
const WITHOUT_SYS_TIME = '000001fffdffffff';

describe('the answers of time daemons other than chronyd', () => {
  let root: ScratchDirectory;

  beforeEach(() => {
    root = scratchDirectory('root');
  });
  afterEach(() => root.remove());

  function file(path: string, text: string, mode = 0o644): string {
    const full = join(root.path, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
    chmodSync(full, mode);
    return full;
  }
  const script = (lines: string, mode = 0o755) => file('command', `#!/bin/sh\n${lines}\n`, mode);

  function ask(processes: readonly RecordedProcess[], commands: Partial<TimeDaemonOptions> = {}) {
    recordProcesses(root.path, ...processes);
    return readTimeDaemonAnswers({ root: root.path, deadlineSeconds: 1, ...commands }, processes);
  }

  it('are null for those that do not run, and nothing is executed', async () => {
    const commands = { busctl: '/nonexistent', ntpq: '/nonexistent', pmc: '/nonexistent' };
    for (const processes of [[], [{ pid: '80', name: 'chronyd' }]]) {
      const answers = await ask(processes, commands);
      for (const fact of Object.values(answers)) expect(fact).to.deep.include({ known: true, value: null });
    }
  });

  it('are null for those that may not set the clock', async () => {
    const { ntpd } = await ask([{ ...NTPD, capabilities: WITHOUT_SYS_TIME }], { ntpq: '/nonexistent' });
    expect(ntpd).to.deep.include({ known: true, value: null });
  });

  it('are unknown where processes are hidden', async () => {
    const answers = await readTimeDaemonAnswers({ root: root.path, deadlineSeconds: 1 }, null);
    for (const fact of Object.values(answers)) {
      expect(fact).to.deep.include({ known: false, cause: 'processes-hidden' });
    }
  });

  it("are not asked of this machine's daemons where the host is another one", async () => {
    const { ntpd, timesyncd } = await ask([NTPD, TIMESYNCD]);
    expect(ntpd).to.deep.include({ known: false, cause: 'ntpq-missing' });
    expect(timesyncd).to.deep.include({ known: false, cause: 'busctl-missing' });
  });

  it('take no longer than the slowest of them', async () => {
    const slow = script('exec sleep 20');
    const start = performance.now();
    const { ntpd, timesyncd } = await ask([NTPD, TIMESYNCD], {
      ...{ ntpq: slow, busctl: slow, deadlineSeconds: 2 },
    });
    expect([ntpd, timesyncd].map((fact) => !fact.known && fact.cause)).to.deep.equal([
      'ntpq-hung',
      'busctl-hung',
    ]);
    expect(performance.now() - start).to.be.below(3900);
  });

  const broken = [
    ['prints nothing', 'exit 0', 'garbled'],
    ['prints words in another language', 'echo Zeitserver nicht gefunden', 'garbled'],
    ['prints random bytes', 'head -c 3000 /dev/urandom', 'garbled'],
    ['prints without end', 'yes offset=1,', 'garbled'],
    ['fails without a word', 'exit 2', 'failed'],
    ['fails in other words', 'echo Speicherzugriffsfehler >&2; exit 1', 'failed'],
    ['is ended by a signal', 'kill -SEGV $$', 'failed'],
    ['leaves a child with its output', 'sleep 5 & wait', 'hung'],
  ] as const;
  for (const [what, lines, cause] of broken) {
    it(`are unknown when a command ${what}`, async () => {
      const path = script(lines);
      const { ntpd, timesyncd } = await ask([NTPD, TIMESYNCD], { ntpq: path, busctl: path });
      expect(ntpd).to.deep.include({ known: false, cause: `ntpq-${cause}` });
      expect(timesyncd).to.deep.include({ known: false, cause: `busctl-${cause}` });
    });
  }

  it('are unknown when a command is not there or may not be executed', async () => {
    const { ntpd, timesyncd } = await ask([NTPD, TIMESYNCD], {
      ntpq: '/nonexistent',
      busctl: script('exit 0', 0o644),
    });
    expect(ntpd).to.deep.include({ cause: 'ntpq-missing' });
    expect(timesyncd).to.deep.include({ cause: 'busctl-denied' });
  });

  for (const [said, cause] of [
    ['localhost: timed out with no data\n***Request timed out', 'ntpd-unreachable'],
    ['***Socket error; probably ntpd is not running', 'ntpd-unreachable'],
    ['ntpq: read: Connection refused', 'ntpd-unreachable'],
  ] as const) {
    it(`tell that ntpd keeps silent when ntpq says ${said.split('\n')[0]}`, async () => {
      const { ntpd } = await ask([NTPD], { ntpq: script(`printf '%s\\n' '${said}'`) });
      expect(ntpd).to.deep.include({ known: false, cause });
    });
  }

  it('tell that the bus cannot be reached', async () => {
    const said = 'Failed to connect to bus: No such file or directory';
    const { timesyncd } = await ask([TIMESYNCD], { busctl: script(`echo '${said}' >&2; exit 1`) });
    expect(timesyncd).to.deep.include({ known: false, cause: 'timesyncd-unreachable' });
  });

  describe('of linuxptp', () => {
    const PMC_LINES = 'RESPONSE MANAGEMENT\n portState SLAVE\n master_offset 1000\n gmPresent true';
    const phc2sys = (...args: string[]) => ({ pid: '90', name: 'phc2sys', args: ['phc2sys', ...args] });
    const ptp4l = (...args: string[]) => ({ pid: '91', name: 'ptp4l', args: ['/usr/sbin/ptp4l', ...args] });

    async function steering(...processes: readonly RecordedProcess[]) {
      const { linuxptp } = await ask(processes, { pmc: script(`printf '${PMC_LINES}\\n'`) });
      if (!linuxptp.known || !linuxptp.value) throw new Error(JSON.stringify(linuxptp));
      return linuxptp.value;
    }

    for (const [args, from] of [
      ['-a -r', null],
      ['-arr', null],
      ['-s /dev/ptp0 -w', '/dev/ptp0'],
      ['-s eth0 -c CLOCK_REALTIME -O -37', 'eth0'],
      ['-i eth0', 'eth0'],
      ['-seth0 -n24', 'eth0'],
      ['-d /dev/pps0', '/dev/pps0'],
      ['-s eth0 -c eth1 -c CLOCK_REALTIME', 'eth0'],
    ] as const) {
      it(`steer the system clock by phc2sys ${args}`, async () => {
        const answer = await steering(phc2sys(...args.split(' ')));
        expect(answer).to.deep.include({ systemClockBy: `phc2sys ${args}`, systemClockFrom: from });
        expect(answer.portStates).to.equal(null);
      });
    }

    for (const args of [
      '-a',
      '-a -E ntpshm -r',
      '-s /dev/ptp0 -E ntpshm',
      '-s eth0 --clock_servo=ntpshm',
      '-s eth0 --clock_servo ntpshm',
      '-s /dev/ptp0 -c /dev/ptp1',
      '-s CLOCK_REALTIME -c eth0',
      '-w',
    ]) {
      it(`do not by phc2sys ${args}`, async () => {
        expect((await steering(phc2sys(...args.split(' ')))).systemClockBy).to.equal(null);
      });
    }

    it('are asked of ptp4l where phc2sys steers, and only there', async () => {
      const answer = await steering(phc2sys('-a', '-r'), ptp4l('-i', 'eth0'));
      expect(answer).to.deep.include({ portStates: ['SLAVE'], grandmasterPresent: true });
      expect(answer.masterOffsetSeconds).to.equal(0.000001);
      expect((await steering(phc2sys('-a'), ptp4l('-i', 'eth0'))).portStates).to.equal(null);
    });

    it('steer by ptp4l with software time stamps alone', async () => {
      for (const args of [['-S'], ['--time_stamping=software'], ['-f', '/etc/soft.conf']]) {
        file('etc/soft.conf', '# comment\n[global]\ntime_stamping\t software\n[eth0]\n');
        expect((await steering(ptp4l('-i', 'eth0', ...args))).systemClockBy).to.match(/^ptp4l -i eth0/);
      }
      for (const args of [
        ['-H', '-f', '/etc/soft.conf'],
        ['-S', '--free_running=1'],
        ['-S', '--clock_servo=ntpshm'],
        ['-f', '/etc/port.conf'],
        [],
      ]) {
        file('etc/port.conf', '[global]\n[eth0]\ntime_stamping software\n');
        expect((await steering(ptp4l('-i', 'eth0', ...args))).systemClockBy).to.equal(null);
      }
    });

    it('ask ptp4l at its own socket, in its own domain', async () => {
      file('etc/ptp.conf', '[global]\nuds_address /run/mine\ndomainNumber 24\ntransportSpecific 0x1\n');
      const pmc = script(`echo "$*" > ${root.path}/asked; printf '${PMC_LINES}\\n'`);
      const { linuxptp } = await ask(
        [phc2sys('-a', '-r'), ptp4l('-f', '/etc/ptp.conf', '--domainNumber=44')],
        { pmc },
      );
      expect(linuxptp).to.deep.include({ known: true });
      expect(linuxptp.source).to.contain('pmc -u -b 0 -s /run/mine -d 44 -t 1');
    });

    it('do not take the name of a socket that is none', async () => {
      const pmc = script(`printf '${PMC_LINES}\\n'`);
      const options = ['--uds_address=../x', '--domainNumber=x', '--transportSpecific=999'];
      const { linuxptp } = await ask([phc2sys('-a', '-r'), ptp4l(...options)], { pmc });
      expect(linuxptp.source).to.equal('pmc -u -b 0 GET PORT_DATA_SET, TIME_STATUS_NP');
    });

    for (const [what, lines, cause] of [
      ['says nothing', 'echo sending: GET PORT_DATA_SET', 'ptp4l-unreachable'],
      ['prints half of it', "echo 'RESPONSE MANAGEMENT portState'", 'pmc-garbled'],
      ['never ends', 'exec sleep 20', 'pmc-hung'],
      ['fails', 'echo uds: bind failed: Permission denied >&2; exit 255', 'pmc-failed'],
    ] as const) {
      it(`are unknown when pmc ${what}`, async () => {
        const { linuxptp } = await ask([phc2sys('-a', '-r'), ptp4l('-i', 'eth0')], { pmc: script(lines) });
        expect(linuxptp).to.deep.include({ known: false, cause });
      });
    }

    it('are unknown when the configuration cannot be read', async () => {
      for (const path of ['/etc/missing.conf', '/etc', '/dev/zero']) {
        mkdirSync(join(root.path, 'etc'), { recursive: true });
        const { linuxptp } = await ask([ptp4l('-f', path)]);
        expect(linuxptp).to.deep.include({ known: false, cause: 'linuxptp-configuration-unreadable' });
      }
    });

    it('cut a command line that has no end', async () => {
      const { systemClockBy } = await steering(phc2sys('-s', 'eth0', '-z', 'x'.repeat(100_000)));
      expect(systemClockBy).to.have.length(201);
    });
  });
});
