import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { collectFacts } from '../support/collectedFacts.js';
import { searchPath } from '../support/commandPath.js';
import { requireCommand } from '../support/requirement.js';
import { scratchDirectory } from '../support/scratch.js';

/** Two runs of one domain each: the test driver keeps no image, but says that there is one. */
const NODE = `<node>
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
    <name>runs</name><memory>65536</memory><os><type>hvm</type></os><test:runstate>1</test:runstate>
  </domain>
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
    <name>saved</name><memory>65536</memory><os><type>hvm</type></os>
    <test:runstate>5</test:runstate><test:hasmanagedsave/>
  </domain>
</node>`;

describe('a libvirt client library that is older than a call', () => {
  const scratch = scratchDirectory('old');
  const node = join(scratch.path, 'node.xml');
  const args = ['--connect', `test://${node}`, '--no-host'];

  before(function () {
    requireCommand(this, 'ldconfig');
    writeFileSync(node, NODE);
    const cache = execFileSync('ldconfig', ['-p'], { env: { PATH: searchPath }, encoding: 'latin1' });
    const path = /^\s*libvirt\.so\.0 .* => (\S+)$/m.exec(cache)?.[1] ?? '';
    let library = readFileSync(realpathSync(path)).toString('latin1');
    // What is called otherwise is not found; the length stays, and with it everything else in the file.
    for (const call of ['virDomainGetMessages', 'virDomainManagedSaveGetXMLDesc']) {
      const renamed = library.replaceAll(`\0${call}\0`, `\0${call.slice(0, -1)}_\0`);
      expect(renamed, call).to.not.equal(library);
      library = renamed;
    }
    writeFileSync(join(scratch.path, 'libvirt.so.0'), Buffer.from(library, 'latin1'));
  });
  after(() => scratch.remove());

  it('costs what only the call can tell', async () => {
    const { facts, domain } = await collectFacts(args, { env: { LD_LIBRARY_PATH: scratch.path } });
    expect(facts.problems).to.deep.equal([]);
    expect(domain('runs').taints).to.deep.equal({
      known: false,
      cause: 'libvirt-too-old',
      reason: 'the libvirt client library has no virDomainGetMessages, which libvirt 7.1.0 brought',
      source: 'virDomainGetMessages',
    });
    expect(domain('saved').savedDefinition).to.deep.include({
      cause: 'libvirt-too-old',
      reason: 'the libvirt client library has no virDomainManagedSaveGetXMLDesc, which libvirt 3.7.0 brought',
    });
    for (const { definitions } of facts.domains) expect(definitions.inactive?.known).to.equal(true);
  });

  it('is told from a driver that does not have the call', async () => {
    const { domain } = await collectFacts(args);
    expect(domain('runs').taints?.known).to.equal(true);
    expect(domain('saved').savedDefinition).to.deep.include({ known: false, cause: 'not-supported' });
    expect(domain('saved').savedDefinition).to.have.nested.property('libvirtError.code', 3);
  });
});
