import { expect } from 'chai';
import { readDefinition } from '../../src/domxml/definition.js';
import { tinyDomainXml } from '../support/tinyDomain.js';

interface Parts {
  readonly name?: string;
  readonly clock?: string;
  readonly metadata?: string;
  readonly extra?: string;
  readonly devices?: string;
  /** Children of `<os>`. */
  readonly os?: string;
}

function guestOf({ name = 'guest', clock = '', metadata = '', extra = '', devices = '', os = '' }: Parts) {
  const inside = `${extra}${metadata && `<metadata>${metadata}</metadata>`}`;
  const xml = tinyDomainXml({ name, clock, type: 'kvm', extra: inside, devices });
  return readDefinition(xml.replace('</os>', `${os}</os>`), null).guestOs;
}

const family = (parts: Parts) => {
  const guest = guestOf(parts);
  return `${guest.family} ${guest.confidence}`;
};
const libosinfo = (id: string) =>
  `<l:libosinfo xmlns:l='http://libosinfo.org/xmlns/libvirt/domain/1.0'><l:os id='${id}'/></l:libosinfo>`;
const nova = (properties: Record<string, string>, name = 'vm') => {
  const elements = Object.entries(properties).map(
    ([key, value]) => `<n:property name='${key}'>${value}</n:property>`,
  );
  return `<n:instance xmlns:n='http://openstack.org/xmlns/libvirt/nova/1.1'><n:name>${name}</n:name>
    <n:image><n:properties>${elements.join('')}</n:properties></n:image></n:instance>`;
};
const ovirt = "<o:vm xmlns:o='http://ovirt.org/vm/1.0'/>";
const enlightened = "<features><hyperv><relaxed state='on'/></hyperv></features>";
const hypervclock = (offset: string) =>
  `<clock offset='${offset}'><timer name='hypervclock' present='yes'/></clock>`;
const kernel = '<kernel>/boot/vmlinuz</kernel><cmdline>root=/dev/vda</cmdline>';
const windows = 'http://microsoft.com/win/11';
const debian = 'http://debian.org/debian/12';
const cdrom = (file: string) =>
  `<disk type='file' device='cdrom'><source file='${file}'/><target dev='sda'/></disk>`;
const tpm = (version: string) => `<tpm model='tpm-crb'><backend type='emulator' version='${version}'/></tpm>`;
const secureLoader = "<loader secure='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE.secboot.fd</loader>";

