import { expect } from 'chai';
import { agentChannel } from '../../src/checks/domain/agentChannel.js';
import { definitionRejected } from '../../src/checks/domain/definitionRejected.js';
import { managedSave } from '../../src/checks/domain/managedSave.js';
import { pendingRestart } from '../../src/checks/domain/pendingRestart.js';
import { qemuProcess } from '../../src/checks/domain/qemuProcess.js';
import { rtcAdjustment } from '../../src/checks/domain/rtcAdjustment.js';
import { taints } from '../../src/checks/domain/taints.js';
import { known, unknown } from '../../src/facts/fact.js';
import { clockOf, definitionOf, nova, situationOf } from '../support/definitions.js';
import { verdictOnDomain } from '../support/verdicts.js';

const NONE = 'not-applicable not-applicable';
const plain = definitionOf();
const hpetOff = definitionOf({ clock: { hpet: 'off' } });

describe('a definition that libvirt refuses', () => {
  it('is a failure, unless it is what runs', () => {
    const refused = definitionOf({ rejections: ["timer 'rtc' with track='boot'"] });
    expect(verdictOnDomain(definitionRejected, situationOf({ inactive: plain }))).to.equal('pass accepted');
    expect(verdictOnDomain(definitionRejected, situationOf({ inactive: refused }))).to.equal('fail rejected');
    expect(verdictOnDomain(definitionRejected, situationOf({ live: refused }))).to.equal(NONE);
  });
});

describe('the process of QEMU', () => {
  const process = known({ pid: 1234, args: [], tz: null }, '/proc/1234/cmdline');

  it('may run with another clock', () => {
    const other = definitionOf({ processDifferences: ['RTC clock host → vm'] });
    expect(verdictOnDomain(qemuProcess, situationOf({ live: plain, rest: { process } }))).to.equal(
      'pass same',
    );
    expect(verdictOnDomain(qemuProcess, situationOf({ live: other, rest: { process } }))).to.equal(
      'warn differs',
    );
  });

  it('may not be there to look at, which is no fault', () => {
    expect(verdictOnDomain(qemuProcess, situationOf({ live: plain }))).to.equal(NONE);
    expect(verdictOnDomain(qemuProcess, situationOf({ inactive: plain }))).to.equal(NONE);
    const denied = { process: unknown('/proc/1/environ', 'not-permitted', 'run as root') };
    expect(verdictOnDomain(qemuProcess, situationOf({ live: plain, rest: denied }))).to.equal(NONE);
  });
});

describe('a clock that waits for a power cycle', () => {
  const pending = (live = plain, inactive = plain) =>
    verdictOnDomain(pendingRestart, situationOf({ live, inactive }));

  it('is told when the two definitions differ in what the guest gets', () => {
    expect(pending()).to.equal('pass same');
    expect(pending(plain, hpetOff)).to.equal('warn pending');
    expect(pending(plain, definitionOf({ clock: { rtc: { clock: 'vm' } } }))).to.equal('warn pending');
    expect(pending(plain, definitionOf({ clock: { tz: 'Europe/Paris' } }))).to.equal('warn pending');
    expect(pending(plain, definitionOf({ clock: { enlightenments: ['synic'] } }))).to.equal('warn pending');
    const fixed = (startSeconds: number) =>
      definitionOf({ clock: { rtc: { base: 'datetime', startSeconds } } });
    expect(pending(fixed(0), fixed(1))).to.equal('warn pending');
  });

  it('is not told for what the guest does not notice', () => {
    expect(
      pending(plain, definitionOf({ clock: { kvmclockDecidedBy: 'a timer', qemuArgs: ['-x'] } })),
    ).to.equal('pass same');
    const moved = (adjustmentSeconds: number, variableBasis: 'utc' | 'localtime') =>
      definitionOf({ clock: { rtc: { base: 'datetime', adjustmentSeconds, variableBasis } } });
    expect(pending(moved(3600, 'utc'), moved(0, 'localtime'))).to.equal('pass same');
    // What host-model came to is spelled out in the live definition only.
    const live = definitionOf({ cpuMode: 'custom', clock: { invtsc: true } });
    expect(pending(live, definitionOf({ cpuMode: 'host-model' }))).to.equal('pass same');
    const listed = definitionOf({ clock: { hvTime: 'on', enlightenments: ['synic', 'vpindex'] } });
    const all = definitionOf({ clock: { hvTime: 'on', hvPassthrough: true } });
    expect(pending(listed, all)).to.equal('pass same');
  });

  it('compares definitions, not what a wrapper made of one', () => {
    const wrapped = { ...definitionOf({ clock: { rtc: { clock: 'vm' } } }), definedClock: clockOf() };
    expect(pending(wrapped, plain)).to.equal('pass same');
  });

  it('is no question for a stopped or transient domain', () => {
    expect(verdictOnDomain(pendingRestart, situationOf({ inactive: plain }))).to.equal(NONE);
    expect(verdictOnDomain(pendingRestart, situationOf({ live: plain }))).to.equal(NONE);
  });
});

