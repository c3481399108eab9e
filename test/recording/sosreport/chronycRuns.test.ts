import { expect } from 'chai';
import { ALL_REPORTS, ESSENTIAL_REPORTS, parseReports } from '../../../src/chrony/reports.js';
import { chronycRuns } from '../../../src/recording/sosreport/chronycRuns.js';
import type { Collected } from '../../../src/recording/sosreport/collected.js';

const ALL = 'chronyc -c -n -m tracking sources sourcestats activity';
const ESSENTIAL = 'chronyc -c -n -m tracking sources';

/** As chronyc 4.3 prints it; the numbers are those of chrony's own manual. */
const TRACKING = `Reference ID    : CB00710F (ntp1.example.net)
Stratum         : 3
Ref time (UTC)  : Fri Jan 27 09:49:17 2017
System time     : 0.000006523 seconds slow of NTP time
Last offset     : -0.000006747 seconds
RMS offset      : 0.000035822 seconds
Frequency       : 3.225 ppm slow
Residual freq   : -0.000 ppm
Skew            : 0.129 ppm
Root delay      : 0.013639022 seconds
Root dispersion : 0.001100737 seconds
Update interval : 64.2 seconds
Leap status     : Normal
`;
const SOURCES = `MS Name/IP address         Stratum Poll Reach LastRx Last sample
===============================================================================
#* GPS0                          0   4   377    11   -479ns[ -621ns] +/-  134ns
^? 192.0.2.7                     2   6   377    23m  -923us[ -924us] +/-   43ms
^+ 2001:db8::1                   1  10     1     -  -2629us[+2619us] +/-   1.5s
`;
const STATISTICS = `Name/IP Address            NP  NR  Span  Frequency  Freq Skew  Offset  Std Dev
==============================================================================
GPS0                       11   5   46m     -0.001      0.045      1us    25us
ntp7.example.net           28  14   10h     +0.152    200.045   -923us  1043us
ntp8.example.net            4   3     7  -7000.152   1000.045    -12ms      2s
`;
const ACTIVITY = `200 OK
8 sources online
1 sources offline
2 sources doing burst (return to online)
3 sources doing burst (return to offline)
4 sources with unknown address
`;

function collected(outputs: Readonly<Record<string, string>>, plugin = 'chrony'): Collected {
  return new Map(
    Object.entries(outputs).map(([name, text]) => [
      `sos_commands/${plugin}/${name}`,
      { entry: { kind: 'file', bytes: Buffer.from(text) } as const, modifiedSeconds: 0 },
    ]),
  );
}

const FULL = {
  chronyc_tracking: TRACKING,
  'chronyc_-n_sources': SOURCES,
  chronyc_sourcestats: STATISTICS,
  chronyc_activity: ACTIVITY,
};

function outputOf(outputs: Readonly<Record<string, string>>, question: string): string {
  const run = chronycRuns(collected(outputs)).get(question);
  if (run?.end !== 'finished' || run.exitCode !== 0) throw new Error(`no output: ${JSON.stringify(run)}`);
  return run.output;
}

