import { expect } from 'chai';
import { readTscCounter } from '../../src/domxml/hostCapabilities.js';
import { XmlError } from '../../src/domxml/xmlError.js';

const capabilities = (cpu: string) => `<capabilities>

  <host>
    <uuid>576bce15-d02e-432b-8719-eaa69c4e6800</uuid>
    <cpu>
      <arch>x86_64</arch>
      <model>kvm64</model>
      ${cpu}
      <topology sockets='1' dies='1' cores='2' threads='1'/>
    </cpu>
    <topology><cells num='1'><cell id='0'><cpus num='1'><cpu id='0'><counter name='tsc' frequency='1'/></cpu></cpus></cell></cells></topology>
  </host>
  <guest><os_type>hvm</os_type></guest>
</capabilities>
`;

describe("the TSC in libvirt's capabilities", () => {
  for (const [written, expected] of [
    [
      "<counter name='tsc' frequency='2599998000' scaling='no'/>",
      { frequencyHz: 2_599_998_000, scaling: false },
    ],
    [
      "<counter name='tsc' frequency='2599998000' scaling='yes'/>",
      { frequencyHz: 2_599_998_000, scaling: true },
    ],
    ["<counter name='tsc' frequency='2599998000'/>", { frequencyHz: 2_599_998_000, scaling: null }],
    ["<counter name='other' frequency='5'/>", null],
    ["<counter name='tsc'/>", null],
    ["<counter name='tsc' frequency='much'/>", null],
    ['', null],
  ] as const) {
    it(`is ${JSON.stringify(expected)} with ${written || 'nothing'}`, () => {
      expect(readTscCounter(capabilities(written))).to.deep.equal(expected);
    });
  }

  it('is not guessed from malformed text', () => {
    expect(() => readTscCounter('<capabilities><host>')).to.throw(XmlError);
  });
});