describe('a managed save image', () => {
  const image = (managed: boolean, saved = plain) =>
    situationOf({
      inactive: plain,
      rest: { managedSave: known(managed, 'test'), saved: managed ? known(saved, 'test') : null },
    });

  it('brings its own clock back', () => {
    expect(verdictOnDomain(managedSave, image(false))).to.equal('pass no-image');
    expect(verdictOnDomain(managedSave, image(true))).to.equal('pass same');
    expect(verdictOnDomain(managedSave, image(true, hpetOff))).to.equal('warn stale-image');
  });

  it('that cannot be read is unknown', () => {
    const unread = { ...image(true), saved: unknown('libvirt', 'libvirt-error', 'refused') };
    expect(verdictOnDomain(managedSave, unread)).to.equal('unknown libvirt-error');
    const unseen = { ...image(true), saved: null };
    expect(verdictOnDomain(managedSave, unseen)).to.equal('unknown image-not-read');
    const untold = { ...image(true), managedSave: unknown('libvirt', 'deadline-exceeded', 'no answer') };
    expect(verdictOnDomain(managedSave, untold)).to.equal('unknown deadline-exceeded');
  });

  it('is no question for what runs, or for a file', () => {
    expect(verdictOnDomain(managedSave, situationOf({ live: plain, inactive: plain }))).to.equal(NONE);
    expect(verdictOnDomain(managedSave, situationOf({ inactive: plain }))).to.equal(NONE);
  });
});

describe('the adjustment of the RTC', () => {
  const variable = (adjustmentSeconds: number, variableBasis: 'utc' | 'localtime' = 'utc') =>
    definitionOf({ clock: { rtc: { base: 'datetime', adjustmentSeconds, variableBasis } } });
  const moved = (live: number, inactive: number, basis?: 'localtime') =>
    verdictOnDomain(
      rtcAdjustment,
      situationOf({ live: variable(live), inactive: variable(inactive, basis) }),
    );

  it('is lost at the next start when the guest has moved it', () => {
    expect(moved(0, 0)).to.equal('pass unmoved');
    expect(moved(-2, 0)).to.equal('pass unmoved');
    expect(moved(3, 0)).to.equal('warn moved');
    expect(moved(-60, 0)).to.equal('warn moved');
    expect(moved(3600, 7200)).to.equal('fail moved-far');
  });

  it('is compared by quarter hours when a start has turned local time into UTC', () => {
    expect(moved(7200, 0, 'localtime')).to.equal('pass unmoved');
    expect(moved(19_801, 0, 'localtime')).to.equal('pass unmoved');
    expect(moved(7230, 0, 'localtime')).to.equal('warn moved');
    expect(moved(7300, 0, 'localtime')).to.equal('fail moved-far');
  });

  it('is no question for other offsets', () => {
    expect(verdictOnDomain(rtcAdjustment, situationOf({ live: plain, inactive: variable(0) }))).to.equal(
      NONE,
    );
    expect(verdictOnDomain(rtcAdjustment, situationOf({ inactive: variable(0) }))).to.equal(NONE);
    expect(verdictOnDomain(rtcAdjustment, situationOf({ live: variable(0) }))).to.equal(NONE);
  });
});

describe('the channel of the guest agent', () => {
  const channel = (agent: 'absent' | 'configured' | 'connected' | 'disconnected', rest = {}) =>
    definitionOf({ agentChannel: agent, ...rest });

  it('is judged by what runs', () => {
    const both = situationOf({ live: channel('connected'), inactive: channel('configured') });
    expect(verdictOnDomain(agentChannel, both)).to.equal('pass connected');
    expect(verdictOnDomain(agentChannel, situationOf({ inactive: channel('configured') }))).to.equal(
      'pass configured',
    );
    expect(verdictOnDomain(agentChannel, situationOf({ live: channel('disconnected') }))).to.equal(
      'warn disconnected',
    );
    expect(verdictOnDomain(agentChannel, situationOf({ inactive: channel('absent') }))).to.equal(
      'warn absent',
    );
  });

  it('is nothing that nova gives unasked', () => {
    expect(verdictOnDomain(agentChannel, situationOf({ live: channel('absent', { owner: nova }) }))).to.equal(
      'info absent-by-nova',
    );
    const asked = { ...nova, imageProperties: { hw_qemu_guest_agent: 'yes' } };
    expect(
      verdictOnDomain(agentChannel, situationOf({ live: channel('absent', { owner: asked }) })),
    ).to.equal('warn absent');
  });
});

describe('the taints of a domain', () => {
  it('inform', () => {
    const told = (...messages: string[]) =>
      situationOf({ live: plain, rest: { taints: known(messages, 'test') } });
    expect(verdictOnDomain(taints, told())).to.equal('pass none');
    expect(verdictOnDomain(taints, told('tainted: custom monitor control commands issued'))).to.equal(
      'info tainted',
    );
  });

  it('may be untold', () => {
    expect(verdictOnDomain(taints, situationOf({ live: plain }))).to.equal(NONE);
    const untold = (cause: string) =>
      situationOf({ live: plain, rest: { taints: unknown('virDomainGetMessages', cause, 'reason') } });
    expect(verdictOnDomain(taints, untold('libvirt-too-old'))).to.equal(NONE);
    expect(verdictOnDomain(taints, untold('deadline-exceeded'))).to.equal('unknown deadline-exceeded');
  });
});
