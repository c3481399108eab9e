import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { requireCommand } from '../support/requirement.js';
import { ALL_AS_ROOT, type LocalHosts, startLocalHosts } from './localHosts.js';

describe('what the role does on the controller', function () {
  this.timeout(180_000);
  let local: LocalHosts;

  before(async function () {
    requireCommand(this, 'ansible-playbook');
    local = await startLocalHosts();
  });
  afterEach(() => rmSync(reports(), { recursive: true, force: true }));
  after(() => local?.stop());

  const gathering = { virt_clock_audit_reports_directory: 'gathered' };
  const reports = () => join(local.cwd, 'gathered');
  const audited = () => JSON.parse(readFileSync(join(reports(), 'a.json'), 'utf8')).domains[0].name;

  it('puts a whole report in the place of the old one, and leaves the directory as open as it is', async () => {
    local.have({ a: {} });
    mkdirSync(reports());
    chmodSync(reports(), 0o710);
    const old = join(reports(), 'a.json');
    writeFileSync(old, 'the old report\n');
    // Written in its place, the report would be here as well.
    linkSync(old, local.at('old'));
    writeFileSync(`${old}.part`, '{"cut off');
    const { hosts, output } = await local.controller.playRole('a', gathering);
    expect(hosts.a, output).to.include({ changed: 1, failed: 0 });
    expect(audited()).to.equal('fine');
    expect(readFileSync(local.at('old'), 'utf8')).to.equal('the old report\n');
    expect(readdirSync(reports())).to.deep.equal(['a.json']);
    expect(statSync(reports()).mode & 0o777).to.equal(0o710);
  });

  it('works as who runs Ansible there, when variables have everything on hosts done as root', async () => {
    local.have({ a: {} }, ALL_AS_ROOT);
    const inventory = await local.controller.playRole('a', gathering);
    expect(inventory.hosts.a, inventory.output).to.include({ failed: 0 });
    expect(audited()).to.equal('fine');
    expect(statSync(reports()).mode & 0o777).to.equal(0o700);
    rmSync(reports(), { recursive: true });
    const extra = await local.controller.playRole('a', { ...gathering, ansible_become: true });
    expect(extra.hosts.a, extra.output).to.include({ failed: 0 });
    expect(audited()).to.equal('fine');
  });

  it('takes a relative package for one below where Ansible runs', async () => {
    const place = local.at('packages');
    local.have({ a: { virt_clock_audit_package_directory: place } }, ALL_AS_ROOT);
    mkdirSync(place);
    const variables = {
      virt_clock_audit_install_method: 'npm',
      virt_clock_audit_package: 'files/tool.tgz',
      virt_clock_audit_run: false,
    };
    const missing = await local.controller.playRole('a', variables, '--check');
    expect(missing.hosts.a, missing.output).to.include({ failed: 1 });
    expect(missing.output).to.include(`${join(local.cwd, 'files/tool.tgz')} is not on the controller`);
    mkdirSync(join(local.cwd, 'files'));
    writeFileSync(join(local.cwd, 'files', 'tool.tgz'), Buffer.from([0x1f, 0x8b, 0xff, 0x0a]));
    const found = await local.controller.playRole('a', variables, '--check');
    // The copy, the mark's removal or not, and the mark.
    expect(found.hosts.a, found.output).to.include({ changed: 2, failed: 0 });
  });
});
