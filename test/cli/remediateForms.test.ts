import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { PATCH_FORMATS } from '../../src/remediation/forms/form.js';
import { FIXTURES } from '../support/fixtures.js';
import { requireCommand } from '../support/requirement.js';
import { runTool } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';
import { agentChannelXml, goodClock, tinyDomainXml } from '../support/tinyDomain.js';

const wrongClock =
  "<clock offset='utc'><timer name='rtc' track='guest'/><timer name='hpet' present='no'/></clock>";

describe('remediate', () => {
  let scratch: ScratchDirectory;

  before(() => {
    scratch = scratchDirectory('forms');
  });
  after(() => scratch?.remove());

  function domain(name: string, clock = wrongClock, file = `${name}.xml`): string {
    const path = join(scratch.path, file);
    writeFileSync(path, tinyDomainXml({ name, clock, devices: agentChannelXml }));
    return path;
  }

  const remediate = (...args: string[]) => runTool(['remediate', '--no-host', ...args]);

  it('prints what can be applied, with what to know before it', async () => {
    const { stdout, stderr, exitCode } = await remediate('--domxml', domain('one'));
    expect({ stderr, exitCode }).to.deep.equal({ stderr: '', exitCode: 2 });
    expect(stdout).to.match(/^# domain one: makes domain\/rtc-track pass\n(# [^\n]+\n)+--- a\//);
  });

  it('tells what a patch leaves, and what has no patch, by the names of domains', async () => {
    const left = wrongClock.replace(
      "<timer name='hpet'",
      "<timer name='hpet' present='yes'/><timer name='hpet'",
    );
    const names = ['left1', 'left2', 'left3', 'left4'];
    const files = names.flatMap((name) => ['--domxml', domain(name, left)]);
    const { stdout, stderr } = await remediate(...files);
    for (const name of names) {
      expect(stdout).to.match(
        new RegExp(
          `^# domain ${name}: makes domain/rtc-track pass\\n# left: domain/ignored-attributes: no edit of the XML is certain to be right$`,
          'm',
        ),
      );
    }
    expect(stderr).to.equal(
      'virt-clock-audit: no patch for domain/ignored-attributes (4 domains: left1, left2, left3, …); explain CHECK tells the fix\n',
    );
  });

  it('warns of the password that the text of a file may lack', async () => {
    const path = domain('display');
    const text = tinyDomainXml({
      name: 'display',
      clock: wrongClock,
      devices: `${agentChannelXml}<graphics type='spice'/>`,
    });
    writeFileSync(path, text);
    for (const format of ['diff', 'xml', 'rfc5261']) {
      const { stdout, stderr } = await remediate('--format', format, '--domxml', path);
      expect(stdout + stderr, format).to.contain('has a spice display without a password: if this text was');
    }
  });

  it('says that there is nothing to mend', async () => {
    const path = domain('good', goodClock());
    for (const format of PATCH_FORMATS) {
      expect(await remediate('--format', format, '--domxml', path), format).to.deep.include({
        exitCode: 0,
        stdout: '',
        stderr: 'virt-clock-audit: nothing to mend\n',
      });
    }
  });

  it('puts remarks on standard error where the form has no place for them', async () => {
    const { stdout, stderr } = await remediate('--format', 'xml', '--domxml', domain('one'));
    expect(stdout).to.equal(
      tinyDomainXml({
        name: 'one',
        clock: wrongClock.replace(" track='guest'", ''),
        devices: agentChannelXml,
      }),
    );
    const lines = stderr.trimEnd().split('\n');
    expect(lines[0]).to.equal('virt-clock-audit: domain one: makes domain/rtc-track pass');
    expect(lines).to.have.length.above(1);
    for (const line of lines) expect(line).to.match(/^virt-clock-audit: \S/);
  });

  for (const format of ['xml', 'rfc5261']) {
    it(`gives one document of ${format} and no more`, async () => {
      const paths = [
        '--domxml',
        domain('one'),
        '--domxml',
        domain('two'),
        '--domxml',
        domain('ok', goodClock()),
      ];
      const run = await remediate('--format', format, ...paths);
      expect(run).to.deep.include({ exitCode: 3, stdout: '' });
      expect(run.stderr).to.equal(
        `virt-clock-audit: --format ${format} gives one XML document a domain, and there are 2: name one with --domain, or have them written into files with --output DIRECTORY\n`,
      );
      const one = await remediate('--format', format, ...paths, '--domain', 'two');
      expect(one.exitCode).to.equal(2);
      expect(one.stdout.trimStart()).to.match(/^<[\s\S]+<\/(domain|diff)>\n$/);
    });
  }

  it('goes on where a form cannot say it, and tells why', async () => {
    const { stdout, stderr, exitCode } = await remediate('--format', 'virt-xml', '--domxml', domain('one'));
    expect({ stderr, exitCode }).to.deep.equal({ stderr: '', exitCode: 2 });
    expect(stdout).to.match(/^# domain one: no patch: virt-xml [^\n]+\n$/);
  });

  it('does not offer a form that there is none of', async () => {
    const run = await remediate('--format', 'sed', '--domxml', domain('one'));
    expect(run).to.deep.include({ exitCode: 3, stdout: '' });
    expect(run.stderr).to.match(/^virt-clock-audit: [^\n]*'sed' is invalid[^\n]*virt-xml[^\n]*\n$/);
  });

  it("names the owner's fix first, and the event that undoes the patch", async () => {
    const { stdout } = await remediate('--domxml', join(FIXTURES, 'nova-windows-as-utc.xml'));
    const lines = stdout.slice(0, stdout.indexOf('--- a/')).trimEnd().split('\n');
    const at = (pattern: RegExp) => lines.findIndex((line) => pattern.test(line));
    expect(at(/^# domain \S+: makes /)).to.equal(0);
    expect(at(/^# the fix that lasts is made in \S/)).to.equal(1);
    const command = at(/^# {5}openstack /);
    const temporary = at(/^# temporary: a hard reboot, .*, which undoes this edit of the XML$/);
    expect(command).to.be.above(1);
    expect(temporary).to.be.above(command);
    expect(lines.filter((line) => /temporary/.test(line))).to.have.length(1);
    for (const line of lines) expect(line).to.match(/^# /);
  });

  it('tells what was invalid before', async function () {
    requireCommand(this, 'virt-xml-validate', 'xmllint');
    const path = domain('one', wrongClock.replace('<clock', "<clock colour='red'"));
    const { stdout } = await remediate('--domxml', path);
    expect(stdout).to.match(
      /\n# was invalid before: line 8, [^\n]+; virsh define --validate refuses it as it was/,
    );
    expect(stdout).to.contain('\n+++ ');
  });

  it('says once that nothing was compared with the schema', async () => {
    const paths = ['--domxml', domain('one'), '--domxml', domain('two')];
    const file = join(scratch.path, 'virt-xml-validate');
    writeFileSync(file, '#!/bin/sh\necho "xmllint: not found" >&2\nexit 127\n', { mode: 0o755 });
    const env = { PATH: `${scratch.path}:${process.env.PATH}` };
    const { stderr, stdout, exitCode } = await runTool(['remediate', '--no-host', ...paths], { env });
    expect(exitCode).to.equal(2);
    expect(stdout.match(/^\+\+\+ /gm)).to.have.length(2);
    expect(stderr).to.equal(
      `virt-clock-audit: the patches were not compared with libvirt's schema: ${file} ended with exit code 127: xmllint: not found\n`,
    );
  });

  describe('--only', () => {
    const both = () =>
      domain(
        'both',
        "<clock offset='utc'><timer name='rtc' track='guest'/><timer name='hpet' present='yes'/></clock>",
      );

    for (const [patterns, mends] of [
      [['domain/rtc-track'], 'domain/rtc-track'],
      [['*/hpet'], 'domain/hpet'],
      [['domain/*'], 'domain/rtc-track, domain/hpet'],
      [['domain/hpet', 'domain/rtc-track'], 'domain/rtc-track, domain/hpet'],
    ] as const) {
      it(`mends ${patterns.join(' and ')}`, async () => {
        const only = patterns.flatMap((pattern) => ['--only', pattern]);
        const { stdout, exitCode } = await remediate('--domxml', both(), ...only);
        expect(stdout.split('\n')[0]).to.equal(`# domain both: makes ${mends} pass`);
        expect(exitCode).to.equal(2);
      });
    }

    it('says that there is nothing to mend of what is fine, with the exit code of the audit', async () => {
      expect(await remediate('--domxml', both(), '--only', 'domain/kvmclock')).to.deep.include({
        exitCode: 2,
        stdout: '',
        stderr: 'virt-clock-audit: nothing to mend\n',
      });
    });

    it('takes no check that there is not', async () => {
      const run = await remediate('--domxml', both(), '--only', 'domain/hpett', '--only', 'moon/*');
      expect(run).to.deep.include({ exitCode: 3, stdout: '' });
      expect(run.stderr).to.equal(
        `virt-clock-audit: --only domain/hpett is no check; did you mean 'domain/hpet'?; virt-clock-audit checks lists them
virt-clock-audit: --only moon/* is no check; virt-clock-audit checks lists them
`,
      );
    });
  });

  it('does no harm with a hostile name, in any form', async () => {
    const name = `$(touch /tmp/pwned) '"{{ 7*7 }} --> # \u202e\u0085`;
    const path = domain(name, wrongClock, 'hostile.xml');
    for (const format of PATCH_FORMATS) {
      const { stdout, stderr, exitCode } = await remediate('--format', format, '--domxml', path);
      expect(exitCode, format).to.equal(2);
      const said =
        format === 'xml'
          ? stderr
          : stdout
              .split('\n')
              .filter((line) => /^(#|<!--)/.test(line))
              .join('\n');
      expect(said, format).to.contain('domain ');
      expect(said, format).not.to.match(/[\u202e\u0085]/);
    }
  });
});
