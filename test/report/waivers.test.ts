import { expect } from 'chai';
import { judge } from '../../src/cli/judge.js';
import type { Report } from '../../src/report/report.js';
import { renderText } from '../../src/report/text.js';
import { hypervisorFacts } from '../support/hypervisorFacts.js';
import { policyOf } from '../support/policies.js';
import { tinyDomainXml } from '../support/tinyDomain.js';

const clock = "<clock offset='utc'><timer name='rtc' track='guest'/></clock>";
const facts = hypervisorFacts({
  web1: tinyDomainXml({ name: 'web1', clock, type: 'kvm' }),
  web2: tinyDomainXml({ name: 'web2', clock, type: 'kvm' }),
});
const ONLY = 'checks: {"*": {enabled: false}, domain/rtc-track: {enabled: true}}\n';

async function report(yaml: string): Promise<Report> {
  return judge(facts, 'warn', await policyOf(ONLY + yaml));
}
const plain = { colour: false, verbose: false };

describe('the text report of waivers', () => {
  const web1 =
    'waivers: [{check: domain/rtc-track, target: web1, reason: known, owner: ops, expires: 2027-01-31}]';

  it('has one line for each, and counts what it covers', async () => {
    const text = renderText(await report(web1), plain);
    expect(text).to.contain(
      '\nwaived: 1 finding of domain/rtc-track on web1 until 2027-01-31 by ops: known\n',
    );
    expect(text).to.match(/\n2 domains; findings: 1 fail, .*, 1 waived; exit code 2\n$/);
    expect(text).not.to.contain('domain web1');
    expect(text).to.contain('domain web2');
    const both = web1.replace('target: web1', "target: 'web*'");
    expect(renderText(await report(both), plain)).to.contain(
      'waived: 2 findings of domain/rtc-track on web* until',
    );
  });

  it('has one without an end say so', async () => {
    const endless = web1.replace(', expires: 2027-01-31', '');
    expect(renderText(await report(endless), plain)).to.contain('on web1 without an end by ops: known\n');
  });

  it('shows the findings themselves with --verbose, after those that count', async () => {
    const text = renderText(await report(web1), { ...plain, verbose: true });
    const section = text.slice(text.indexOf('domain web1'));
    expect(text.indexOf('domain web2')).to.be.below(text.indexOf('domain web1'));
    expect(section).to.match(/^ {2}waived {3}domain\/rtc-track {2}clock=vm, /m);
    expect(section).to.match(/^ +FAIL, waived until 2027-01-31 by ops: known$/m);
  });

  it('folds waived findings of a domain that has others', async () => {
    const all = await policyOf(web1);
    const judged = judge(facts, 'warn', all);
    const more = {
      ...judged,
      domains: judged.domains.map((domain) => ({
        ...domain,
        findings: domain.findings.map((finding) =>
          finding.check === 'domain/hpet' ? { ...finding, outcome: 'fail' as const } : finding,
        ),
      })),
    };
    const text = renderText(more, plain);
    expect(text.slice(text.indexOf('domain web1'))).to.match(
      /^ {2}(\d+ for information, )?1 waived, \d+ more passed/m,
    );
  });

  it('tells expired and idle ones as notes', async () => {
    const text = renderText(
      await report(`waivers:
  - {check: domain/rtc-track, target: web1, reason: r, owner: ops, expires: 2026-01-31}
  - {check: domain/rtc-track, target: gone, reason: r, owner: ops}
`),
      plain,
    );
    expect(text).to.match(/^note: the waiver of .* for web1 .* has expired on 2026-01-31/m);
    expect(text).to.match(/^note: the waiver of .* for gone .* covers no finding; remove it$/m);
    expect(text).to.match(/: 2 fail, .* not-applicable; exit code 2\n$/);
  });

  it('lets no control or bidirectional character of anybody through', async () => {
    const hostile = '"\\e[2J\\n\\u202Eevil\\x9b31m"';
    const text = await Promise.all(
      ['web1', 'nobody'].flatMap((target) =>
        [true, false].map(async (verbose) =>
          renderText(
            await report(
              `waivers: [{check: domain/rtc-track, target: ${target}, reason: ${hostile}, owner: ${hostile}}]`,
            ),
            { colour: false, verbose },
          ),
        ),
      ),
    );
    expect(text.join('')).not.to.match(/[^\n\P{C}]/u);
    expect(text[0]).to.contain('\\u{1b}[2J\\u{a}\\u{202e}evil\\u{9b}31m');
  });

  it('says what the policy made of a verdict', async () => {
    const yaml = 'checks: {"*": {enabled: false}, domain/rtc-track: {enabled: true, severity: warn}}';
    const text = renderText(judge(facts, 'warn', await policyOf(yaml)), plain);
    expect(text).to.match(/^ {2}WARN .*\n.*\n +note: FAIL by itself; the policy makes it warn$/m);
  });
});
