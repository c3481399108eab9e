import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { startSynchronised } from '../support/chronyStates.js';
import { isFreeUdpPort } from '../support/freePort.js';
import { auditHost, type HostAudit } from '../support/hostAudit.js';
import { startPrivateChronyd } from '../support/privateChronyd.js';
import { requireCommand, requireFact } from '../support/requirement.js';
import { scratchDirectory } from '../support/scratch.js';

const TRACKING = 'host/chrony-tracking';
const nobody = { uid: 65534, gid: 65534 };
/** chronyd's port for commands, which chronyc asks unless it is told another one. */
const COMMAND_PORT = 323;

describe('the ways to a real chronyd', function () {
  this.timeout(60_000);

  before(function () {
    requireCommand(this, 'chronyd', 'chronyc', 'setpriv');
  });

  for (const address of ['127.0.0.77', '::1']) {
    it(`are the network, for any user: ${address}`, async function () {
      requireFact(this, process.getuid?.() === 0, 'not root: chronyd cannot listen at its port');
      requireFact(
        this,
        await isFreeUdpPort(address, COMMAND_PORT),
        `UDP ${address}:${COMMAND_PORT} is taken`,
      );
      const commands = [`cmdport ${COMMAND_PORT}`, `bindcmdaddress ${address}`];
      const chronyd = await startPrivateChronyd({ config: ['local stratum 8', 'port 0', ...commands] });
      try {
        for (const user of [{}, nobody]) {
          const audit = await auditHost(['--chrony-host', address], { user });
          expect(audit.verdict(TRACKING)).to.equal('fail local-stratum-only');
          // Monitoring by the network tells all that is asked, without a second run.
          expect(audit.answer?.activity).to.deep.include({ online: 0, offline: 0 });
        }
      } finally {
        await chronyd.stop();
      }
      const gone = await auditHost(['--chrony-host', address, '--timeout', '15']);
      expect(gone.verdict(TRACKING)).to.equal('unknown chronyd-unreachable');
      expect(gone.finding(TRACKING).observed).to.contain(`nothing answers at ${address}; `);
    });
  }

  it('show that it only looks at the clock', async () => {
    const pair = await startSynchronised();
    try {
      const audit = await auditHost(['--chrony-host', pair.client.socketPath]);
      expect(audit.verdict(TRACKING)).to.equal('pass synchronised');
      expect(audit.answer?.steersClock).to.equal(false);
      // Whether anybody else corrects this machine's clock is not for the test to say.
      expect(audit.verdict('host/chrony-control')).to.be.oneOf([
        ...['fail not-steered', 'warn nobody-seen', 'info steered-unseen', 'info other-daemon'],
      ]);
    } finally {
      await pair.stop();
    }
  });

  it('do not show it where the process cannot be seen', async function () {
    requireFact(this, process.getuid?.() === 0, 'not root: chronyd cannot listen at its port');
    requireFact(this, await isFreeUdpPort('127.0.0.78', COMMAND_PORT), `UDP port ${COMMAND_PORT} is taken`);
    const commands = [`cmdport ${COMMAND_PORT}`, 'bindcmdaddress 127.0.0.78'];
    const chronyd = await startPrivateChronyd({ config: ['local stratum 8', 'port 0', ...commands] });
    try {
      const audit = await auditHost(['--chrony-host', '127.0.0.78']);
      expect(audit.answer?.steersClock).to.equal(null);
      expect(audit.verdict('host/chrony-control')).to.equal('not-applicable process-not-seen');
    } finally {
      await chronyd.stop();
    }
  });
});

// Fakes of what cannot be installed beside this chrony; each prints what a real one printed.
describe('a chronyc that answers in part', () => {
  const scratch = scratchDirectory('chronyc');
  after(() => scratch.remove());

  async function askScript(lines: string): Promise<HostAudit> {
    const path = join(scratch.path, 'chronyc');
    writeFileSync(path, `#!/bin/sh\n${lines}\n`);
    chmodSync(path, 0o755);
    return auditHost(['--chronyc', path, '--timeout', '5']);
  }

  const now = () => Math.floor(Date.now() / 1000) - 10;
  const tracking = () =>
    `C0000201,192.0.2.1,3,${now()}.5,0.000012345,-0.000023456,0.000034567,-1.234,0.005,0.067,0.000345678,0.000987654,64.2,Normal`;
  const sources = '^,*,192.0.2.1,2,6,377,25,-0.000123000,0.000456000,0.002345000';
  const statistics = '192.0.2.1,8,5,512,-0.049,0.230,-0.000000001,0.000037543';

  it('is asked again for what matters, where chronyd keeps the rest to itself (opencommands)', async () => {
    const refusal = 'echo "501 Not authorised"; exit 1';
    const audit = await askScript(
      `echo '${tracking()}'; echo '${sources}'; case "$*" in *sourcestats*) ${refusal};; esac`,
    );
    expect(audit.verdict(TRACKING)).to.equal('pass synchronised');
    expect(audit.answer).to.deep.include({ sourceStatistics: [], activity: null });
    expect(audit.finding(TRACKING).evidence[0]?.source).to.equal('chronyc -c -n -m tracking sources');
  });

  it('is unknown when even that is refused, for the reason that it gives and not for what it printed', async () => {
    const audit = await askScript(`echo '${tracking()}'; echo "501 Not authorised"; exit 1`);
    expect(audit.verdict(TRACKING)).to.equal('unknown chrony-not-authorised');
    expect(audit.finding(TRACKING).observed).to.contain('(501 Not authorised)');
  });

  it('is unknown when it knows no -m', async () => {
    const audit = await askScript(`echo "chronyc: invalid option -- 'm'" >&2; exit 1`);
    expect(audit.verdict(TRACKING)).to.equal('unknown chronyc-failed');
    expect(audit.finding(TRACKING).observed).to.equal(
      "chronyc failed: chronyc: invalid option -- 'm'; its option -c takes chrony 2.4 or later",
    );
  });

  it('is unknown when its output ends early', async () => {
    for (const cut of [[tracking()], [tracking(), sources], [tracking(), sources, statistics]]) {
      const audit = await askScript(cut.map((line) => `echo '${line}'`).join('\n'));
      expect(audit.verdict(TRACKING)).to.equal('unknown chronyc-garbled');
      expect(audit.verdict('host/chrony-sources')).to.equal('unknown chronyc-garbled');
      expect(audit.verdict('host/chrony-control')).to.equal('unknown chronyc-garbled');
    }
  });

  it('is understood when it prints more fields than this one', async () => {
    const lines = [`${tracking()},37`, `${sources},9`, `${statistics},9`, '1,0,0,0,0,9'];
    const audit = await askScript(lines.map((line) => `echo '${line}'`).join('\n'));
    expect(audit.verdict(TRACKING)).to.equal('pass synchronised');
    expect(audit.verdict('host/chrony-sources')).to.equal('warn too-few');
  });
});