describe("chronyc's reports for people, in a sosreport", () => {
  it('become what chronyc would have told a program', () => {
    const { tracking, sources, sourceStatistics, activity } = parseReports(outputOf(FULL, ALL), ALL_REPORTS);
    expect(tracking).to.deep.equal({
      referenceId: 'CB00710F',
      referenceName: 'ntp1.example.net',
      stratum: 3,
      referenceTimeSeconds: Date.UTC(2017, 0, 27, 9, 49, 17) / 1000,
      // Slow is behind.
      systemOffsetSeconds: -0.000006523,
      lastOffsetSeconds: -0.000006747,
      rmsOffsetSeconds: 0.000035822,
      frequencyPpm: -3.225,
      residualFrequencyPpm: -0,
      skewPpm: 0.129,
      rootDelaySeconds: 0.013639022,
      rootDispersionSeconds: 0.001100737,
      updateIntervalSeconds: 64.2,
      leapStatus: 'normal',
    });
    expect(sources).to.deep.equal([
      {
        ...{ mode: 'refclock', state: 'selected', name: 'GPS0', stratum: 0, pollLog2Seconds: 4, reach: 255 },
        ...{ lastSampleAgeSeconds: 11, offsetSeconds: -479e-9, errorBoundSeconds: 134e-9 },
      },
      {
        ...{ mode: 'server', state: 'unusable', name: '192.0.2.7', stratum: 2, pollLog2Seconds: 6 },
        ...{ reach: 255, lastSampleAgeSeconds: 1380, offsetSeconds: -923e-6, errorBoundSeconds: 0.043 },
      },
      {
        ...{ mode: 'server', state: 'combined', name: '2001:db8::1', stratum: 1, pollLog2Seconds: 10 },
        ...{ reach: 1, lastSampleAgeSeconds: null, offsetSeconds: -2629e-6, errorBoundSeconds: 1.5 },
      },
    ]);
    expect(sourceStatistics[1]).to.deep.equal({
      // By its place: this report has names where the other has addresses.
      ...{ name: '192.0.2.7', samples: 28, runs: 14, spanSeconds: 36_000, frequencyPpm: 0.152 },
      ...{ skewPpm: 200.045, offsetSeconds: -923e-6, standardDeviationSeconds: 1043e-6 },
    });
    expect(sourceStatistics[2]).to.include({
      spanSeconds: 7,
      frequencyPpm: -7000.152,
      standardDeviationSeconds: 2,
    });
    expect(activity).to.deep.equal({
      ...{ online: 8, offline: 1, burstOnline: 2, burstOffline: 3, unresolved: 4 },
    });
  });

  it('tell fast from slow', () => {
    const text = TRACKING.replace('slow of NTP', 'fast of NTP').replace('ppm slow', 'ppm fast');
    const { tracking } = parseReports(
      outputOf({ ...FULL, chronyc_tracking: text }, ESSENTIAL),
      ESSENTIAL_REPORTS,
    );
    expect(tracking).to.include({ systemOffsetSeconds: 0.000006523, frequencyPpm: 3.225 });
  });

  it('are understood in the form of chrony 2, with its addresses and headings', () => {
    const old = {
      chronyc_tracking: TRACKING.replace('CB00710F (ntp1.example.net)', '203.0.113.15 (ntp1.example.net)'),
      chronyc_sources: `210 Number of sources = 3\n${SOURCES}`,
    };
    const { tracking, sources } = parseReports(outputOf(old, ESSENTIAL), ESSENTIAL_REPORTS);
    expect(tracking.referenceId).to.equal('CB00710F');
    expect(sources).to.have.length(3);
    // It had no activity in a report, so there is no answer to the question for everything.
    expect(chronycRuns(collected(old)).has(ALL)).to.equal(false);
  });

  it('tell of a chronyd that never was synchronised', () => {
    const never = TRACKING.replace('CB00710F (ntp1.example.net)', '00000000 ()')
      .replace('Fri Jan 27 09:49:17 2017', 'Thu Jan 01 00:00:00 1970')
      .replace('Normal', 'Not synchronised');
    const { tracking } = parseReports(outputOf({ ...FULL, chronyc_tracking: never }, ALL), ALL_REPORTS);
    expect(tracking).to.include({
      leapStatus: 'not-synchronised',
      referenceTimeSeconds: 0,
      referenceName: '',
    });
  });

  it('keep names whose number is another', () => {
    const fewer = STATISTICS.split('\n').slice(0, 4).join('\n');
    const { sourceStatistics } = parseReports(
      outputOf({ ...FULL, chronyc_sourcestats: fewer }, ALL),
      ALL_REPORTS,
    );
    expect(sourceStatistics.map(({ name }) => name)).to.deep.equal(['GPS0', 'ntp7.example.net']);
  });

  it('without an answer are a run that failed', () => {
    const runs = chronycRuns(collected({ ...FULL, chronyc_tracking: '506 Cannot talk to daemon\n' }));
    for (const question of [ALL, ESSENTIAL]) {
      const failed = { end: 'finished', exitCode: 1, output: '506 Cannot talk to daemon', said: '' };
      expect(runs.get(question)).to.deep.equal(failed);
    }
  });

  it('that were not collected are no run', () => {
    expect(chronycRuns(collected({}))).to.have.property('size', 0);
    expect(chronycRuns(collected({ chronyc_tracking: TRACKING }))).to.have.property('size', 0);
  });

  for (const [what, outputs] of Object.entries({
    'a tracking that was cut off': { ...FULL, chronyc_tracking: TRACKING.slice(0, 300) },
    'sources without their table': { ...FULL, 'chronyc_-n_sources': 'timeout\n' },
    'a source in no known form': { ...FULL, 'chronyc_-n_sources': `${SOURCES}^* x 1 2 3 4 nonsense\n` },
  })) {
    it(`are not guessed from ${what}`, () => {
      const output = outputOf(outputs, ALL);
      expect(() => parseReports(output, ALL_REPORTS)).to.throw(/tracking/);
    });
  }
});
