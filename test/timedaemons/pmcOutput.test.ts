import { expect } from 'chai';
import { Garbled } from '../../src/timedaemons/explain.js';
import { parsePmc } from '../../src/timedaemons/pmcOutput.js';

/** What pmc of linuxptp 3.1.1 prints. */
const SLAVE = `sending: GET PORT_DATA_SET
sending: GET TIME_STATUS_NP
\t021d49.fffe.ce14ba-1 seq 0 RESPONSE MANAGEMENT PORT_DATA_SET 
\t\tportIdentity            021d49.fffe.ce14ba-1
\t\tportState               SLAVE
\t\tlogMinDelayReqInterval  0
\t021d49.fffe.ce14ba-0 seq 1 RESPONSE MANAGEMENT TIME_STATUS_NP 
\t\tmaster_offset              -920
\t\tingress_time               1795320438152673296
\t\tgmPresent                  true
\t\tgmIdentity                 f67cc7.fffe.b1ff6b
`;

describe('what pmc prints', () => {
  it('is read in seconds, positive for a clock that is ahead of its master', () => {
    const read = { portStates: ['SLAVE'], grandmasterPresent: true, masterOffsetSeconds: -9.2e-7 };
    expect(parsePmc(SLAVE)).to.deep.equal(read);
    expect(parsePmc(SLAVE.replace('-920', '2500000000'))?.masterOffsetSeconds).to.equal(2.5);
  });

  it('has a state for each port of a boundary clock', () => {
    const second = '\t\tportState               PASSIVE\n';
    expect(parsePmc(SLAVE + second)?.portStates).to.deep.equal(['SLAVE', 'PASSIVE']);
    expect(parsePmc(SLAVE.replace('true', 'false'))?.grandmasterPresent).to.equal(false);
  });

  it('tells nothing when ptp4l is silent', () => {
    expect(parsePmc('sending: GET PORT_DATA_SET\nsending: GET TIME_STATUS_NP\n')).to.equal(null);
    expect(parsePmc('')).to.equal(null);
  });

  it('is read once, whatever blank lines are in it', function () {
    // Reading on from each of them again takes minutes.
    this.timeout(15_000);
    expect(parsePmc(SLAVE + '\n'.repeat(256 * 1024))?.portStates).to.deep.equal(['SLAVE']);
  });

  for (const [what, output] of [
    ['has no state of a port', SLAVE.replace('portState', 'zustand')],
    ['has no offset', SLAVE.replace('master_offset', 'offset')],
    ['has an offset that is no number', SLAVE.replace('-920', '-920.5.1')],
    ['does not tell of a master', SLAVE.replace('true', 'wahr')],
    ['is cut off', SLAVE.slice(0, 250)],
    ['is an error', 'RESPONSE MANAGEMENT ERROR_STATUS NO_SUCH_ID\n'],
  ] as const) {
    it(`is garbled when it ${what}`, () => expect(() => parsePmc(output)).to.throw(Garbled));
  }
});
