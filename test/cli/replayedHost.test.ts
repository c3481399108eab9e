import { expect } from 'chai';
import { gatherHost } from '../../src/cli/gatherHost.js';
import { judge } from '../../src/cli/judge.js';
import type { Facts } from '../../src/facts/facts.js';
import { hostLeftOut } from '../../src/facts/host.js';
import { loadFacts, saveFacts } from '../../src/facts/store.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { COMPUTE_NODE, type RecordedHost, recordHost } from '../support/recordedHost.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

const CHRONYC = `\
0A000001,10.0.0.1,3,%s.123456789,-0.000012345,0.000001234,0.000015000,-12.345,0.001,0.020,0.000312000,0.000211000,64.2,Normal
^,*,10.0.0.1,2,6,377,20,-0.000012345,-0.000013000,0.000400000
^,+,10.1.0.2,2,6,377,21,0.000022345,0.000023000,0.000500000
^,-,10.2.0.3,2,6,377,22,0.000122345,0.000123000,0.001500000
^,-,2001:db8::123,2,6,377,22,0.000122345,0.000123000,0.001500000
10.0.0.1,12,6,1200,0.001,0.020,-0.000001000,0.000015000
10.1.0.2,12,6,1200,0.001,0.020,0.000001000,0.000015000
10.2.0.3,12,6,1200,0.001,0.020,0.000001000,0.000015000
2001:db8::123,12,6,1200,0.001,0.020,0.000001000,0.000015000
4,0,0,0,0`;

const NTPQ = `\
associd=0 status=0615 leap_none, sync_ntp, 1 event, clock_sync,
leap=00, stratum=3, precision=-24, rootdelay=1.25, rootdisp=4.5, refid=10.0.0.1,
reftime=ed0a1b2c.00000000 2026-01-01T00:00:00.000Z, clock=ed0a1b4c.00000000 2026-01-01T00:00:32.000Z,
peer=1, tc=6, mintc=0, offset=0.021, frequency=-3.5, sys_jitter=0.015
     remote           refid      st t when poll reach   delay   offset   jitter
===============================================================================
*10.0.0.1        10.9.9.9         2 u   32   64  377   0.5210   0.0210   0.0150
+10.1.0.2        10.9.9.9         2 u   30   64  377   0.6210   0.0410   0.0250`;

const PMC = `\
sending: GET PORT_DATA_SET
\tb496.91ff-fe00.0001-1 seq 0 RESPONSE MANAGEMENT PORT_DATA_SET
\t\tportIdentity            b496.91.fffe.000001-1
\t\tportState               SLAVE
sending: GET TIME_STATUS_NP
\tb496.91ff-fe00.0001-1 seq 1 RESPONSE MANAGEMENT TIME_STATUS_NP
\t\tmaster_offset              18
\t\tgmPresent                  true`;

const chronyd = { pid: '700', name: 'chronyd', args: ['/usr/sbin/chronyd', '-F', '1'] };
const phc2sys = { pid: '701', name: 'phc2sys', args: ['phc2sys', '-s', 'eth0', '-w'] };
const ptp4l = { pid: '702', name: 'ptp4l', args: ['ptp4l', '-i', 'eth0'] };

const HOSTS: Readonly<Record<string, RecordedHost & { verdicts: Readonly<Record<string, string>> }>> = {
  'hardware with chronyd': {
    files: { ...COMPUTE_NODE, 'proc/700/fd/5': '-> /dev/ptp0' },
    processes: [chronyd],
    commands: { chronyc: CHRONYC },
    verdicts: {
      'host/chrony-tracking': 'pass synchronised',
      'host/time-daemons': 'pass single',
      'host/ntpd': 'not-applicable not-running',
      'host/ptp-clocks': 'info listed',
      'host/virtualisation': 'pass metal',
      'host/clock-parameters': 'info no-override',
      'host/clocksource': 'pass proper',
    },
  },
  'hardware with ntpd': {
    files: COMPUTE_NODE,
    processes: [{ pid: '700', name: 'ntpd' }],
    commands: { ntpq: NTPQ },
    verdicts: { 'host/ntpd': 'pass synchronised', 'host/ptp-clocks': 'pass unused' },
  },
  'hardware with linuxptp': {
    files: { ...COMPUTE_NODE, 'proc/701/fd/4': '-> /dev/ptp0', 'proc/702/fd/9': '-> /dev/ptp0' },
    processes: [phc2sys, ptp4l],
    commands: { pmc: PMC },
    verdicts: { 'host/linuxptp': 'pass follows-master', 'host/ptp-clocks': 'info listed' },
  },
  'a guest without a daemon': {
    files: {
      ...COMPUTE_NODE,
      'proc/cpuinfo': 'processor\t: 0\nflags\t\t: fpu tsc hypervisor\n\n',
      'sys/devices/system/clocksource/clocksource0/current_clocksource': 'kvm-clock\n',
      'sys/devices/system/clocksource/clocksource0/available_clocksource': 'kvm-clock acpi_pm\n',
      'sys/class/dmi/id/sys_vendor': 'QEMU\n',
    },
    processes: [],
    commands: {},
    verdicts: {
      'host/chrony-tracking': 'fail daemon-absent',
      'host/virtualisation': 'info guest',
      'host/clocksource': 'warn nested',
    },
  },
};

describe('a recorded host', () => {
  let scratch: ScratchDirectory;

  beforeEach(() => {
    scratch = scratchDirectory('recorded');
  });
  afterEach(() => scratch.remove());

  for (const [what, recorded] of Object.entries(HOSTS)) {
    it(`is read, saved and judged elsewhere like the host itself: ${what}`, async () => {
      const options = recordHost(scratch.path, recorded);
      const facts: Facts = {
        schemaVersion: '1.0',
        toolVersion: '0.1.0',
        collectedAt: '2026-01-02T03:04:05.678Z',
        hostname: 'compute7',
        sources: [],
        host: { ...hostLeftOut('no domains'), ...(await gatherHost(options)) },
        hostNote: 'this machine',
        domains: [],
        problems: [],
        notes: [],
      };
      const unread = Object.entries(facts.host ?? {}).filter(([, fact]) => !fact.known && !fact.leftOut);
      expect(unread, 'what could not be read').to.deep.equal([]);
      const here = judge(facts, 'warn', DEFAULT_POLICY);
      const said = new Map(
        here.host?.findings.map(({ check, outcome, code }) => [check, `${outcome} ${code}`]),
      );
      const asked = Object.fromEntries(
        Object.keys(recorded.verdicts).map((check) => [check, said.get(check)]),
      );
      expect(asked).to.deep.equal(recorded.verdicts);
      await scratch.remove();
      expect(judge(loadFacts(saveFacts(facts)), 'warn', DEFAULT_POLICY)).to.deep.equal(here);
    });
  }
});
