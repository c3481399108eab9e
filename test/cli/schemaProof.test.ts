import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { proveAll, whyUnproven } from '../../src/cli/patching/schemaProof.js';
import type { DomainPatch } from '../../src/remediation/domainPatch.js';
import type { SchemaVerdict } from '../../src/schema/libvirtSchema.js';

const valid: SchemaVerdict = { kind: 'valid' };
const invalid: SchemaVerdict = { kind: 'invalid', reason: 'line 3, element clock: no' };
const unchecked: SchemaVerdict = { kind: 'not-checked', because: 'nobody is there' };

const patch: DomainPatch = {
  domain: 'one',
  uuid: null,
  source: 'one.xml',
  fileName: 'one',
  made: {
    domain: 'one',
    uuid: null,
    uri: null,
    path: 'one.xml',
    before: 'before',
    after: 'after',
    steps: [],
    lacksSecrets: false,
  },
  mends: ['domain/hpet'],
  unmended: [],
  refused: null,
  ownerFix: null,
  remarks: ['a remark'],
};

async function proven(before: SchemaVerdict, after: SchemaVerdict) {
  const [proof] = await proveAll([patch], async (xml) => (xml === 'before' ? before : after));
  if (!proof) throw new Error('one patch goes in and one comes out');
  return proof;
}

describe("the proof against libvirt's schema", () => {
  it('leaves a patch as it is where both texts are valid', async () => {
    const proof = await proven(valid, valid);
    expect(proof).to.deep.equal({ ...patch, validation: { before: valid, after: valid } });
    expect(whyUnproven([proof])).to.equal(null);
  });

  it('refuses a patch that makes a valid text invalid, and owns up to it', async () => {
    const proof = await proven(valid, invalid);
    expect(proof).to.deep.include({ made: null, mends: [], validation: { before: valid, after: invalid } });
    expect(proof.refused).to.equal(
      "libvirt's schema does not accept the patched text (line 3, element clock: no); this is a fault of virt-clock-audit, please report it",
    );
  });

  it('tells a text that was invalid before from one that the patch makes so', async () => {
    const still = await proven(invalid, invalid);
    expect(still.made).to.equal(patch.made);
    expect(still.remarks).to.deep.equal([
      'a remark',
      'was invalid before: line 3, element clock: no; virsh define --validate refuses it as it was, and with the patch',
    ]);
    const mended = await proven(invalid, valid);
    expect(mended.made).to.equal(patch.made);
    expect(mended.remarks[1]).to.match(/^was invalid before: [^;]+; with the patch it is valid$/);
  });

  it('holds nothing against a patch that nobody could look at, and says why', async () => {
    const proof = await proven(unchecked, unchecked);
    expect(proof).to.deep.include({ made: patch.made, remarks: patch.remarks, refused: null });
    expect(whyUnproven([{ validation: null }, proof])).to.equal(
      "the patches were not compared with libvirt's schema: nobody is there",
    );
    const some = [proof, await proven(valid, valid)];
    expect(whyUnproven(some)).to.match(/^1 of 2 patches were not compared with /);
    expect((await proven(valid, unchecked)).made).to.equal(patch.made);
  });

  it('asks nothing where there is no patch', async () => {
    const none = { ...patch, made: null };
    const proofs = await proveAll([none], async () => {
      throw new Error('asked');
    });
    expect(proofs).to.deep.equal([{ ...none, validation: null }]);
  });

  it('runs no more than four at once, and keeps the order', async () => {
    let [now, most] = [0, 0];
    const patches = Array.from({ length: 30 }, (_, index) => ({ ...patch, domain: `${index}` }));
    const proofs = await proveAll(patches, async () => {
      most = Math.max(most, ++now);
      await sleep(1);
      now--;
      return valid;
    });
    expect(most).to.equal(4);
    expect(proofs.map(({ domain }) => domain)).to.deep.equal(patches.map(({ domain }) => domain));
  });
});
