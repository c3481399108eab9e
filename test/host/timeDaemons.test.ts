import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { daemonNames, readTimeDaemons, timeDaemonProcesses } from '../../src/host/timeDaemons.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

/** What a process of root holds, and one that gave up everything but setting the clock. */
const ALL = '000001ffffffffff';
const SYS_TIME = '0000000002000000';
const ALL_BUT_SYS_TIME = '000001fffdffffff';
const FIRST_NAMESPACE = '         0          0 4294967295\n';

describe('the time daemons that run', () => {
  let root: ScratchDirectory;

  beforeEach(() => {
    root = scratchDirectory('root');
  });
  afterEach(() => root.remove());

  function process(pid: number | string, name: string, capabilities = ALL, uidMap = FIRST_NAMESPACE): void {
    const directory = join(root.path, 'proc', String(pid));
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'comm'), `${name}\n`);
    writeFileSync(join(directory, 'status'), `Name:\t${name}\nCapEff:\t${capabilities}\nCapBnd:\t${ALL}\n`);
    if (uidMap) writeFileSync(join(directory, 'uid_map'), uidMap);
  }

  const found = () => timeDaemonProcesses(root.path);
  const names = () => daemonNames(found() ?? []);
  const setters = () => {
    const fact = readTimeDaemons(root.path, found());
    if (!fact.known) throw new Error(fact.reason);
    return fact.value;
  };

  it('are known by their processes, each once and in the order of the alphabet', () => {
    process(1, 'systemd');
    for (const [pid, name] of [
      [70, 'ptp4l'],
      [71, 'phc2sys'],
      [80, 'chronyd'],
      [81, 'chronyd'],
      [90, 'bash'],
    ] as const) {
      process(pid, name);
    }
    expect(names()).to.deep.equal(['chronyd', 'phc2sys', 'ptp4l']);
    expect(setters()).to.deep.equal(['chronyd', 'phc2sys', 'ptp4l']);
  });

  for (const [comm, name] of [
    ['systemd-timesyn', 'systemd-timesyncd'],
    ['ntp-daemon', 'ntpd-rs'],
    ['ntpd', 'ntpd'],
    ['timemaster', 'timemaster'],
    ['sfptpd', 'sfptpd'],
    ['ptpd', 'ptpd'],
    ['ts2phc', 'ts2phc'],
  ] as const) {
    it(`are called ${name} where the kernel says ${comm}`, () => {
      process(1, 'init');
      process(300, comm);
      expect(names()).to.deep.equal([name]);
    });
  }

  it('are none on a machine without any', () => {
    process(1, 'init');
    process(2, 'chronyc');
    process(3, 'ntpdate');
    expect(names()).to.deep.equal([]);
    expect(setters()).to.deep.equal([]);
  });

  it('do not include what is no process, or one that has just ended', () => {
    process(1, 'init');
    process('self', 'chronyd');
    mkdirSync(join(root.path, 'proc', '5'));
    expect(names()).to.deep.equal([]);
  });

  it('do not include one that ends while it is looked at', () => {
    process(1, 'init');
    expect(readTimeDaemons(root.path, [{ pid: '77', name: 'chronyd' }])).to.deep.include({ value: [] });
  });

  it('discipline the clock with CAP_SYS_TIME alone, and not with everything else', () => {
    process(1, 'init');
    process(80, 'chronyd', SYS_TIME);
    process(81, 'ntpd', ALL_BUT_SYS_TIME);
    process(82, 'ptp4l', '0000000000000000');
    expect(names()).to.deep.equal(['chronyd', 'ntpd', 'ptp4l']);
    expect(setters()).to.deep.equal(['chronyd']);
  });

  it('do not discipline it from a container that has numbers of its own', () => {
    process(1, 'init');
    process(80, 'chronyd', ALL, '         0     100000      65536\n');
    expect(setters()).to.deep.equal([]);
  });

  it('discipline it on a kernel without user namespaces', () => {
    process(1, 'init');
    process(80, 'chronyd', ALL, '');
    expect(setters()).to.deep.equal(['chronyd']);
  });

  it("are not known when others' processes are hidden", () => {
    process(500, 'chronyd');
    expect(found()).to.equal(null);
    expect(readTimeDaemons(root.path, null)).to.deep.include({ known: false, cause: 'processes-hidden' });
  });

  it('are found among the processes of this machine in no time', () => {
    const start = performance.now();
    const fact = readTimeDaemons('/', timeDaemonProcesses('/'));
    expect(fact.known).to.equal(true);
    expect(performance.now() - start).to.be.below(2000);
  });
});
