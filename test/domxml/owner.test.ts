import { expect } from 'chai';
import { readDefinition } from '../../src/domxml/definition.js';
import { tinyDomainXml } from '../support/tinyDomain.js';

const NOVA = 'http://openstack.org/xmlns/libvirt/nova/';
const ownerOf = (metadata: string, name = 'owned') =>
  readDefinition(
    tinyDomainXml({ name, clock: '', extra: metadata && `<metadata>${metadata}</metadata>` }),
    null,
  ).owner;
const nova = (children: string, version = '1.1', prefix = 'nova') =>
  `<${prefix}:instance xmlns:${prefix}='${NOVA}${version}'>${children.replaceAll('nova:', `${prefix}:`)}</${prefix}:instance>`;
const everything = `<nova:package version='32.0.0'/><nova:name> web &amp; mail </nova:name>
  <nova:flavor name='m1.small' id='7'><nova:memory>2048</nova:memory>
    <nova:extraSpecs><nova:extraSpec name='hw:hide_hypervisor_id'>true</nova:extraSpec></nova:extraSpecs></nova:flavor>
  <nova:image uuid='40552874-0d93-4b8b-b869-6b08a7e96f34'><nova:minDisk>1</nova:minDisk><nova:properties>
    <nova:property name='os_type'>windows</nova:property><nova:property name='hw_time_hpet'> true </nova:property>
    <nova:property name='empty'/><nova:property>nameless</nova:property></nova:properties></nova:image>
  <nova:owner><nova:user uuid='u'>someone</nova:user><nova:project uuid='2e0982af'>shop</nova:project></nova:owner>
  <nova:root type='image' uuid='cedbb0a9-5ee3-4dcc-8b35-c1a297e7da92'/>`;

describe("a definition's owner", () => {
  it('is nobody without metadata, or with metadata of no known layer', () => {
    const nobody = { kind: 'none', label: 'nobody known' };
    expect(ownerOf('')).to.deep.equal(nobody);
    expect(ownerOf("<x:note xmlns:x='urn:note'/>")).to.deep.equal(nobody);
    expect(ownerOf(`<x:i xmlns:x='http://example.org/${NOVA}1.0'/>`)).to.deep.equal(nobody);
    expect(ownerOf("<x:k xmlns:x='http://kubevirt.io.example.org'/>")).to.deep.equal(nobody);
    expect(ownerOf('<nova:instance/>')).to.deep.equal(nobody);
    expect(ownerOf('', 'namespace_vmi')).to.deep.equal(nobody);
  });

  it('is nova, with all that it writes, under any prefix', () => {
    const expected = {
      kind: 'nova',
      label: 'OpenStack nova',
      rewrittenBy: 'nova rewrites it at the next hard reboot, stop and start, resize or cold migration',
      instanceName: 'web & mail',
      flavor: 'm1.small',
      flavorId: '7',
      flavorExtraSpecs: { 'hw:hide_hypervisor_id': 'true' },
      imageUuid: 'cedbb0a9-5ee3-4dcc-8b35-c1a297e7da92',
      project: 'shop',
      projectUuid: '2e0982af',
      imageProperties: { os_type: 'windows', hw_time_hpet: 'true', empty: '' },
    };
    expect(ownerOf(nova(everything))).to.deep.equal(expected);
    expect(ownerOf(nova(everything, '1.1', 'n'))).to.deep.equal(expected);
    expect(
      ownerOf(`<instance xmlns='${NOVA}1.1'>${everything.replaceAll('nova:', '')}</instance>`),
    ).to.deep.equal(expected);
  });

  it('is nova with whatever is missing left out', () => {
    const bare = {
      kind: 'nova',
      label: 'OpenStack nova',
      rewrittenBy: 'nova rewrites it at the next hard reboot, stop and start, resize or cold migration',
    };
    expect(ownerOf(nova(''))).to.deep.equal(bare);
    const hollow =
      '<nova:root/><nova:root type="volume" uuid="v"/><nova:name/><nova:flavor/><nova:owner/><nova:image><nova:properties/></nova:image><nova:owner/>';
    expect(ownerOf(nova(hollow, '1.0'))).to.deep.equal(bare);
    expect(ownerOf(nova('<nova:owner><nova:project>p</nova:project></nova:owner>'))).to.deep.equal({
      ...bare,
      project: 'p',
    });
  });

  it('is nova by its latest metadata, wherever that stands', () => {
    const old = nova('<nova:name>old</nova:name>', '1.0', 'a');
    const recent = nova('<nova:name>recent</nova:name>', '1.1', 'b');
    expect(ownerOf(old + recent).instanceName).to.equal('recent');
    expect(ownerOf(recent + old).instanceName).to.equal('recent');
  });

  it('is nova with texts and properties that stay within limits', () => {
    const long = '\u{1F427}'.repeat(400);
    const { instanceName } = ownerOf(nova(`<nova:name>x${long}</nova:name>`));
    expect(instanceName).to.equal(`x${'\u{1F427}'.repeat(127)}`);
    expect(ownerOf(nova(`<nova:name>${long}</nova:name>`)).instanceName).to.equal('\u{1F427}'.repeat(127));
    const many = Array.from({ length: 500 }, (_, i) => `<nova:property name='a${i}'>${long}</nova:property>`);
    const properties = `${many.join('')}<nova:property name='os_type'>linux</nova:property>`;
    const { imageProperties = {} } = ownerOf(
      nova(`<nova:image><nova:properties>${properties}</nova:properties></nova:image>`),
    );
    expect(Object.keys(imageProperties)).to.have.length(64);
    expect(imageProperties.os_type).to.equal('linux');
    expect(imageProperties.a0?.length).to.equal(254);
  });

  it('is nova with properties named like what an object inherits', () => {
    const property = (name: string) => `<nova:property name='${name}'>x</nova:property>`;
    const properties = property('__proto__') + property('constructor');
    const { imageProperties = {} } = ownerOf(
      nova(`<nova:image><nova:properties>${properties}</nova:properties></nova:image>`),
    );
    expect(Object.entries(imageProperties)).to.deep.equal([
      ['__proto__', 'x'],
      ['constructor', 'x'],
    ]);
  });

  it('is oVirt by either of its namespaces', () => {
    for (const namespace of ['http://ovirt.org/vm/1.0', 'http://ovirt.org/vm/tune/1.0']) {
      const { kind, rewrittenBy } = ownerOf(`<o:vm xmlns:o='${namespace}'/>`);
      expect({ kind, rewrittenBy }, namespace).to.deep.equal({
        kind: 'ovirt',
        rewrittenBy: 'the oVirt engine rewrites it whenever it starts the VM',
      });
    }
  });

  it('is KubeVirt by its element, with its namespace or without', () => {
    expect(ownerOf("<kubevirt xmlns='http://kubevirt.io'><uid/></kubevirt>").kind).to.equal('kubevirt');
    expect(ownerOf('<kubevirt><uid/></kubevirt>').kind).to.equal('kubevirt');
    expect(ownerOf("<kubevirt xmlns='urn:x'/>").kind).to.equal('none');
  });

  it('is who will write it anew, when virt-install made it first', () => {
    const libosinfo =
      "<l:libosinfo xmlns:l='http://libosinfo.org/xmlns/libvirt/domain/1.0'><l:os id='http://debian.org/debian/12'/></l:libosinfo>";
    expect(ownerOf(libosinfo)).to.deep.equal({ kind: 'libosinfo', label: 'virt-manager or virt-install' });
    expect(ownerOf(libosinfo + nova('')).kind).to.equal('nova');
  });
});
