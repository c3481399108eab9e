import { expect } from 'chai';
import { explainFailure, explainMissing } from '../../src/chrony/failures.js';
import type { ChronyAnswer } from '../../src/facts/chrony.js';
import type { Fact } from '../../src/facts/fact.js';

const options = { deadlineSeconds: 1 };
const told = (fact: Fact<ChronyAnswer>) => {
  if (!fact.known) return `unknown ${fact.cause}: ${fact.reason}`;
  return fact.value.daemon === 'absent' ? `absent: ${fact.value.evidence}` : 'answers';
};
const silent = (running: readonly string[] | null, more = {}) =>
  told(explainFailure('test', '506 Cannot talk to daemon', { ...options, ...more }, () => running));
const missing = (running: readonly string[] | null, more = {}) =>
  told(explainMissing('test', { ...options, ...more }, () => running));

describe('a chronyd that does not answer', () => {
  it('is absent where no daemon runs, or one that is asked by other means', () => {
    expect(silent([])).to.equal('absent: chronyd does not answer and no time daemon runs');
    expect(silent(['systemd-timesyncd'])).to.equal('absent: chronyd does not answer; systemd-timesyncd runs');
    expect(silent(['ntpd'])).to.match(/^absent: .* ntpd runs$/);
    expect(silent(['phc2sys', 'ptp4l'])).to.equal('absent: chronyd does not answer; phc2sys and ptp4l run');
  });

  it('is not known where only such daemons run that cannot be asked, or all are hidden', () => {
    expect(silent(['ntpd-rs'])).to.match(
      /^unknown other-time-daemon: .* ntpd-rs does, which this audit cannot/,
    );
    expect(silent(['ptpd', 'sfptpd'])).to.match(/^unknown other-time-daemon: .* ptpd and sfptpd do, which/);
    expect(silent(null)).to.match(/^unknown chronyd-not-visible: .* run as root$/);
  });

  it('is there where it is seen to run', () => {
    const expected =
      process.geteuid?.() === 0 ? /^unknown chronyd-unreachable: / : /^unknown socket-denied: /;
    expect(silent(['chronyd', 'ntpd'])).to.match(expected);
  });

  it('is absent at a socket, and not known at an address', () => {
    expect(silent(['ntpd'], { chronyHost: '/nowhere/chronyd.sock' })).to.equal(
      'absent: nothing answers at /nowhere/chronyd.sock',
    );
    expect(silent([], { chronyHost: '192.0.2.1' })).to.match(
      /^unknown chronyd-unreachable: .* 192\.0\.2\.1;/,
    );
  });
});

describe('a chronyc that is not installed', () => {
  it('is no matter where chronyd does not run', () => {
    expect(missing([])).to.equal('absent: chrony is not installed and no time daemon runs');
    expect(missing(['ntpd'])).to.equal('absent: chrony is not installed; ntpd runs');
    expect(missing(['ntpd-rs'])).to.match(/^unknown other-time-daemon: /);
  });

  it('is missed where chronyd runs, may run, or the path was given', () => {
    expect(missing(['chronyd'])).to.match(/^unknown chronyc-missing: chronyc is not installed; /);
    expect(missing(null)).to.match(/^unknown chronyc-missing: chronyc is not installed; /);
    expect(missing([], { chronyc: '/nonexistent' })).to.match(
      /^unknown chronyc-missing: \/nonexistent does not/,
    );
  });
});

describe("chronyc's complaints", () => {
  const said = (text: string) => told(explainFailure('test', text, options, () => ['chronyd']));

  it('are told apart by their numbers', () => {
    expect(said('501 Not authorised')).to.match(/^unknown chrony-not-authorised: .*\(501 Not authorised\)/);
    expect(said('Could not open connection to daemon')).to.match(
      /^unknown (chronyd-unreachable|socket-denied): /,
    );
    expect(said('')).to.equal('unknown chronyc-failed: chronyc failed: it said nothing');
  });

  it('about an option say which chrony is needed', () => {
    expect(said("chronyc: invalid option -- 'c'")).to.equal(
      "unknown chronyc-failed: chronyc failed: chronyc: invalid option -- 'c'; its option -c takes chrony 2.4 or later",
    );
  });
});
