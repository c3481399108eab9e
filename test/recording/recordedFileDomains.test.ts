import { expect } from 'chai';
import { gatherRecording } from '../../src/cli/gatherRecording.js';
import { readRecording } from '../../src/recording/stream.js';
import { factsIn, verdictLines } from '../support/collectedAudit.js';
import { bodied, NONCE, RECORDS, streamOf } from '../support/collectorStream.js';

const UUID = '5c0b4d2e-0d3b-4f8e-9b1e-1f2a3b4c5d6e';
const domain = (name: string, attributes = '') =>
  `<domain type='kvm'${attributes}><name>${name}</name><uuid>${UUID}</uuid><os><type arch='x86_64'>hvm</type></os><clock offset='utc'/></domain>\n`;
const TSC = "<clock offset='utc'><timer name='tsc' frequency='2000000000'/></clock>";
const status = (name: string) =>
  `<domstatus state='running' pid='4711'>\n${domain(name, " id='1'")}</domstatus>\n`;

/** A stream in which files stand for the domains, and virsh complained. */
function filesOnly(files: Readonly<Record<string, string>>, ...more: readonly string[]): Buffer {
  const parts = Object.entries(files).map(([path, text]) => `${NONCE}:file:${path}:\n${text}`);
  const host = RECORDS.slice(0, RECORDS.indexOf('@virsh qemu:///system\n'));
  const xml = bodied('xml-files', `${parts.join('')}${NONCE}:done:\n`);
  return streamOf([...host, '@virsh-failed no answer\n', ...more, xml, '@section domains\n']);
}

