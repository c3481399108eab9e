import { expect } from 'chai';
import { loadFrom } from '../../../src/cli/loadFrom.js';
import type { Facts } from '../../../src/facts/facts.js';
import { verdictLines } from '../../support/collectedAudit.js';
import { knownValue } from '../../support/collectedFacts.js';
import { type ScratchDirectory, scratchDirectory } from '../../support/scratch.js';
import { QUIET, type SosreportContent, writeSosreport } from '../../support/sosreports.js';

const UUIDS = { web: '6d1a3c0e-4b5f-4f6a-8e2b-0a1b2c3d4e5f', db: '7d1a3c0e-4b5f-4f6a-8e2b-0a1b2c3d4e5f' };
const xml = (name: string, uuid: string, offset: string, id = '') =>
  `<domain type='kvm'${id && ` id='${id}'`}>\n  <name>${name}</name>\n  <uuid>${uuid}</uuid>\n  <memory>65536</memory>\n  <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>\n  <clock offset='${offset}'/>\n</domain>\n`;
const info = (name: string, uuid: string, state: string, persistent = 'yes') =>
  `Id:             -\nName:           ${name}\nUUID:           ${uuid}\nOS Type:        hvm\nState:          ${state}\nCPU(s):         1\nMax memory:     65536 KiB\nUsed memory:    65536 KiB\nPersistent:     ${persistent}\nAutostart:      disable\nManaged save:   no\nSecurity model: none\nSecurity DOI:   0\n`;
const LIST = ` Id   Name           State
-------------------------------
 3    web/1 & two    running
 -    db             shut off

`;
const VERSION = `Compiled against library: libvirt 9.0.0
Using library: libvirt 9.0.0
Using API: QEMU 9.0.0
Running hypervisor: QEMU 7.2.22

`;
const VIRSH: SosreportContent = {
  'sos_commands/virsh/virsh_-r_list_--all': LIST,
  'sos_commands/virsh/virsh_-r_version': VERSION,
  'sos_commands/virsh/virsh_-r_capabilities': '<capabilities>\n  <host/>\n</capabilities>\n',
  // The names of files are what sos made of the domains', and no domain's.
  'sos_commands/virsh/virsh_-r_dumpxml_web.1_two': xml('web/1 &amp; two', UUIDS.web, 'utc', '3'),
  'sos_commands/virsh/virsh_-r_dominfo_web.1_two': info('web/1 & two', UUIDS.web, 'running'),
  'sos_commands/virsh/virsh_-r_dumpxml_db': xml('db', UUIDS.db, 'localtime'),
  'sos_commands/virsh/virsh_-r_dominfo_db': info('db', UUIDS.db, 'shut off'),
  'sos_commands/virsh/virsh_-r_net-dumpxml_default': '<network/>\n',
};
const STATUS = `<domstatus state='running' reason='booted' pid='4711'>\n${xml('web', UUIDS.web, 'utc', '3')}</domstatus>\n`;

