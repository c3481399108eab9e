import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { json } from '../../src/report/json.js';
import type { Report } from '../../src/report/report.js';
import { richReport } from '../support/richReport.js';
import { runTool } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';
import { agentChannelXml, goodClock, tinyDomainXml } from '../support/tinyDomain.js';

const FORMATS = ['text', 'json', 'markdown', 'junit', 'sarif', 'nagios', 'prometheus'] as const;
const domain = (name: string, timers?: string) =>
  tinyDomainXml({ name, clock: goodClock(timers), devices: agentChannelXml, type: 'kvm' });
const DOMAINS = {
  pass: domain('pass'),
  warn: domain('warn', "<timer name='rtc' track='realtime'/>"),
  fail: domain('fail', "<timer name='rtc' track='guest'/>"),
  unknown: '<domain',
};
const CODES = { pass: 0, warn: 1, fail: 2, unknown: 3 } as const;

describe('report --from', () => {
  const scratch = scratchDirectory('from');
  const at = (name: string) => join(scratch.path, name);
  const plain = { colour: false, verbose: false };
  let report: Report;

  before(async () => {
    report = await richReport();
    writeFileSync(at('rich.json'), json.render([report], plain));
    for (const [outcome, xml] of Object.entries(DOMAINS)) {
      writeFileSync(at(`${outcome}.xml`), xml);
      const run = await runTool([
        '--domxml',
        at(`${outcome}.xml`),
        '--format',
        `json=${at(`${outcome}.json`)}`,
      ]);
      expect(run).to.deep.include({
        exitCode: CODES[outcome as keyof typeof CODES],
        stdout: '',
        stderr: '',
      });
    }
  });
  after(() => scratch.remove());

  const refused = async (words: RegExp, ...args: string[]) => {
    const run = await runTool(['report', ...args]);
    expect(run).to.deep.include({ exitCode: 3, stdout: '' });
    expect(run.stderr)
      .to.match(/^virt-clock-audit: [^\n]+\n$/)
      .and.to.match(words);
  };

  for (const outcome of ['pass', 'warn', 'fail', 'unknown'] as const) {
    it(`ends with ${CODES[outcome]} in every form for ${outcome}, as the audit did`, async () => {
      for (const format of FORMATS) {
        const audited = await runTool(['--domxml', at(`${outcome}.xml`), '--format', format]);
        const rendered = await runTool(['report', '--from', at(`${outcome}.json`), '--format', format]);
        for (const { exitCode, stderr } of [audited, rendered]) {
          expect({ exitCode, stderr }, format).to.deep.equal({ exitCode: CODES[outcome], stderr: '' });
        }
      }
    });
  }

  it('prints what the audit printed', async () => {
    for (const format of ['text', 'json', 'markdown', 'junit', 'sarif']) {
      const saved = readFileSync(at('fail.json'), 'utf8');
      const run = await runTool(['report', '--from', '-', '--format', format], { input: saved });
      const direct = await runTool(['report', '--from', at('fail.json'), '--format', format]);
      expect(run.stdout, format).to.equal(direct.stdout).and.not.to.equal('');
    }
    const again = await runTool(['report', '--from', at('fail.json'), '--format', 'json']);
    expect(again.stdout).to.equal(readFileSync(at('fail.json'), 'utf8'));
  });

  it('goes by another --fail-on where one is given, in what it prints as well', async () => {
    const of = async (outcome: string, failOn: string) => {
      const args = ['report', '--from', at(`${outcome}.json`), '--fail-on', failOn, '--format', 'json'];
      const { exitCode, stdout } = await runTool(args);
      expect(JSON.parse(stdout).summary.exitCode).to.equal(exitCode);
      return exitCode;
    };
    expect(await of('warn', 'fail')).to.equal(0);
    expect(await of('fail', 'fail')).to.equal(2);
    expect(await of('fail', 'unknown')).to.equal(0);
    expect(await of('unknown', 'never')).to.equal(0);
    const lenient = at('lenient.json');
    await runTool([
      '--domxml',
      at('fail.xml'),
      '--fail-on',
      'never',
      '--format',
      'json',
      '--output',
      lenient,
    ]);
    expect((await runTool(['report', '--from', lenient])).exitCode).to.equal(0);
    expect((await runTool(['report', '--from', lenient, '--fail-on', 'warn'])).exitCode).to.equal(2);
  });

  it('makes one list of several, and ends as the worst of them', async () => {
    const both = ['report', '--from', at('pass.json'), '--from', at('rich.json'), '--format', 'json'];
    const run = await runTool(both);
    expect(run).to.deep.include({ exitCode: 3, stderr: '' });
    const list = JSON.parse(run.stdout);
    expect(list.schema).to.equal('virt-clock-audit/reports');
    writeFileSync(at('list.json'), run.stdout);
    const three = await runTool([
      'report',
      '--from',
      at('list.json'),
      '--from',
      at('fail.json'),
      '--format',
      'json',
    ]);
    expect(JSON.parse(three.stdout).reports).to.have.length(3);
    await refused(
      /prometheus has no place for more than one host/,
      '--from',
      at('list.json'),
      '--format',
      `prometheus=${at('x.prom')}`,
    );
  });

  describe('--max-age', () => {
    const aged = (name: string, hours: number, hostname = 'compute7') => {
      const collectedAt = new Date(Date.now() - hours * 3_600_000).toISOString();
      const saved = JSON.parse(readFileSync(at('pass.json'), 'utf8'));
      writeFileSync(at(name), JSON.stringify({ ...saved, run: { ...saved.run, collectedAt, hostname } }));
      return ['--from', at(name)];
    };
    const within = ['--max-age', '10800', '--format', 'nagios'];

    it('takes reports that are recent', async () => {
      const run = await runTool(['report', ...aged('new.json', 2.9), ...within]);
      expect(run).to.deep.include({ exitCode: 0, stderr: '' });
      expect(run.stdout).to.match(/^VIRT-CLOCK-AUDIT OK - /);
      expect((await runTool(['report', ...aged('old.json', 1e5), '--format', 'nagios'])).exitCode).to.equal(
        0,
      );
    });

    it('takes none of a timer that stands still or a clock that ran ahead, and says so', async () => {
      const old = await runTool(['report', ...aged('old.json', 5.1), ...within]);
      expect(old.exitCode).to.equal(3);
      expect(old.stdout).to.match(
        /^VIRT-CLOCK-AUDIT UNKNOWN - the report is 5 h old \(--max-age 10800\): comp/,
      );
      expect(old.stderr).to.match(
        /^virt-clock-audit: the report is 5 h old \(--max-age 10800\): compute7 was audited at \S+Z\n$/,
      );
      const ahead = await runTool(['report', ...aged('ahead.json', -80), ...within]);
      expect(ahead.stdout).to.match(/UNKNOWN - the report is from 3 d ahead \(--max-age 10800\)/);
      expect(ahead.exitCode).to.equal(3);
    });

    it('names each that is too old', async () => {
      const all = [...aged('a.json', 4), ...aged('b.json', 1), ...aged('c.json', 100, 'compute9')];
      const run = await runTool(['report', ...all, '--max-age', '7200']);
      expect(run).to.deep.include({ exitCode: 3, stdout: '' });
      expect(run.stderr).to.match(
        /^[^\n]+ is 4 h old [^\n]+compute7[^\n]+\n[^\n]+ is 4 d old [^\n]+compute9[^\n]+\n$/,
      );
    });

    it('is a number of seconds', async () => {
      for (const value of ['0', '-5', 'NaN', '1h', '', '1e9']) {
        await refused(/Give a number of seconds/, '--from', at('pass.json'), '--max-age', value);
      }
    });
  });

  it('takes no report that was changed afterwards', async () => {
    const { summary } = report;
    const better = { ...report, summary: { ...summary, findings: { ...summary.findings, fail: 0 } } };
    writeFileSync(at('better.json'), JSON.stringify(better));
    await refused(
      /better\.json holds a report whose summary is not that of its findings/,
      '--from',
      at('better.json'),
    );
    writeFileSync(at('code.json'), JSON.stringify({ ...report, summary: { ...summary, exitCode: 1 } }));
    await refused(
      /code\.json holds a report whose exit code is not that of its outcome, 3 or 0/,
      '--from',
      at('code.json'),
    );
  });

  it('calls hosts that call themselves alike what it is told', async () => {
    const files = ['--from', at('fail.json'), '--from', at('fail.json')];
    const named = [...files, '--as', 'rack1', '--as', 'rack2'];
    const written = await runTool([
      'report',
      ...named,
      '--format',
      'json',
      '--format',
      `sarif=${at('x.sarif')}`,
    ]);
    expect(written.stderr).to.equal('');
    const { reports } = JSON.parse(written.stdout);
    expect(reports.map(({ run }: Report) => run.target)).to.deep.equal(['rack1', 'rack2']);
    writeFileSync(at('named.json'), written.stdout);
    const { runs } = JSON.parse(readFileSync(at('x.sarif'), 'utf8'));
    expect(runs[0].automationDetails.id).not.to.equal(runs[1].automationDetails.id);
    await refused(/--as names the hosts of all --from, in their order/, ...files, '--as', 'rack1');
    await refused(/--as gives two hosts the name rack1/, ...files, '--as', 'rack1', '--as', 'rack1');
    await refused(
      /named\.json holds the reports of 2 hosts, and --as names one/,
      '--from',
      at('named.json'),
      '--as',
      'x',
    );
  });

  it('says what is wrong about a file in one line', async () => {
    await refused(/absent\.json does not exist$/m, '--from', at('absent.json'));
    await refused(/cannot be read: it is a directory/, '--from', scratch.path);
    writeFileSync(at('latin1.json'), Buffer.from([0x22, 0xe9, 0x22]));
    await refused(/latin1\.json is no JSON: it is not UTF-8/, '--from', at('latin1.json'));
    await refused(/pass\.xml is no JSON: /, '--from', at('pass.xml'));
    await runTool(['collect', '--domxml', at('pass.xml'), '--output', at('facts.json')]);
    await refused(/facts\.json holds facts, .* audit --from reads facts/, '--from', at('facts.json'));
    await refused(/standard input can be read only once/, '--from', '-', '--from', '-');
    await refused(/^virt-clock-audit: standard input is no JSON: it is empty/, '--from', '-');
    await refused(/--from <file>' not specified/);
  });

  it('reads no more of a file than any report has', async () => {
    await refused(/\/dev\/zero is larger than 256 MiB, which no report is/, '--from', '/dev/zero');
    writeFileSync(at('lists.json'), `{"a": [${'[],'.repeat(5_000_001)}0]}`);
    await refused(/lists\.json has more members than any report/, '--from', at('lists.json'));
  });
});
