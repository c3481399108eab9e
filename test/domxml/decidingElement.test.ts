import { expect } from 'chai';
import fc from 'fast-check';
import { positionAt, positionsIn } from '../../src/domxml/decidingElement.js';
import { tinyDomainXml } from '../support/tinyDomain.js';

/** What stands at a position, up to the end of its line. */
function textAt(text: string, { line, column }: { line: number; column: number }): string {
  const found = text.replace(/^\uFEFF/, '').split('\n')[line - 1];
  return (found ?? 'no such line').slice(column - 1);
}

const QEMU = "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'";

describe('the element that decided', () => {
  const xml = tinyDomainXml({
    name: 'x',
    type: 'kvm',
    rootAttributes: QEMU,
    clock: `<clock offset='utc'>
    <timer name='rtc' track='guest'/>
    <timer name='rtc' track='wall'/>
    <timer name='kvmclock' present='yes'/><timer name='kvmclock' present='no'/>
  </clock>
  <clock adjustment='60'/>`,
    extra: `<features><kvm><hidden state='on'/></kvm><hyperv mode='custom'/><ioapic driver='qemu'/></features>
  <cpu mode='host-model'><feature policy='disable' name='vmx'/><feature policy='disable' name='hypervisor'/></cpu>
  <qemu:commandline><qemu:arg value='-rtc'/><qemu:arg value='base=localtime'/><qemu:arg value='-cpu'/>
    <qemu:arg value='host,-kvmclock'/><qemu:env name='TZ' value='UTC'/></qemu:commandline>`,
    devices:
      "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel><channel type='pty'/>",
  });
  const named = (decidedBy: string) => textAt(xml, positionsIn(xml)(decidedBy));

  for (const [decidedBy, begins] of [
    ["timer rtc track='guest'", "<timer name='rtc' track='guest'/>"],
    ["timer kvmclock present='no'", "<timer name='kvmclock' present='no'/>"],
    ["timer 'kvmclock' with a tickpolicy", "<timer name='kvmclock' present='no'/>"],
    ["clock offset='utc'", "<clock offset='utc'>"],
    ["clock adjustment='60'", "<clock adjustment='60'/>"],
    ["kvm hidden state='on'", "<hidden state='on'/>"],
    ["hyperv mode='passthrough'", "<hyperv mode='custom'/>"],
    ["ioapic driver='qemu'", "<ioapic driver='qemu'/>"],
    ["cpu feature hypervisor policy='disable'", "<feature policy='disable' name='hypervisor'/>"],
    ['qemu:arg -rtc base=localtime', "<qemu:arg value='base=localtime'/>"],
    ['qemu:arg -cpu kvmclock=off', "<qemu:arg value='host,-kvmclock'/>"],
    ['the default of qemu:arg -cpu', "<qemu:arg value='-cpu'/>"],
    ['qemu:env TZ', "<qemu:env name='TZ'"],
    ['qemu:env TZ=UTC', "<qemu:env name='TZ'"],
    ["domain type='kvm'", "<domain type='kvm'"],
    ['agent channel', "<channel type='unix'>"],
    ['<cpu>', "<cpu mode='host-model'>"],
  ] as const) {
    it(`is found by ${decidedBy}`, () => {
      expect(named(decidedBy).startsWith(begins), named(decidedBy)).to.equal(true);
    });
  }

  it('is the clock where nothing was written, and the domain without a clock', () => {
    for (const decidedBy of ["QEMU's default", 'the architecture', 'timer hpet', '<metadata>', '']) {
      expect(named(decidedBy), decidedBy).to.match(/^<clock offset='utc'>/);
    }
    const without = tinyDomainXml({ name: 'x', clock: '' });
    expect(positionsIn(without)("QEMU's default")).to.deep.equal({ line: 1, column: 1 });
    expect(textAt(without, positionsIn(without)('agent channel'))).to.equal('<devices>');
  });

  it('is where a text is malformed', () => {
    expect(positionsIn('<domain>\n  <clock')('<clock>')).to.include({ line: 2 });
  });

  it('is on the right line whatever ends the lines, and columns count UTF-16 code units', () => {
    const text =
      '\uFEFF<domain type="kvm"><!-- 😀ü --><name>漢😀</name>\r\n\r\n<!-- 😀 --><clock offset="utc">\r\n\t<timer name="rtc"/></clock></domain>';
    const find = positionsIn(text);
    expect(find("clock offset='utc'")).to.deep.equal({ line: 3, column: 12 });
    expect(find('timer rtc')).to.deep.equal({ line: 4, column: 2 });
    expect(find('<name>')).to.deep.equal({ line: 1, column: 32 });
    expect(find('domain type=')).to.deep.equal({ line: 1, column: 1 });
  });
});

describe('a position in a text', () => {
  it('leads to where it was taken from', () => {
    const lines = fc.array(fc.constantFrom('a', '😀', '\r\n', '\n', '\t', 'ü'), { minLength: 1 });
    fc.assert(
      fc.property(lines, fc.nat(), (parts, at) => {
        const text = `\uFEFF${parts.join('')}`;
        const offset = 1 + (at % (text.length - 1));
        const found = positionAt(text, offset);
        expect(textAt(text, found)).to.equal(text.slice(offset).split('\n')[0]);
      }),
    );
  });
});
