import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { runTool } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

describe('collected facts', () => {
  let scratch: ScratchDirectory;
  before(() => {
    scratch = scratchDirectory('vca-secrets');
  });
  after(() => scratch?.remove());

  it('hold no passwords, and a new file is for its owner only', async () => {
    const [xml, facts] = [join(scratch.path, 'd.xml'), join(scratch.path, 'facts.json')];
    writeFileSync(
      xml,
      `<domain type='kvm'><name>n</name><devices><graphics type='vnc' passwd='s3cret'/><graphics type='spice' passwd = "s3cret"/></devices>
        <q:commandline xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><q:arg value='-object'/>
          <q:arg value='secret,id=a,data=s3cret'/><q:arg value='-object'/>
          <q:arg value="{&quot;qom-type&quot;:&quot;secret&quot;,&quot;data&quot;:&quot;s3cret&quot;}"/>
          <q:arg value='-rtc'/><q:arg value='clock=vm'/></q:commandline></domain>`,
    );
    expect((await runTool(['collect', '--domxml', xml, '-o', facts])).exitCode).to.equal(0);
    expect(readFileSync(facts, 'utf8'))
      .to.contain('graphics')
      .and.contain('clock=vm')
      .and.not.contain('s3cret');
    expect(statSync(facts).mode & 0o777).to.equal(0o600);
  });

  it('make the exit code 3 when something that was asked for could not be read', async () => {
    const run = await runTool(['collect', '--no-domains', '--host', '--chronyc', '/nonexistent/chronyc']);
    expect(run.exitCode).to.equal(3);
    expect(JSON.parse(run.stdout).host.chrony.cause).to.equal('chronyc-missing');
  });

  it('are not begun with an empty option', async () => {
    for (const option of ['--chronyc', '--connect', '--output']) {
      const run = await runTool(['collect', option, '']);
      expect(run.exitCode).to.equal(3);
      expect(run.stderr).to.match(/^virt-clock-audit: option [^\n]+ is invalid[^\n]+\n$/);
    }
  });
});