describe('domains of a recording without virsh', () => {
  it('are one where both files have the same UUID, also after it was renamed', async () => {
    const { domains, sources, notes } = await factsIn(
      filesOnly({ '/etc/libvirt/qemu/new.xml': domain('new'), '/run/libvirt/qemu/old.xml': status('old') }),
    );
    expect(
      domains.map(({ name, uuid, definitions }) => [name, uuid, Object.keys(definitions).sort()]),
    ).to.deep.equal([['old', UUID, ['inactive', 'live']]]);
    expect(domains[0]?.state).to.deep.include({ known: true, value: 'running' });
    expect(domains[0]?.definitions.live).to.nested.include({ 'value.origin': 'status' });
    expect(sources).to.deep.equal([
      { kind: 'files', location: '/etc/libvirt/qemu and /run/libvirt/qemu on root@compute7' },
    ]);
    expect(notes).to.deep.equal([
      "the domains of root@compute7 were read from libvirt's files, as virsh did not answer: no answer",
    ]);
  });

  it('are not taken for stopped, persistent or without an image where the directories could not be seen', async () => {
    const { domains } = await factsIn(filesOnly({ '/run/libvirt/qemu/one.xml': status('one') }));
    expect(domains[0]).to.deep.nested.include({ 'persistent.known': false, 'managedSave.known': false });
    const stopped = await factsIn(filesOnly({ '/etc/libvirt/qemu/one.xml': domain('one') }));
    expect(stopped.domains[0]?.state.known).to.equal(false);
  });

  it('tell of a managed save image by its name', async () => {
    const places = [
      '@directory /etc/libvirt/qemu\n',
      '@directory /run/libvirt/qemu\n',
      '@directory /var/lib/libvirt/qemu/save\n',
    ];
    const files = { '/etc/libvirt/qemu/one.xml': domain('one') };
    const saved = async (...more: readonly string[]) =>
      (await factsIn(filesOnly(files, ...places, ...more))).domains.map(({ state, managedSave }) => [
        state.known && state.value,
        managedSave.known && managedSave.value,
      ]);
    expect(await saved()).to.deep.equal([['shut off', false]]);
    const image = '@present /var/lib/libvirt/qemu/save/one.save\n';
    expect(await saved(image)).to.deep.equal([['shut off', true]]);
    // What is in it was not looked at, so that nobody can say that it is the same.
    const lines = verdictLines(await factsIn(filesOnly(files, ...places, image)));
    expect(lines).to.include('one domain/managed-save unknown not-recorded');
    const without = verdictLines(await factsIn(filesOnly(files, ...places)));
    expect(without).to.include('one domain/managed-save pass no-image');
  });

  it('leave open what only virsh could have told of their host', async () => {
    const hpet = "<clock offset='utc'><timer name='hpet' present='yes'/></clock>";
    const linesFor = async (clock: string) => {
      const xml = domain('one').replace("<clock offset='utc'/>", clock);
      return verdictLines(await factsIn(filesOnly({ '/etc/libvirt/qemu/one.xml': xml })));
    };
    expect(await linesFor(TSC))
      .to.include('one domain/tsc-frequency unknown not-recorded')
      .and.include('host host/hpet-validation pass not-asked-for');
    expect(await linesFor(hpet)).to.include('host host/hpet-validation unknown not-recorded');
  });

  it('are no reason to ask for a hypervisor where there are none', async () => {
    const lines = verdictLines(await factsIn(filesOnly({})));
    expect(lines).to.include('host host/hpet-validation not-applicable left-out');
  });

  it('leave nothing open for whoever leaves them out', async () => {
    const stream = filesOnly({ '/etc/libvirt/qemu/one.xml': domain('one') });
    const { host } = await gatherRecording(readRecording(stream, 'root@compute7'), {
      ...{ timeout: 20, domains: false },
      selection: { patterns: [], active: false, inactive: false },
    });
    expect(host?.libvirtVersion).to.include({ leftOut: true });
  });

  it('are missed where the recording lacks a text that it lists, but not where the file had gone', async () => {
    const listed = ['one', 'two', 'three'].map((name) => `@xml-file /etc/libvirt/qemu/${name}.xml\n`);
    const text = `${NONCE}:file:/etc/libvirt/qemu/one.xml:\n${domain('one')}\n${NONCE}:gone:/etc/libvirt/qemu/two.xml:\n`;
    const host = RECORDS.slice(0, RECORDS.indexOf('@virsh qemu:///system\n'));
    const stream = (end: string) =>
      streamOf([
        ...host,
        '@virsh-failed\n',
        ...listed,
        bodied('xml-files', text + end),
        '@section domains\n',
      ]);
    const whole = await factsIn(stream(`${NONCE}:done:\n`));
    expect(whole.domains.map(({ name }) => name)).to.deep.equal(['one']);
    expect(whole.problems.map(({ target, cause }) => [target, cause])).to.deep.equal([
      ['/etc/libvirt/qemu/three.xml on root@compute7', 'recording-cut-off'],
    ]);
    const cut = await factsIn(stream(''));
    expect(cut.problems.map(({ target }) => target)).to.include.members([
      'root@compute7',
      '/etc/libvirt/qemu/two.xml on root@compute7',
    ]);
  });

  it('are not known where there are no files with any, and virsh did not answer', async () => {
    const { problems } = await factsIn(
      filesOnly({}, '@directory /etc/libvirt/qemu\n', '@directory /run/libvirt/qemu\n'),
    );
    expect(problems.map(({ cause }) => cause)).to.deep.equal(['no-answer']);
    expect(problems[0]?.reason).to.match(/no answer.*files tell of no domain either/);
  });

  it('are problems where a file is a link', async () => {
    const { problems } = await factsIn(filesOnly({}, '@link /etc/libvirt/qemu/one.xml\n=/etc/shadow\n'));
    expect(problems.map(({ reason }) => reason.split(',')[0])).to.deep.equal(['is a symbolic link']);
  });

  it('are problems where a file is malformed, empty, no domain or closed', async () => {
    const { domains, problems } = await factsIn(
      filesOnly(
        {
          '/etc/libvirt/qemu/broken.xml': '<domain>\n<name>',
          '/etc/libvirt/qemu/empty.xml': '',
          '/etc/libvirt/qemu/network.xml': '<network/>\n',
          '/etc/libvirt/qemu/bomb.xml': `<!DOCTYPE d [<!ENTITY a "${'b'.repeat(100)}">]>\n<domain>&a;</domain>\n`,
        },
        '@unreadable /etc/libvirt/qemu/closed.xml\n',
        `@text /etc/libvirt/qemu/endless.xml\n=${domain('e').trim()}${' '.repeat(4 * 1024 * 1024)}\n`,
      ),
    );
    expect(domains).to.deep.equal([]);
    expect(
      problems.map(({ target, cause }) => `${target.replace(/ on .*/, '')} ${cause}`).sort(),
    ).to.deep.equal([
      '/etc/libvirt/qemu/bomb.xml malformed-xml',
      '/etc/libvirt/qemu/broken.xml malformed-xml',
      '/etc/libvirt/qemu/closed.xml unreadable',
      '/etc/libvirt/qemu/empty.xml malformed-xml',
      '/etc/libvirt/qemu/endless.xml too-large',
      '/etc/libvirt/qemu/network.xml malformed-xml',
    ]);
  });
});
