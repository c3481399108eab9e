import { expect } from 'chai';
import { markdown } from '../../src/report/markdown.js';
import type { DomainReport, Report } from '../../src/report/report.js';
import { richReport } from '../support/richReport.js';

const options = { colour: false, verbose: false };

/** The report, with one of its domains in nova's hands. */
function withInstance(report: Report): Report {
  const owner: DomainReport['owner'] = {
    kind: 'nova',
    label: 'OpenStack nova',
    instanceName: 'shop|front`end',
    rewrittenBy: 'nova rewrites it at the next hard reboot',
  };
  const domains = report.domains.map((domain) =>
    domain.name === 'guest-time' ? { ...domain, owner } : domain,
  );
  return { ...report, domains };
}

describe('a domain that nova owns, as Markdown', () => {
  it('is known by its instance, and is not to be mended in the XML', async () => {
    const report = await richReport();
    const text = markdown.render([withInstance(report)], options);
    const [, section = ''] = text.split('## domain `guest-time`');
    const about = section.split('\n## ')[0];
    expect(about).to.include('nova instance');
    expect(about).to.match(/An edit of the XML does not last: nova rewrites it at the next hard reboot\./);
    expect(markdown.render([report], options)).not.to.include('does not last');
  });
});
