import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  startClient,
  startLocalStratumOnly,
  startSynchronised,
  startUnsynchronised,
  untilSynchronised,
} from '../support/chronyStates.js';
import { auditHost, type HostAudit } from '../support/hostAudit.js';
import { type NtpServerOptions, startNtpServer } from '../support/ntpServer.js';
import type { PrivateChronyd } from '../support/privateChronyd.js';
import { requireCommand, requireFact } from '../support/requirement.js';
import { scratchDirectory } from '../support/scratch.js';

const TRACKING = 'host/chrony-tracking';
const verdict = (audit: HostAudit) => audit.verdict(TRACKING);
const ask = (chronyd: PrivateChronyd, ...more: string[]) =>
  auditHost(['--chrony-host', chronyd.socketPath, ...more]);
const offsetOf = ({ answer }: HostAudit) => answer?.tracking.systemOffsetSeconds;

describe('host/chrony-tracking with a real chronyd', function () {
  this.timeout(60_000);

  before(function () {
    requireCommand(this, 'chronyd', 'chronyc', 'setpriv');
  });

  /** Asks a chronyd that follows an NTP server of our own; with -x it only watches the clock. */
  async function askAbout(server: NtpServerOptions): Promise<HostAudit> {
    const ntp = await startNtpServer({ address: '127.0.0.2', ...server });
    const chronyd = await startClient(ntp);
    try {
      await untilSynchronised(chronyd);
      return await ask(chronyd);
    } finally {
      await chronyd.stop();
      await ntp.close();
    }
  }

  it('passes while synchronised, warns in holdover and fails when the daemon is gone', async () => {
    const pair = await startSynchronised();
    try {
      const good = await ask(pair.client);
      expect(verdict(good)).to.equal('pass synchronised');
      expect(good.finding(TRACKING).observed).to.match(
        /^stratum 2, reference 127\.0\.0\.1, 1 of 1 sources reachable, /,
      );
      await pair.loseServer();
      const lost = await ask(pair.client);
      expect(verdict(lost)).to.equal('warn holdover');
      expect(lost.finding(TRACKING).detail).to.match(
        /^its only source answers no more; .* is \d+ s old; .* an hour, to 100 ms in about \d+ /,
      );
      // Holdover is a warning; that no source is left to end it is a failure.
      expect(lost.verdict('host/chrony-sources')).to.equal('fail none-usable');
      expect(lost.exitCode).to.equal(2);
      await pair.client.stop();
      const gone = await ask(pair.client);
      expect(verdict(gone)).to.equal('fail daemon-absent');
      expect(gone.finding(TRACKING).observed).to.equal(`nothing answers at ${pair.client.socketPath}`);
      expect(gone.exitCode).to.equal(2);
    } finally {
      await pair.stop();
    }
  });

  it('fails when chronyd never was synchronised', async () => {
    const chronyd = await startUnsynchronised();
    const audit = await ask(chronyd);
    await chronyd.stop();
    expect(verdict(audit)).to.equal('fail never-synchronised');
    expect(audit.exitCode).to.equal(2);
  });

  it('fails when chronyd only follows its own clock', async () => {
    const chronyd = await startLocalStratumOnly();
    const audit = await ask(chronyd);
    await chronyd.stop();
    expect(verdict(audit)).to.equal('fail local-stratum-only');
    expect(audit.finding(TRACKING).observed).to.contain('stratum 8');
  });

  for (const [offsetSeconds, expected] of [
    [0.03, 'warn offset'],
    [-0.03, 'warn offset'],
    [0.2, 'fail offset'],
    [-0.2, 'fail offset'],
  ] as const) {
    const direction = offsetSeconds > 0 ? 'behind' : 'ahead';
    it(`gives ${expected} for a system clock ${Math.abs(offsetSeconds) * 1000} ms ${direction}`, async () => {
      const audit = await askAbout({ offsetSeconds });
      expect(verdict(audit)).to.equal(expected);
      // The server is ahead when the system clock is behind; ours is positive for ahead.
      expect(offsetOf(audit)).to.be.closeTo(-offsetSeconds, 0.005);
      expect(audit.finding(TRACKING).observed).to.match(new RegExp(` ms ${direction}, root distance `));
    });
  }

  it('judges the root distance that the server hands down', async () => {
    expect(verdict(await askAbout({ rootDispersionSeconds: 0.05 }))).to.equal('warn root-distance');
    expect(verdict(await askAbout({ rootDelaySeconds: 0.5, stratum: 2 }))).to.equal('fail root-distance');
  });

  it('warns of a stratum of ten or more', async () => {
    expect(verdict(await askAbout({ stratum: 9 }))).to.equal('warn stratum-high');
  });

  it('is unknown after its deadline when chronyd is stopped', async () => {
    const chronyd = await startLocalStratumOnly();
    chronyd.freeze();
    const audit = await ask(chronyd, '--timeout', '2');
    chronyd.thaw();
    await chronyd.stop();
    expect(verdict(audit)).to.equal('unknown chronyc-hung');
    expect(audit.seconds).to.be.within(2, 4);
    expect(audit.exitCode).to.equal(3);
  });

  it('is unknown when this user may not use the command socket', async function () {
    requireFact(this, process.getuid?.() === 0, 'not root: no chronyd of another user can be started');
    const chronyd = await startLocalStratumOnly();
    const user = { uid: 65534, gid: 65534 };
    const audit = await auditHost(['--chrony-host', chronyd.socketPath], { user });
    await chronyd.stop();
    expect(verdict(audit)).to.equal('unknown socket-denied');
    expect(audit.finding(TRACKING).observed).to.contain(`${chronyd.socketPath} may not be used by this user`);
    expect(audit.exitCode).to.equal(3);
  });
});

