import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { gatherHost } from '../../src/cli/gatherHost.js';
import { layTree } from '../../src/recording/recordedTree.js';
import type { Recording } from '../../src/recording/recording.js';
import { readRecording } from '../../src/recording/stream.js';
import { factsIn } from '../support/collectedAudit.js';
import { recordHere, standIn } from '../support/collectorRun.js';
import { searchPath } from '../support/commandPath.js';
import { requireCommand, requireFact } from '../support/requirement.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

const PMC = `sending: GET PORT_DATA_SET
\tb496.91ff-fe00.0001-1 seq 0 RESPONSE MANAGEMENT PORT_DATA_SET
\t\tportState               SLAVE
sending: GET TIME_STATUS_NP
\tb496.91ff-fe00.0001-1 seq 1 RESPONSE MANAGEMENT TIME_STATUS_NP
\t\tmaster_offset              18
\t\tgmPresent                  true
`;

describe('the shell collector asks the time daemons what their readers ask', function () {
  this.timeout(60_000);
  let scratch: ScratchDirectory;
  let daemons: string;
  let commands: string;

  before(function () {
    requireCommand(this, 'dash', 'unshare', 'setpriv');
    requireFact(this, process.getuid?.() === 0, 'a namespace for processes takes root');
    scratch = scratchDirectory('daemons');
    daemons = join(scratch.path, 'daemons');
    commands = join(scratch.path, 'commands');
    for (const path of [daemons, commands]) mkdirSync(path);
    // The kernel names a process after its script.
    for (const name of ['chronyd', 'ntpd', 'systemd-timesyncd', 'ptp4l', 'phc2sys']) {
      script(join(daemons, name), 'while :; do sleep 1; done');
    }
    script(join(commands, 'pmc'), `cat <<'END'\n${PMC}END`);
    for (const name of ['chronyc', 'ntpq', 'busctl'])
      script(join(commands, name), 'echo "$0: refused" >&2; exit 1');
  });
  after(() => scratch?.remove());

  function script(path: string, body: string): void {
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
  }

  /** Records in namespaces where nothing else runs, after some commands. */
  function record(...before_: readonly string[]): Buffer {
    // The collector takes the system's programs first, where there are any.
    const hide = ['chronyc', 'ntpq', 'busctl', 'pmc'].map((name) => standIn(name, join(commands, name)));
    const setUp = [...hide, ...before_, 'sleep 0.3', 'exec "$@"'].join('\n');
    return recordHere(
      { timeout: 5 },
      {
        wrapper: ['unshare', '-p', '-f', '-m', '--mount-proc', 'sh', '-c', setUp, 'sh'],
        path: `${commands}:${searchPath}`,
      },
    );
  }

  /** What the readers ask of a recorded machine, and whether the recording has an answer. */
  async function questions(recording: Recording): Promise<readonly [string, boolean][]> {
    const asked = new Set<string>();
    const tree = layTree(recording.entries);
    try {
      await gatherHost({
        ...{ root: tree.root, machine: recording, deadlineSeconds: 5 },
        recorded: (name, args) => {
          const question = [name, ...args].join(' ');
          asked.add(question);
          return recording.runs.get(question) ?? { end: 'not-recorded' };
        },
      });
    } finally {
      tree.remove();
    }
    return [...asked].sort().map((question) => [question, recording.runs.has(question)]);
  }

  it('with the very same arguments', async () => {
    const recording = readRecording(
      record(...['chronyd', 'ntpd', 'systemd-timesyncd'].map((name) => `${join(daemons, name)} &`)),
      'here',
    );
    const found = await questions(recording);
    expect(found.filter(([, answered]) => !answered)).to.deep.equal([]);
    expect(found.map(([question]) => question.split(' ')[0])).to.deep.equal([
      'busctl',
      'chronyc',
      'chronyc',
      'ntpq',
    ]);
  });

  it("but not those that may not set the clock, for a name is anybody's to take", async () => {
    const weak = 'setpriv --bounding-set=-sys_time';
    const recording = readRecording(
      record(...['ntpd', 'systemd-timesyncd', 'ptp4l -S'].map((it) => `${weak} ${join(daemons, it)} &`)),
      'here',
    );
    expect([...recording.runs.keys()].filter((words) => !words.startsWith('chronyc'))).to.deep.equal([]);
    expect((await questions(recording)).map(([question]) => question.split(' ')[0])).to.deep.equal([
      'chronyc',
      'chronyc',
    ]);
  });

  const PTP4L: readonly [string, string, string, string][] = [
    ['its command line', '-S -i eth0 --uds_address=/run/other --domainNumber 24', '', '-s /run/other -d 24 '],
    [
      'its configuration',
      '-i eth0 -S -f CONF',
      '[global]\nuds_address /run/conf\ntransportSpecific 0x1\n',
      '-s /run/conf -t 1 ',
    ],
    [
      'both',
      '-Sm -fCONF --domainNumber=7',
      '[global]\ndomainNumber 44\n# uds_address /no\n[eth0]\nuds_address /run/port\n',
      '-d 7 ',
    ],
    [
      'its configuration, by a path that is not plain,',
      '-i eth0 -S -f ODD',
      '[global]\ndomainNumber 31\n',
      '-d 31 ',
    ],
    ['nothing', '-S -i eth0', '', ''],
    ['what it does not take', '-S --domainNumber 700 --uds_address relative', '', ''],
  ];
  for (const [what, args, configuration, target] of PTP4L) {
    it(`at the socket of a ptp4l that ${what} names`, async () => {
      const file = join(scratch.path, 'ptp4l.conf');
      writeFileSync(file, configuration);
      // The same file by a path that a shell leaves as it is.
      const odd = `${scratch.path}//./daemons/../ptp4l.conf`;
      const words = args.replace('CONF', file).replace('ODD', odd);
      const stream = record(`${join(daemons, 'ptp4l')} ${words} &`);
      const recording = readRecording(stream, 'here');
      const asked = await questions(recording);
      expect(asked.filter(([question]) => question.startsWith('pmc'))).to.deep.equal([
        [`pmc -u -b 0 ${target}GET PORT_DATA_SET GET TIME_STATUS_NP`, true],
      ]);
      const { host, problems } = await factsIn(stream);
      expect(problems.map(({ cause }) => cause)).not.to.include('recording-garbled');
      expect(host?.linuxptp.known && host.linuxptp.value).to.include({ grandmasterPresent: true });
    });
  }

  it('at the socket that a configuration names which the process itself reads, behind a link', async () => {
    mkdirSync(join(scratch.path, 'site', 'ptp'), { recursive: true });
    writeFileSync(join(scratch.path, 'site', 'linked.conf'), '[global]\ndomainNumber 33\n');
    symlinkSync('site/ptp', join(scratch.path, 'ptp'));
    const stream = record(`${join(daemons, 'ptp4l')} -S -f ${scratch.path}/ptp/../linked.conf &`);
    expect((await questions(readRecording(stream, 'here'))).map(([question]) => question)).to.include(
      'pmc -u -b 0 -d 33 GET PORT_DATA_SET GET TIME_STATUS_NP',
    );
  });

  it('and knows nothing of a configuration that opens and cannot be read', async () => {
    // Nothing is at the address 0 of a process.
    const { host, problems } = await factsIn(record(`${join(daemons, 'ptp4l')} -S -f /proc/1/mem &`));
    expect(problems.map(({ cause }) => cause)).not.to.include('recording-cut-off');
    expect(host?.linuxptp).to.include({ known: false, cause: 'linuxptp-configuration-unreadable' });
  });

  it('and sends no other line of a file that a command line names', () => {
    const secret = join(scratch.path, 'shadow');
    writeFileSync(secret, 'root:$6$secret:19000::::::\n[global]\npassword secret\ntime_stamping software\n');
    const { entries } = readRecording(record(`${join(daemons, 'ptp4l')} -f ${secret} &`), 'here');
    const entry = entries.get(secret);
    expect(entry?.kind === 'file' && entry.bytes.toString()).to.equal('[global]\ntime_stamping software\n');
    const all = [...entries.values()].map((it) => (it.kind === 'file' ? it.bytes.toString() : '')).join('\n');
    expect(all).not.to.include('secret:');
  });

  it('and records PTP clocks with their drivers and interfaces, but asks none', async () => {
    const ptp = '/sys/class/ptp';
    const stream = record(
      `mount -t tmpfs tmpfs ${ptp}`,
      `mkdir -p ${ptp}/ptp0/device/net/eth7 ${ptp}/drivers/igb`,
      `echo 'fake PHC' > ${ptp}/ptp0/clock_name`,
      `ln -s ../../drivers/igb ${ptp}/ptp0/device/driver`,
    );
    const { host } = await factsIn(stream);
    expect(host?.ptpClocks.known && host.ptpClocks.value).to.deep.equal([
      {
        ...{ device: '/dev/ptp0', clockName: 'fake PHC', driver: 'igb', interfaces: ['eth7'] },
        ...{ capabilities: null, offset: null, offsetMissing: 'a clock of a recorded host cannot be asked' },
        users: [],
      },
    ]);
  });
});
