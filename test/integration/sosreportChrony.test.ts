import { expect } from 'chai';
import { ALL_REPORTS, parseReports, type Reports } from '../../src/chrony/reports.js';
import { chronycRuns } from '../../src/recording/sosreport/chronycRuns.js';
import {
  startClient,
  startLocalStratumOnly,
  startUnsynchronised,
  untilState,
  untilSynchronised,
} from '../support/chronyStates.js';
import { type NtpServer, startNtpServer } from '../support/ntpServer.js';
import type { PrivateChronyd } from '../support/privateChronyd.js';
import { requireCommand } from '../support/requirement.js';
import { runCommand } from '../support/runCommand.js';

const ALL = 'chronyc -c -n -m tracking sources sourcestats activity';

/** What sos asks for, by the names of its files. */
const ASKED = {
  chronyc_tracking: ['tracking'],
  'chronyc_-n_sources': ['-n', 'sources'],
  chronyc_sourcestats: ['sourcestats'],
  chronyc_activity: ['activity'],
};

/** Asks as sos does, and as this tool does before and after: what chronyd says moves on from one moment to the next. */
async function threeTimes({ chronyc, socketPath }: PrivateChronyd) {
  const forPrograms = async () => parseReports(await chronyc('-c', '-m', ...ALL_REPORTS), ALL_REPORTS);
  const before = await forPrograms();
  const outputs = new Map<string, { entry: { kind: 'file'; bytes: Buffer }; modifiedSeconds: number }>();
  for (const [name, args] of Object.entries(ASKED)) {
    const text = await runCommand('chronyc', ['-h', socketPath, ...args]);
    const entry = { kind: 'file', bytes: Buffer.from(text) } as const;
    outputs.set(`sos_commands/chrony/${name}`, { entry, modifiedSeconds: 0 });
  }
  const run = chronycRuns(outputs).get(ALL);
  if (run?.end !== 'finished') throw new Error('there is no answer to the whole question');
  return { before, people: parseReports(run.output, ALL_REPORTS), after: await forPrograms() };
}

/** How exactly chronyc tells people an offset: to a whole one of a unit that leaves it with four digits or fewer. */
function precision(seconds: number): number {
  const unit = [1e-9, 1e-6, 1e-3].find((it) => Math.abs(seconds) < 9999.5 * it) ?? 1;
  return unit * 0.51;
}

function expectBetween(what: string, value: number, one: number, other: number, tolerance: number): void {
  expect(value, what).to.be.within(Math.min(one, other) - tolerance, Math.max(one, other) + tolerance);
}

/** Every number of what was told to people lies between what programs were told before and after. */
function expectSame({ before, people, after }: Record<'before' | 'people' | 'after', Reports>): void {
  for (const [name, value] of Object.entries(people.tracking)) {
    const [one, other] = [before.tracking, after.tracking].map((it) => it[name as keyof typeof it]);
    if (typeof value !== 'number') expect(value, name).to.be.oneOf([one, other]);
    else {
      // The time of the reference is told in whole seconds, the frequencies and the interval as they are.
      const tolerance = name === 'referenceTimeSeconds' ? 1 : 1e-9;
      expectBetween(name, value, one as number, other as number, tolerance);
    }
  }
  expect(people.activity).to.be.deep.oneOf([before.activity, after.activity]);
  for (const list of ['sources', 'sourceStatistics'] as const) {
    expect(people[list].map(({ name }) => name)).to.deep.equal(before[list].map(({ name }) => name));
    people[list].forEach((entry, at) => {
      for (const [name, value] of Object.entries(entry)) {
        const [one, other] = [before, after].map(
          (it) => Object.entries(it[list][at] ?? {}).find(([key]) => key === name)?.[1],
        );
        if (typeof value !== 'number' || typeof one !== 'number' || typeof other !== 'number') {
          expect(value, `${list} ${name}`).to.be.oneOf([one, other]);
        } else if (/offset|errorBound|Deviation/.test(name)) {
          expectBetween(`${list} ${name}`, value, one, other, precision(value));
        } else expectBetween(`${list} ${name}`, value, one, other, Math.abs(value) < 99_999 ? 0.00051 : 0.51);
      }
    });
  }
}

describe('what a real chronyd tells people and programs', function () {
  this.timeout(90_000);
  const started: { stop(): Promise<void> }[] = [];

  before(function () {
    requireCommand(this, 'chronyd', 'chronyc');
  });
  afterEach(async () => {
    for (const it of started.splice(0)) await it.stop();
  });

  async function follow(...offsets: number[]): Promise<PrivateChronyd> {
    const servers: NtpServer[] = [];
    for (const [at, offsetSeconds] of offsets.entries()) {
      const server = await startNtpServer({ address: `127.0.${at + 1}.1`, offsetSeconds, driftPpm: -20 });
      servers.push(server);
      started.push({ stop: () => server.close() });
    }
    const chronyd = await startClient(...servers);
    started.unshift(chronyd);
    return chronyd;
  }

  for (const [what, offsetSeconds] of Object.entries({ right: 0, behind: 2.5, ahead: -0.04 })) {
    it(`is the same where the clock is ${what}`, async () => {
      const chronyd = await follow(offsetSeconds);
      await untilSynchronised(chronyd);
      const told = await threeTimes(chronyd);
      expect(told.people.tracking.leapStatus).to.equal('normal');
      // The sign is what would turn a report into its opposite.
      if (offsetSeconds !== 0) {
        const { systemOffsetSeconds } = told.people.tracking;
        expect(Math.sign(systemOffsetSeconds)).to.equal(-Math.sign(offsetSeconds));
        expect(systemOffsetSeconds).to.be.closeTo(-offsetSeconds, 0.02);
      }
      expectSame(told);
    });
  }

  it('is the same with sources that contradict each other', async () => {
    const chronyd = await follow(0, 0.001, 0, 30);
    await untilState(chronyd, 'x', '127.0.4.1');
    expectSame(await threeTimes(chronyd));
  });

  it('is the same where it never was synchronised', async () => {
    const chronyd = await startUnsynchronised();
    started.push(chronyd);
    const told = await threeTimes(chronyd);
    expect(told.people.tracking.leapStatus).to.equal('not-synchronised');
    expect(told.people.sources[0]?.lastSampleAgeSeconds).to.equal(null);
    expectSame(told);
  });

  it('is the same where it has no sources', async () => {
    const chronyd = await startLocalStratumOnly();
    started.push(chronyd);
    const told = await threeTimes(chronyd);
    expect(told.people.sources).to.deep.equal([]);
    expectSame(told);
  });
});