// The only fakes: what a broken installation prints cannot be had from a real chronyc.
describe('host/chrony-tracking with a broken chronyc', () => {
  const scratch = scratchDirectory('chronyc');
  after(() => scratch.remove());

  async function askScript(lines: string, mode = 0o755): Promise<HostAudit> {
    const path = join(scratch.path, 'chronyc');
    writeFileSync(path, `#!/bin/sh\n${lines}\n`);
    chmodSync(path, mode);
    return auditHost(['--chronyc', path, '--timeout', '2']);
  }

  it('is unknown when there is no chronyc', async () => {
    const audit = await auditHost(['--chronyc', '/nonexistent']);
    expect(verdict(audit)).to.equal('unknown chronyc-missing');
    expect(audit.finding(TRACKING).observed).to.equal('/nonexistent does not exist; check --chronyc');
  });

  it('is unknown when chronyc may not be executed', async () => {
    expect(verdict(await askScript('exit 0', 0o644))).to.equal('unknown chronyc-denied');
  });

  for (const [what, lines, code] of [
    ['prints nothing', 'exit 0', 'chronyc-garbled'],
    ['prints words', 'echo Reference ID : 00000000', 'chronyc-garbled'],
    ['prints random bytes', 'head -c 2000 /dev/urandom', 'chronyc-garbled'],
    ['prints without end', 'yes 7F7F0101', 'chronyc-garbled'],
    ['fails in other words', 'echo Speicherzugriffsfehler >&2; exit 1', 'chronyc-failed'],
    ['fails without a word', 'exit 2', 'chronyc-failed'],
    ['is ended by a signal', 'kill -SEGV $$', 'chronyc-failed'],
    ['is refused', 'echo "501 Not authorised"; exit 1', 'chrony-not-authorised'],
    ['never ends', 'exec sleep 60', 'chronyc-hung'],
    ['leaves a child with its output', 'sleep 5 & wait', 'chronyc-hung'],
  ] as const) {
    it(`is unknown when chronyc ${what}`, async () => {
      const audit = await askScript(lines);
      expect(verdict(audit)).to.equal(`unknown ${code}`);
      expect(audit.exitCode).to.equal(3);
      expect(audit.seconds).to.be.below(4);
    });
  }
});
