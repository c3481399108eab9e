import { domainElement } from './domainForThisHost.js';
import { domainFixtures } from './fixtures.js';
import { tinyDomainXml } from './tinyDomain.js';

/** A definition with something to mend. */
export interface RemediationCase {
  readonly name: string;
  readonly xml: string;
  /** Whether something is wrong with it that can be mended. */
  readonly isWrong: boolean;
}

type Part = Omit<Parameters<typeof tinyDomainXml>[0], 'name' | 'clock'> & { readonly clock?: string };

const rootAttributes = "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'";

function operatingSystem(id: string): string {
  const namespace = "xmlns:libosinfo='http://libosinfo.org/xmlns/libvirt/domain/1.0'";
  return `<metadata><libosinfo:libosinfo ${namespace}><libosinfo:os id='${id}'/></libosinfo:libosinfo></metadata>`;
}
const windows = operatingSystem('http://microsoft.com/win/2k22');
const linux = operatingSystem('http://fedoraproject.org/fedora/40');

const clock = (attributes: string, timers = '') => ({ clock: `<clock ${attributes}>${timers}</clock>` });
const utc = (timers: string) => clock("offset='utc'", timers);
const passed = (...words: string[]) => passedTo(linux, ...words);
const passedTo = (guest: string, ...words: string[]) => ({
  extra: `${guest}<qemu:commandline>${words.map((word) => `<qemu:arg value='${word}'/>`).join('')}</qemu:commandline>`,
});
const cpu = (inside: string, mode = 'host-passthrough') => `<cpu mode='${mode}'>${inside}</cpu>`;
const hyperv = (children: string) => `<features><acpi/><hyperv>${children}</hyperv></features>`;
const hypervclock = "<timer name='hypervclock' present='yes'/>";

