import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { runTool } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';
import { agentChannelXml, goodClock, tinyDomainXml } from '../support/tinyDomain.js';

const domain = (name: string, timers?: string) =>
  tinyDomainXml({ name, clock: goodClock(timers), devices: agentChannelXml, type: 'kvm' });
const clocks = {
  pass: domain('pass'),
  warn: domain('warn', "<timer name='rtc' track='realtime'/>"),
  fail: domain('fail', "<timer name='rtc' track='guest'/>"),
  unknown: '<domain',
};
type Outcome = keyof typeof clocks;
const forms = ['text', 'markdown', 'junit', 'sarif', 'nagios', 'prometheus'] as const;
const outcomes = ['pass', 'warn', 'fail', 'unknown'] as const;

/** What the manual promises, row by row: the exit code for each worst outcome. */
const promised: Readonly<Record<string, Readonly<Record<Outcome, number>>>> = {
  warn: { pass: 0, warn: 1, fail: 2, unknown: 3 },
  fail: { pass: 0, warn: 0, fail: 2, unknown: 3 },
  unknown: { pass: 0, warn: 0, fail: 0, unknown: 3 },
  never: { pass: 0, warn: 0, fail: 0, unknown: 0 },
};

describe('the exit code', function () {
  // The audits of a test are dozens, one after the other.
  this.timeout(180_000);
  const scratch = scratchDirectory('exit');
  const path = (outcome: Outcome, ending = 'xml') => join(scratch.path, `${outcome}.${ending}`);

  before(async () => {
    for (const outcome of outcomes) {
      writeFileSync(path(outcome), clocks[outcome]);
      const saved = await runTool(['collect', '--domxml', path(outcome), '--output', path(outcome, 'json')]);
      expect(saved).to.deep.include({ exitCode: outcome === 'unknown' ? 3 : 0, stdout: '' });
    }
  });
  after(() => scratch.remove());

  for (const outcome of outcomes) {
    it(`is ${promised.warn?.[outcome]} by default when the worst is ${outcome}`, async () => {
      expect((await runTool(['--domxml', path(outcome)])).exitCode).to.equal(promised.warn?.[outcome]);
    });
  }

  for (const [failOn, codes] of Object.entries(promised)) {
    const told = outcomes.map((outcome) => codes[outcome]).join(', ');
    it(`is ${told} with --fail-on ${failOn}, on every path`, async () => {
      for (const outcome of outcomes) {
        const file = ['--domxml', path(outcome)];
        const output = join(scratch.path, `${failOn}-${outcome}.out`);
        const ways: Readonly<Record<string, string[]>> = {
          text: file,
          audit: ['audit', ...file],
          verbose: [...file, '--verbose'],
          json: [...file, '--format', 'json'],
          'text into a file': [...file, '--output', output],
          'json into a file': [...file, '--format', 'json', '--output', `${output}.json`],
          'saved facts': ['--from', path(outcome, 'json')],
          'saved facts as json': ['--from', path(outcome, 'json'), '--format', 'json'],
          patches: [...file, '--patch', `${output}.patches`],
          markdown: [...file, '--format', 'markdown'],
          nagios: [...file, '--format', 'nagios'],
          'all forms at once': [
            ...file,
            ...forms.flatMap((form) => ['--format', `${form}=${output}.${form}`]),
          ],
          'without a state': ['audit', ...file, '--state', `${output}.state`],
          'with a state': ['audit', ...file, '--state', `${output}.state`],
          'a saved report': ['report', '--from', `${output}.json`, '--format', 'sarif'],
          'a saved report, judged anew': ['report', '--from', `${output}.json`],
          remediate: ['remediate', ...file],
          'remediate saved facts': ['remediate', '--from', path(outcome, 'json')],
        };
        for (const [way, args] of Object.entries(ways)) {
          const isAsSaved = way === 'a saved report';
          const { exitCode } = await runTool(isAsSaved ? args : [...args, '--fail-on', failOn]);
          expect(exitCode, `${outcome}, ${way}`).to.equal(codes[outcome]);
        }
        const report = JSON.parse(readFileSync(`${output}.json`, 'utf8'));
        expect(report.summary).to.deep.include({ outcome, exitCode: codes[outcome] });
        expect(readFileSync(output, 'utf8')).to.match(new RegExp(`; exit code ${codes[outcome]}\n$`));
      }
    });
  }

  it('is that of the worst domain, and what could not be checked outweighs a failure', async () => {
    const all = (...wanted: Outcome[]) => wanted.flatMap((outcome) => ['--domxml', path(outcome)]);
    expect((await runTool(all('pass', 'warn'))).exitCode).to.equal(1);
    expect((await runTool(all('warn', 'fail', 'pass'))).exitCode).to.equal(2);
    expect((await runTool(all('fail', 'unknown'))).exitCode).to.equal(3);
  });

  it('of collect is 3 only for what could not be read', async () => {
    expect((await runTool(['collect', '--domxml', path('fail')])).exitCode).to.equal(0);
    const missing = ['collect', '--domxml', path('fail'), '--domxml', join(scratch.path, 'none.xml')];
    expect((await runTool(missing)).exitCode).to.equal(3);
    expect((await runTool([...missing, '--fail-on', 'never'])).exitCode).to.equal(0);
  });

  it('of the commands that judge nothing tells whether they could do their work', async () => {
    const code = async (...args: string[]) => (await runTool(args)).exitCode;
    expect(await code('checks')).to.equal(0);
    expect(await code('explain', 'domain/hpet')).to.equal(0);
    expect(await code('explain', 'domain/none')).to.equal(3);
    expect(await code('config', '--no-config')).to.equal(0);
    expect(await code('config', '--no-config', '--profile', 'none')).to.equal(3);
    expect(await code('--help')).to.equal(0);
    expect(await code('--version')).to.equal(0);
    expect(await code('report', '--from', path('fail'))).to.equal(3);
  });

  it('is 3 where not even --fail-on never counts: bad usage, a wrong configuration, an output that cannot be written', async () => {
    const file = ['--domxml', path('pass'), '--fail-on', 'never'];
    const nowhere = join(scratch.path, 'none', 'out');
    for (const args of [
      ['--no-such-option'],
      ['--profile', 'none'],
      ['--output', nowhere],
      ['--format', `json=${nowhere}`],
      ['--state', join(path('pass'), 'state.json')],
    ]) {
      expect((await runTool([...file, ...args])).exitCode, args.join(' ')).to.equal(3);
    }
  });

  it('is 3 for a problem with --fail-on unknown, and 0 with --fail-on never', async () => {
    const missing = ['--domxml', join(scratch.path, 'none.xml')];
    expect((await runTool([...missing, '--fail-on', 'unknown'])).exitCode).to.equal(3);
    expect((await runTool([...missing, '--fail-on', 'never'])).exitCode).to.equal(0);
  });
});