describe('what a sosreport tells of domains', () => {
  let scratch: ScratchDirectory;
  let count = 0;

  before(() => {
    scratch = scratchDirectory('sosdomains');
  });
  after(() => scratch.remove());

  function factsOf(...contents: SosreportContent[]): Promise<Facts> {
    const top = writeSosreport(scratch.path, Object.assign({}, QUIET, ...contents), `r${count++}`);
    return loadFrom(top, { timeout: 10, selection: {} } as unknown as Parameters<typeof loadFrom>[1]);
  }

  /** Each definition as `name kind offset`, or why it is not known. */
  const definitions = ({ domains }: Facts) =>
    domains.flatMap(({ name, definitions: texts }) =>
      Object.entries(texts).map(([kind, text]) => {
        const offset = text.known ? /offset='(\w+)'/.exec(text.value.xml)?.[1] : text.cause;
        return `${name} ${kind} ${offset}`;
      }),
    );

  it('is what virsh printed', async () => {
    const facts = await factsOf(VIRSH);
    expect(facts.problems).to.deep.equal([]);
    expect(facts.sources).to.have.length(1);
    expect(facts.sources[0]).to.include({ kind: 'libvirt', libvirtVersion: '9.0.0' });
    expect(definitions(facts)).to.have.members([
      'db inactive localtime',
      'web/1 & two live utc',
      'web/1 & two inactive not-in-sosreport',
    ]);
    const db = facts.domains.find(({ name }) => name === 'db');
    if (!db || !facts.host) throw new Error('it is not there');
    expect(db.uuid).to.equal(UUIDS.db);
    expect([db.state, db.persistent, db.managedSave].map((it) => knownValue<unknown>(it))).to.deep.equal([
      ...['shut off', true, false],
    ]);
    expect(knownValue(facts.host.libvirtVersion)).to.equal('9.0.0');
    expect(knownValue(facts.host.qemuVersion)).to.equal('7.2.22');
  });

  it('does not hold what is in a managed save image', async () => {
    const path = 'sos_commands/virsh/virsh_-r_dominfo_db';
    const withImage = `${VIRSH[path]}`.replace('Managed save:   no', 'Managed save:   yes');
    const saved = (facts: Facts) => facts.domains.find(({ name }) => name === 'db')?.savedDefinition;
    expect(saved(await factsOf(VIRSH))).to.equal(undefined);
    const told = await factsOf(VIRSH, { [path]: withImage });
    expect(saved(told)).to.include({ known: false, cause: 'not-in-sosreport' });
    expect(verdictLines(told)).to.include('db domain/managed-save unknown not-in-sosreport');
  });

  it('is a problem where it is longer than any definition', async () => {
    const endless = `${xml('db', UUIDS.db, 'utc')}${' '.repeat(4 * 1024 * 1024)}`;
    const { problems } = await factsOf(VIRSH, { 'sos_commands/virsh/virsh_-r_dumpxml_db': endless });
    expect(problems.map(({ cause }) => cause)).to.have.members(['too-large', 'not-in-sosreport']);
  });

  it('has the definition of the next start from its file, found by the UUID', async () => {
    const file = {
      'etc/libvirt/qemu/whatever.xml': `<!-- WARNING -->\n${xml('web', UUIDS.web, 'localtime')}`,
    };
    expect(definitions(await factsOf(VIRSH, file))).to.include('web/1 & two inactive localtime');
  });

  it('has none of the next start for a transient domain', async () => {
    const transient = {
      'sos_commands/virsh/virsh_-r_dominfo_web.1_two': info('w', UUIDS.web, 'running', 'no'),
    };
    expect(definitions(await factsOf(VIRSH, transient))).to.have.members([
      'db inactive localtime',
      'web/1 & two live utc',
    ]);
  });

  it('is incomplete where a domain was listed and its XML is not there, or is broken', async () => {
    const lost = { 'sos_commands/virsh/virsh_-r_dumpxml_db': "error: failed to get domain 'db'\n\n" };
    const [gone] = (await factsOf(VIRSH, lost)).problems;
    expect(gone).to.deep.include({ target: 'db', cause: 'not-in-sosreport' });
    // As virsh printed it before libvirt 4.10.
    const long = 'a-name-that-leaves-no-room-for-two-blanks';
    const old = ` Id    Name                           State\n${'-'.repeat(52)}\n -     ${long} shut off\n\n`;
    const [older] = (await factsOf({ 'sos_commands/virsh/virsh_-r_list_--all': old })).problems;
    expect(older).to.deep.include({ target: long, cause: 'not-in-sosreport' });
    const cut = { 'sos_commands/virsh/virsh_-r_dumpxml_db': xml('db', UUIDS.db, 'utc').slice(0, 90) };
    const { problems } = await factsOf(VIRSH, cut);
    expect(problems.map(({ cause }) => cause)).to.deep.equal(['malformed-xml', 'not-in-sosreport']);
  });

  it('is what virsh dumped, also without a list of them, which is incomplete then', async () => {
    const { 'sos_commands/virsh/virsh_-r_list_--all': _, ...dumps } = VIRSH;
    const refused = { 'sos_commands/virsh/virsh_-r_list_--all': 'error: failed to connect\n' };
    for (const [content, why] of [
      [dumps, 'the sosreport has no list of its domains'],
      [{ ...VIRSH, ...refused }, 'failed to connect'],
    ] as const) {
      const { problems, domains } = await factsOf(content as SosreportContent);
      expect(domains.map(({ name }) => name)).to.deep.equal(['db', 'web/1 & two']);
      const reason = `it is not known whether the sosreport holds the XML of all domains: ${why}`;
      expect(problems).to.deep.equal([{ target: 'virsh -r list --all', cause: 'not-in-sosreport', reason }]);
    }
  });

  it('is incomplete where a line of the list cannot be understood', async () => {
    const list = `${LIST.trimEnd()}\n -    new       schlafend\n\n`;
    const { problems } = await factsOf(VIRSH, { 'sos_commands/virsh/virsh_-r_list_--all': list });
    const reason =
      "a line of it cannot be understood, so that a domain may be missing here: '-    new       schlafend'";
    expect(problems).to.deep.equal([{ target: 'virsh -r list --all', cause: 'list-garbled', reason }]);
  });

  it('is one domain where two plugins have dumped it', async () => {
    const { domains, problems } = await factsOf(VIRSH, {
      'sos_commands/libvirt/virsh_-r_dumpxml_db': xml('db', UUIDS.db, 'localtime'),
    });
    expect(domains.map(({ name }) => name)).to.deep.equal(['db', 'web/1 & two']);
    expect(problems).to.deep.equal([]);
  });

  it('takes no time to speak of, whatever the list holds', async () => {
    const line = ` -    x${' '.repeat(300 * 1024)}y`;
    const short = `${` -    x${' '.repeat(1000)}y\n`.repeat(4000)}`;
    for (const more of [line, short]) {
      const list = `${LIST.trimEnd()}\n${more}\n`;
      const startedAt = performance.now();
      const { problems } = await factsOf(VIRSH, { 'sos_commands/virsh/virsh_-r_list_--all': list });
      expect(performance.now() - startedAt).to.be.below(4000);
      expect(problems.map(({ cause }) => cause)).to.deep.equal(['list-garbled']);
    }
    const endless = `${LIST.trimEnd()}\n${Array.from({ length: 20_001 }, (_, at) => ` - d${at} idle\n`).join('')}`;
    const error = await factsOf(VIRSH, { 'sos_commands/virsh/virsh_-r_list_--all': endless }).catch(String);
    expect(error).to.match(/holds a list of more than 20000 domains, which no host has/);
  });

  it('comes from the files of libvirt where virsh was not asked or got no answer', async () => {
    const files: SosreportContent = {
      'etc/libvirt/qemu/web.xml': xml('web', UUIDS.web, 'localtime'),
      'etc/libvirt/qemu/db.xml': xml('db', UUIDS.db, 'localtime'),
      'etc/libvirt/qemu/networks/default.xml': '<network/>',
      'run/libvirt/qemu/web.xml': STATUS,
      'sos_commands/libvirt/ls_-lR_.var.lib.libvirt.qemu': `/var/lib/libvirt/qemu:
total 4
drwxr-xr-x 2 root root 4096 Nov 22 06:15 save

/var/lib/libvirt/qemu/save:
total 4
-rw------- 1 root root 12 Nov 22 06:15 db.save
`,
    };
    const refused = {
      'sos_commands/virsh/virsh_-r_list_--all': 'error: failed to connect to the hypervisor\n',
    };
    const old = { ...files, 'var/run/libvirt/qemu/web.xml': STATUS };
    delete (old as Record<string, unknown>)['run/libvirt/qemu/web.xml'];
    for (const content of [files, { ...files, ...refused }, old]) {
      const { problems, domains, ...facts } = await factsOf(content);
      expect(problems).to.deep.equal([]);
      expect(definitions({ ...facts, domains, problems })).to.have.members([
        ...['db inactive localtime', 'web inactive localtime', 'web live utc'],
      ]);
      const told = domains.map(({ name, state, managedSave }) => [
        name,
        knownValue(state),
        knownValue(managedSave),
      ]);
      expect(told).to.deep.equal([
        ['db', 'shut off', true],
        ['web', 'running', false],
      ]);
      expect(facts.notes.join()).to.match(/were read from libvirt's files/);
      expect(domains[0]?.savedDefinition).to.include({ known: false, cause: 'not-recorded' });
      expect(facts.host?.libvirtVersion).to.deep.include({ known: false, cause: 'not-recorded' });
      expect(facts.host?.libvirtVersion).to.not.have.property('leftOut');
    }
  });

  it('is that there is no hypervisor, where nothing tells of one', async () => {
    const { problems, domains } = await factsOf({});
    expect(domains).to.deep.equal([]);
    expect(problems.map(({ cause }) => cause)).to.deep.equal(['no-hypervisor']);
  });
});
