import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type PrivateLibvirtd, startPrivateLibvirtd, tinyDomainXml } from '../support/privateLibvirtd.js';
import { PYTHON, requireCommand, requireFact, requireFetched } from '../support/requirement.js';
import { auditJson, domainNamed, runProcess, verdicts } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { missingProgram, PROGRAMS, SOS_CONFIGURATION, SOS_ENVIRONMENT } from '../support/unpackedPrograms.js';

const PLUGINS = 'chrony,date,hardware,host,kernel,libvirt,process,processor,systemd,virsh';

/** What also takes the QEMU process, or the definition of the next start, which is not in the real /etc/libvirt/qemu. */
const TAKES_MORE = new Set(['domain/qemu-process', 'domain/pending-restart', 'domain/definition-rejected']);

/** What is found in one of a domain's definitions, or in the only one that there is. */
const judged = ({ findings }: ReturnType<typeof domainNamed>, wanted: string) =>
  findings
    .filter(({ definition = wanted, check }) => definition === wanted && !TAKES_MORE.has(check))
    .map(({ check, outcome, code, observed }) => [check, outcome, code, observed].join(' | '));

describe('a report of the real sos', function () {
  this.timeout(180_000);
  let scratch: ScratchDirectory;
  let libvirtd: PrivateLibvirtd;
  let archive: string;

  before(async function () {
    requireCommand(this, 'libvirtd', 'virsh', 'qemu-system-x86_64', 'xz');
    requireFetched(this, missingProgram('sos'));
    requireFact(this, process.getuid?.() === 0, 'sos report takes root');
    scratch = scratchDirectory('sos');
    libvirtd = await startPrivateLibvirtd({ emulators: ['qemu-system-x86_64'] });
    const bad = "<clock offset='utc'><timer name='rtc' tickpolicy='catchup' track='guest'/></clock>";
    await libvirtd.define(tinyDomainXml({ name: 'stopped', clock: "<clock offset='localtime'/>" }));
    await libvirtd.define(tinyDomainXml({ name: 'running', clock: bad }));
    await libvirtd.virsh('start', '--paused', 'running');
    const args = ['report', '--batch', '--tmp-dir', scratch.path, '--config-file', SOS_CONFIGURATION];
    const env = { ...SOS_ENVIRONMENT, LIBVIRT_DEFAULT_URI: libvirtd.uri };
    const run = await runProcess(PYTHON, [PROGRAMS.sos, ...args, '--only-plugins', PLUGINS], {
      ...{ env, cwd: scratch.path, timeoutMs: 150_000 },
    });
    const name = readdirSync(scratch.path).find((it) => /^sosreport-.*\.tar\.xz$/.test(it));
    if (!name) throw new Error(`sos wrote no report: ${run.stdout}${run.stderr}`);
    archive = join(scratch.path, name);
  });

  after(async () => {
    await libvirtd?.stop();
    await scratch?.remove();
  });

  it('gives the domains the verdicts that libvirt itself gives them', async () => {
    const live = await auditJson(['--connect', libvirtd.uri, '--no-host']);
    const reported = await auditJson(['--from', archive, '--no-host']);
    expect(reported.report.domains.map(({ name }) => name)).to.have.members(['running', 'stopped']);
    for (const [name, definition] of Object.entries({ stopped: 'inactive', running: 'live' })) {
      const [one, other] = [live, reported].map(({ report }) =>
        judged(domainNamed(report, name), definition),
      );
      expect(one, name).to.not.have.length(0);
      expect(other, name).to.deep.equal(one);
    }
    const { findings } = domainNamed(reported.report, 'running');
    expect(verdicts(findings, 'domain/pending-restart')).to.deep.equal(['unknown not-in-sosreport']);
    const states = reported.report.domains.map(({ name, state }) => [name, state]);
    expect(Object.fromEntries(states)).to.deep.equal({ running: 'paused', stopped: 'shut off' });
  });

  it('says of the host what this machine says of itself, as far as sos looks', async () => {
    const env = { LIBVIRT_DEFAULT_URI: 'test:///default' };
    const here = await auditJson(['--host', '--no-domains', '--no-probe'], { env });
    const reported = await auditJson(['--from', archive, '--no-domains']);
    expect(reported.report.run.hostname).to.equal(here.report.run.hostname);
    const verdict = ({ report }: typeof here, check: string) =>
      report.host?.findings
        .filter((it) => it.check === check)
        .map(({ outcome, code, observed }) => [outcome, code, observed]);
    // Whether a daemon that happens to run here may set the clock is more than every sos tells.
    const alike = ['clock-parameters', 'clocksource', 'kvm-parameters', 'time-zone', 'tsc-flags'];
    for (const check of [...alike, 'virtualisation'].map((it) => `host/${it}`)) {
      expect(verdict(reported, check), check).to.deep.equal(verdict(here, check)).and.to.have.length.above(0);
    }
  });
});
