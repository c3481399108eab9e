import { expect } from 'chai';
import { chronyControl } from '../../src/checks/host/chronyControl.js';
import { known, unknown } from '../../src/facts/fact.js';
import type { LinuxptpAnswer } from '../../src/facts/timeDaemons.js';
import { answering, answerOf, kernelBound } from '../support/chronyAnswers.js';
import { findingOnHost, verdictOnHost } from '../support/hostVerdicts.js';

const chronyd = (steersClock: boolean | null) => ({
  chrony: known(answerOf({}, [answering], { steersClock }), 'test'),
});
const running = (...names: string[]) => ({ timeDaemons: known(names, 'test') });
const kernel = (maxErrorSeconds: number, status: readonly string[] = []) => ({
  kernelClock: known({ ...kernelBound(maxErrorSeconds), status }, 'adjtimex'),
});

describe('host/chrony-control', () => {
  it('passes for a chronyd that may set the clock, whatever the kernel says', () => {
    expect(verdictOnHost(chronyControl, chronyd(true))).to.equal('pass steers');
    // It has just been started, or has no rtcsync.
    expect(verdictOnHost(chronyControl, { ...chronyd(true), ...kernel(16, ['unsync']) })).to.equal(
      'pass steers',
    );
  });

  it('fails for one that only looks at a clock which nobody corrects', () => {
    const facts = { ...chronyd(false), ...running(), ...kernel(16, ['unsync']) };
    expect(verdictOnHost(chronyControl, facts)).to.equal('fail not-steered');
    expect(verdictOnHost(chronyControl, { ...facts, ...running('chronyd') })).to.equal('fail not-steered');
  });

  it('warns where neither processes nor the kernel show anybody', () => {
    expect(verdictOnHost(chronyControl, { ...chronyd(false), ...running() })).to.equal('warn nobody-seen');
    const refused = { kernelClock: unknown('adjtimex', 'refused', 'it is refused') };
    expect(verdictOnHost(chronyControl, { ...chronyd(false), ...refused })).to.equal('warn nobody-seen');
  });

  it('only informs where another daemon sets the clock', () => {
    const facts = { ...chronyd(false), ...running('phc2sys', 'ptp4l'), ...kernel(16) };
    const finding = findingOnHost(chronyControl, facts);
    expect(finding).to.deep.include({ outcome: 'info', code: 'other-daemon' });
    expect(finding.detail).to.match(/^phc2sys and ptp4l may set it; /);
  });

  it('does not take ptp4l for a daemon that sets the system clock', () => {
    const linuxptp = (systemClockBy: string | null) => ({
      linuxptp: known<LinuxptpAnswer>(
        {
          portStates: ['SLAVE'],
          grandmasterPresent: true,
          masterOffsetSeconds: 0,
          systemClockBy,
          systemClockFrom: null,
        },
        'pmc',
      ),
    });
    const facts = { ...chronyd(false), ...running('ptp4l'), ...kernel(16) };
    expect(verdictOnHost(chronyControl, { ...facts, ...linuxptp(null) })).to.equal('fail not-steered');
    const both = { ...facts, ...running('ntpd', 'ptp4l'), ...linuxptp(null) };
    expect(findingOnHost(chronyControl, both).detail).to.match(/^ntpd may set it; /);
    const steering = { ...facts, ...running('phc2sys', 'ptp4l'), ...linuxptp('phc2sys -a -r') };
    expect(verdictOnHost(chronyControl, steering)).to.equal('info other-daemon');
  });

  it('only informs where the kernel shows that somebody outside of a container does', () => {
    for (const maxErrorSeconds of [0.001, 15.9]) {
      const facts = { ...chronyd(false), ...running(), ...kernel(maxErrorSeconds, ['unsync']) };
      expect(verdictOnHost(chronyControl, facts)).to.equal('info steered-unseen');
    }
  });

  it('has nothing to say where the process cannot be told, or no chronyd runs', () => {
    expect(verdictOnHost(chronyControl, chronyd(null))).to.equal('not-applicable process-not-seen');
    const chrony = known({ daemon: 'absent', evidence: 'nothing runs' } as const, 'test');
    expect(verdictOnHost(chronyControl, { chrony })).to.equal('not-applicable daemon-absent');
    const silent = unknown('chronyc', 'chronyc-hung', 'it hangs');
    expect(verdictOnHost(chronyControl, { chrony: silent })).to.equal('unknown chronyc-hung');
  });
});