describe("a guest's operating system", () => {
  it('is unknown where nothing names it', () => {
    expect(guestOf({})).to.deep.equal({
      family: 'unknown',
      confidence: 'none',
      evidence: 'nothing in the definition names it',
    });
  });

  it('is what libosinfo recorded', () => {
    expect(family({ metadata: libosinfo(windows) })).to.equal('windows strong');
    expect(family({ metadata: libosinfo(debian) })).to.equal('linux strong');
    expect(family({ metadata: libosinfo('http://freebsd.org/freebsd/14.0') })).to.equal('bsd strong');
    expect(family({ metadata: libosinfo('http://libosinfo.org/unknown') })).to.equal('unknown none');
    const { evidence } = guestOf({ metadata: libosinfo(`http://x.org/${'y'.repeat(5000)}`) });
    expect(evidence.length).to.be.below(300);
  });

  it("is what nova's image property says, whatever else speaks against it", () => {
    expect(family({ metadata: nova({ os_type: 'windows' }) })).to.equal('windows strong');
    expect(family({ metadata: nova({ os_type: 'Linux' }) })).to.equal('linux strong');
    expect(family({ metadata: nova({ os_distro: 'freebsd' }) })).to.equal('bsd strong');
    expect(family({ metadata: nova({ os_type: 'beos', os_distro: 'haiku' }) })).to.equal('other strong');
    expect(guestOf({ metadata: nova({ os_type: 'windows', os_distro: 'ubuntu' }) })).to.deep.equal({
      family: 'windows',
      confidence: 'strong',
      evidence: 'nova image property os_type=windows, against nova image property os_distro=ubuntu',
    });
    expect(guestOf({ metadata: libosinfo(debian) + nova({ os_type: 'windows' }) })).to.deep.equal({
      family: 'windows',
      confidence: 'strong',
      evidence: `nova image property os_type=windows, against libosinfo id ${debian}`,
    });
    expect(family({ metadata: nova({ os_type: 'linux' }), clock: hypervclock('localtime') })).to.equal(
      'linux strong',
    );
  });

  it("is Windows by nova's own clock for it, and by nothing less", () => {
    expect(family({ metadata: nova({}), clock: hypervclock('localtime') })).to.equal('windows strong');
    expect(family({ metadata: nova({}), clock: hypervclock('utc') })).to.equal('windows medium');
    expect(family({ clock: hypervclock('localtime') })).to.equal('windows medium');
    expect(family({ metadata: nova({}), clock: "<clock offset='localtime'/>" })).to.equal('unknown none');
  });

  it('is Linux where a kernel and its command line boot it, for certain unless libosinfo disagrees', () => {
    expect(family({ os: kernel })).to.equal('linux strong');
    expect(family({ os: '<kernel>/boot/ipxe.lkrn</kernel>' })).to.equal('unknown none');
    expect(family({ os: kernel, metadata: libosinfo(debian) })).to.equal('linux strong');
    expect(family({ os: kernel, metadata: libosinfo('http://netbsd.org/netbsd/9.0') })).to.equal(
      'bsd strong',
    );
    expect(guestOf({ os: kernel, metadata: libosinfo(windows) })).to.deep.equal({
      family: 'linux',
      confidence: 'weak',
      evidence: `booted from a kernel and a command line, against libosinfo id ${windows}`,
    });
  });

  it('is perhaps Windows with Hyper-V features, of which the name of their vendor is none', () => {
    expect(guestOf({ extra: enlightened })).to.deep.equal({
      family: 'windows',
      confidence: 'weak',
      evidence: 'Hyper-V features are on, which Linux guests are given too',
    });
    const clock = (attributes: string) => `<clock ${attributes}/>`;
    expect(family({ extra: enlightened, clock: clock("offset='utc'") })).to.equal('windows weak');
    expect(family({ extra: enlightened, clock: clock("offset='variable' adjustment='7200'") })).to.equal(
      'windows weak',
    );
    expect(family({ extra: enlightened, clock: clock("offset='timezone' timezone='UTC'") })).to.equal(
      'windows weak',
    );
    const vendor = "<vendor_id state='on' value='KVMKVMKVM'/>";
    expect(family({ extra: `<features><hyperv>${vendor}</hyperv></features>` })).to.equal('unknown none');
    expect(family({ extra: `<features><hyperv>${vendor}<vapic state='on'/></hyperv></features>` })).to.equal(
      'windows weak',
    );
  });

  it('is probably Windows where something else agrees with Hyper-V features', () => {
    const agreeing: Parts[] = [
      { clock: "<clock offset='localtime'/>" },
      { clock: "<clock offset='localtime' adjustment='60'/>" },
      { clock: "<clock offset='timezone' timezone='Europe/Paris'/>" },
      { clock: "<clock offset='variable' basis='localtime'/>" },
      { clock: hypervclock('utc') },
      { name: 'win2k19-dc' },
      { devices: cdrom('/iso/virtio-win.iso') },
      { devices: tpm('2.0'), os: secureLoader },
    ];
    for (const parts of agreeing) {
      expect(family({ ...parts, extra: enlightened }), JSON.stringify(parts)).to.equal('windows medium');
    }
    expect(guestOf({ extra: enlightened, name: 'win2k19-dc' }).evidence).to.equal(
      "Hyper-V features are on and the name 'win2k19-dc'",
    );
  });

  it('is perhaps Windows with Hyper-V features where a name speaks against it', () => {
    expect(guestOf({ extra: enlightened, name: 'ubuntu-gpu' })).to.deep.equal({
      family: 'windows',
      confidence: 'weak',
      evidence: "Hyper-V features are on, against the name 'ubuntu-gpu'",
    });
    expect(family({ extra: "<features><hyperv><relaxed state='off'/></hyperv></features>" })).to.equal(
      'unknown none',
    );
    expect(family({ extra: "<features><hyperv mode='passthrough'/></features>" })).to.equal('windows weak');
  });

  it('is probably Windows in oVirt with Hyper-V features, and never what its SMBIOS strings name', () => {
    const clock = "<clock offset='variable' adjustment='3600'/>";
    const sysinfo =
      "<sysinfo type='smbios'><system><entry name='product'>RHEL</entry><entry name='version'>Windows</entry></system></sysinfo>";
    expect(guestOf({ metadata: ovirt, clock, extra: enlightened + sysinfo })).to.deep.equal({
      family: 'windows',
      confidence: 'medium',
      evidence: 'Hyper-V features are on, which oVirt gives to Windows guests',
    });
    expect(family({ metadata: ovirt, clock, extra: sysinfo })).to.equal('unknown none');
  });

  it('is perhaps Windows with its installation media or its drivers in the drive', () => {
    const media = [
      'virtio-win.iso',
      'virtio-win-0.1.240.ISO',
      'Win11_23H2_English_x64.iso',
      'en_windows_server_2019_x64_dvd.iso',
      'SW_DVD9_Win_Server_STD_CORE_2022.ISO',
      '20348.169.210806-2348.fe_release_svc_refresh_SERVER_EVAL_x64FRE_en-us.iso',
    ];
    for (const file of media) {
      expect(guestOf({ devices: cdrom(`/iso/${file}`) }), file).to.deep.equal({
        family: 'windows',
        confidence: 'weak',
        evidence: `a CD-ROM named ${file}`,
      });
    }
    for (const file of ['debian-12.iso', 'darwin11.iso', 'win11.img', 'virtio-win/x.iso', '']) {
      expect(family({ devices: cdrom(`/iso/${file}`) }), file).to.equal('unknown none');
    }
    expect(family({ devices: cdrom('/iso/virtio-win.iso').replace("'cdrom'", "'disk'") })).to.equal(
      'unknown none',
    );
    expect(family({ devices: cdrom(`/iso/${'win-'.repeat(200_000)}`) })).to.equal('unknown none');
  });

  it('is perhaps what its name says', () => {
    const names: Record<string, readonly string[]> = {
      windows: [
        ...[
          'win2k19',
          'win-dc01',
          'windows-11',
          'Windows_Server',
          'w11',
          'w10-desktop',
          'w2k8r2',
          'vdi-winxp',
        ],
        ...['winsrv2022', 'WIN10', 'desktops_vm-windows-11', 'mswin7'],
      ],
      linux: [
        'ubuntu',
        'ubuntu2204',
        'debian12-web',
        'rhel9',
        'centos-7',
        'fedora40',
        'my-linux',
        'opensuse-leap',
      ],
      bsd: ['freebsd14', 'pfsense'],
    };
    for (const [expected, all] of Object.entries(names)) {
      for (const name of all) expect(family({ name }), name).to.equal(`${expected} weak`);
    }
    const strangers = [
      'winston',
      'darwin',
      'twin1',
      'window',
      'almanac',
      'suselle',
      'w110',
      'w1',
      'web-1',
      'linuxone',
    ];
    for (const name of [...strangers, 'backup-for-windows', 'edited-on-windows', 'ubuntu-or-windows']) {
      expect(family({ name }), name).to.equal('unknown none');
    }
  });

  it('is perhaps what its title, display name or description says', () => {
    expect(guestOf({ extra: '<title>Mail (Debian)</title>' })).to.deep.equal({
      family: 'linux',
      confidence: 'weak',
      evidence: "the title 'Mail (Debian)'",
    });
    expect(guestOf({ metadata: nova({}, 'win2022-ad') }).evidence).to.equal("the display name 'win2022-ad'");
    const description = '<description>\n  Windows 11 for the accountants\n</description>';
    expect(guestOf({ extra: description })).to.deep.equal({
      family: 'windows',
      confidence: 'weak',
      evidence: 'the description',
    });
    expect(guestOf({ name: 'debian', extra: '<title>Windows</title>' }).family).to.equal('linux');
    expect(family({ extra: '<description>Debian, was Windows</description>' })).to.equal('unknown none');
    expect(family({ name: `${'on-'.repeat(500_000)}windows` })).to.equal('unknown none');
  });

  it('is perhaps Windows with a TPM 2.0 and secure boot together', () => {
    const firmware = "<firmware><feature enabled='yes' name='secure-boot'/></firmware>";
    expect(guestOf({ devices: tpm('2.0'), os: secureLoader })).to.deep.equal({
      family: 'windows',
      confidence: 'weak',
      evidence: 'a TPM 2.0 with secure boot',
    });
    expect(family({ devices: tpm('2.0'), os: firmware })).to.equal('windows weak');
    expect(family({ devices: tpm('2.0') })).to.equal('unknown none');
    expect(family({ devices: tpm('1.2'), os: secureLoader })).to.equal('unknown none');
    expect(family({ os: firmware.replace("'yes'", "'no'"), devices: tpm('2.0') })).to.equal('unknown none');
    expect(family({ os: secureLoader, devices: tpm('2.0'), name: 'fedora40' })).to.equal('linux weak');
  });

  it('is never certain by hints alone, however many agree', () => {
    const all = { name: 'win11', devices: cdrom('/virtio-win.iso') + tpm('2.0'), os: secureLoader };
    expect(family(all)).to.equal('windows weak');
    expect(family({ ...all, metadata: libosinfo(debian) })).to.equal('linux strong');
  });
});