/** Every way that was thought of in which each thing can come to be wrong, beyond what the fixtures show. */
const WAYS: Readonly<Record<string, Part>> = {
  'an absolute offset': clock("offset='absolute' start='1262304000'"),
  'no clock for Windows': { extra: windows },
  'an empty clock for Windows': { clock: '<clock/>', extra: windows },
  'UTC for Windows': { ...utc(''), extra: windows },
  'a reset adjustment for Windows': { ...clock("offset='utc' adjustment='reset'"), extra: windows },
  'local time for Linux': { ...clock("offset='localtime'"), extra: linux },
  'a time zone for Linux': { ...clock("offset='timezone' timezone='Europe/Paris'"), extra: linux },
  'an odd adjustment': clock("offset='variable' adjustment='4000' basis='utc'"),
  'an odd adjustment of Windows': {
    ...clock("offset='variable' adjustment='4000' basis='localtime'"),
    extra: windows,
  },
  'a base that is passed through': passed('-rtc', 'base=localtime'),
  'a base among others': passed('-rtc', 'base=2010-01-01T00:00:00,driftfix=slew'),
  'a variable TZ': {
    ...clock("offset='localtime'"),
    extra: `${windows}<qemu:commandline><qemu:env name='TZ' value='Mars/Phobos'/></qemu:commandline>`,
  },
  'a variable TZ over a time zone': {
    ...clock("offset='timezone' timezone='Europe/Paris'"),
    extra: `${windows}<qemu:commandline><qemu:env name='TZ' value='Mars/Phobos'/></qemu:commandline>`,
  },
  'track guest': utc("<timer name='rtc' track='guest' tickpolicy='catchup'/><timer name='pit'/>"),
  'track realtime': utc("<timer name='pit' tickpolicy='delay'/><timer name='rtc' track='realtime'/>"),
  'track guest twice': utc("<timer name='rtc' track='guest'/><timer name='rtc' track='guest'/>"),
  'a clock=vm that is passed through': passed('-rtc', 'clock=vm'),
  'a clock=rt among others': passed('-rtc', 'base=utc,clock=rt,driftfix=slew'),
  'a kvmclock that is off': utc("<timer name='kvmclock' present='no'/>"),
  'a kvmclock that is off twice': utc(
    "<timer name='kvmclock' present='no'/><timer name='hpet' present='no'/><timer name='kvmclock' present='no'/>",
  ),
  'a hidden KVM': { extra: `${linux}<features><kvm><hidden state='on'/></kvm></features>` },
  'a hidden hypervisor': { extra: linux + cpu("<feature policy='disable' name='hypervisor'/>") },
  'both hidden, and kvmclock off': {
    ...utc("<timer name='kvmclock' present='no'/>"),
    extra: `${linux}<features><kvm><hidden state='on'/></kvm></features>${cpu("<feature policy='disable' name='hypervisor'/>")}`,
  },
  'a -cpu without kvmclock': passed('-cpu', 'max,kvmclock=off'),
  'a -cpu that hides KVM': passed('-cpu', 'max,kvm=off,hv-time=on'),
  'a -cpu that hides the hypervisor': passed('-cpu', 'max,-hypervisor'),
  'a -global without kvmclock': passed('-global', 'max-x86_64-cpu.kvmclock=off', '-cpu', 'max'),
  'an hpet by default': utc("<timer name='rtc' tickpolicy='catchup'/>"),
  'an hpet by default, without a clock': { extra: linux },
  'an hpet by default, with an empty clock': { clock: "<clock offset='utc'/>", extra: linux },
  'an hpet that is asked for': utc("<timer name='hpet' present='yes'/><timer name='rtc'/>"),
  'an hpet off, and then on': utc("<timer name='hpet' present='no'/><timer name='hpet' present='yes'/>"),
  'an hpet that is passed through': {
    ...utc("<timer name='hpet' present='no'/>"),
    ...passed('-machine', 'hpet=on'),
  },
  'Windows without hypervclock': { ...clock("offset='localtime'"), extra: windows },
  'Windows with hypervclock off': {
    ...clock("offset='localtime'", "<timer name='hypervclock' present='no'/>"),
    extra: windows,
  },
  'Windows with a hidden hypervisor': {
    ...clock("offset='localtime'", hypervclock),
    extra: windows + cpu("<feature policy='disable' name='hypervisor'/>"),
  },
  'Windows with a -cpu without hv-time': {
    ...clock("offset='localtime'", hypervclock),
    ...passedTo(windows, '-cpu', 'max,hv-vpindex=on,hv-synic=on,hv-time=off'),
  },
  'stimer alone': {
    ...clock("offset='localtime'"),
    extra: windows + hyperv("<stimer state='on'/>"),
  },
  'stimer with synic off': {
    ...clock("offset='localtime'", hypervclock),
    extra: windows + hyperv("<vpindex state='on'/><synic state='off'/><stimer state='on'/>"),
  },
  'synic without vpindex': {
    ...clock("offset='localtime'", hypervclock),
    extra: windows + hyperv("<relaxed state='on'/><synic state='on'/>"),
  },
  'Windows without stimer': {
    ...clock("offset='localtime'", hypervclock),
    extra: windows + hyperv("<relaxed state='on'/><vapic state='on'/>"),
  },
  'Windows without any enlightenment': {
    ...clock("offset='localtime'", hypervclock),
    extra: `${windows}<features><acpi/></features>`,
  },
  'Windows without any feature': { ...clock("offset='localtime'", hypervclock), extra: windows },
  'invtsc without a frequency': { extra: linux + cpu("<feature policy='require' name='invtsc'/>") },
  'invtsc with a tsc timer without a frequency': {
    ...utc("<timer name='tsc' mode='native'/>"),
    extra: linux + cpu("<feature policy='require' name='invtsc'/>"),
  },
  'a frequency that this host has not': {
    ...utc("<timer name='tsc' frequency='1000000'/>"),
    extra: linux + cpu("<feature policy='require' name='invtsc'/>"),
  },
  'no agent channel': { ...utc("<timer name='hpet' present='no'/>"), extra: linux },
  'another channel': {
    ...utc("<timer name='hpet' present='no'/>"),
    extra: linux,
    devices: "<channel type='unix'><target type='virtio' name='com.example.0'/></channel>",
  },
};

const arm64 = `<domain type='qemu'>
  <name>arm64</name>
  <memory unit='MiB'>64</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='aarch64' machine='virt'>hvm</type>
  </os>
  <cpu mode='custom' match='exact'>
    <model fallback='forbid'>cortex-a57</model>
  </cpu>
  <clock offset='utc'>
    <timer name='rtc' track='guest'/>
    <timer name='kvmclock' present='no'/>
  </clock>
  <devices>
    <emulator>/usr/bin/qemu-system-aarch64</emulator>
    <memballoon model='none'/>
  </devices>
</domain>
`;

/** The domain fixtures, and the further ways above. */
export function remediationCases(): RemediationCase[] {
  return [
    ...domainFixtures().map(({ name, xml, patch }) => ({
      name,
      xml: domainElement(xml),
      isWrong: patch === 'fixes',
    })),
    ...Object.entries(WAYS).map(([name, part]) => ({
      name,
      xml: tinyDomainXml({
        type: 'kvm',
        ...part,
        name: name.replaceAll(/[^\w]+/g, '-'),
        clock: part.clock ?? '',
        rootAttributes,
      }),
      isWrong: true,
    })),
    { name: 'a kvmclock timer on ARM', xml: arm64, isWrong: true },
  ];
}
