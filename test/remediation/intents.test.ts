import { expect } from 'chai';
import type { HostFacts } from '../../src/facts/host.js';
import { planPatch } from '../../src/remediation/patch.js';
import { args, hostWithTsc, patchContext, STIMER, WINDOWS } from '../support/patchPlans.js';

const CHECKS = [
  ...['clock-offset', 'kvmclock', 'hypervclock', 'hyperv-dependencies', 'hyperv-stimer', 'hpet'],
  ...['invtsc-migration', 'tsc-frequency', 'foreign-timers', 'agent-channel'],
].map((name) => `domain/${name}`);

interface Case {
  readonly before: string;
  /** The same without an edit: what is wrong cannot be mended here. */
  readonly after: string | 'refused' | 'nothing-to-fix';
  readonly host?: Partial<HostFacts>;
  /** The attributes of `<type>`. */
  readonly type?: string;
  /** What is mended beside the check itself, without which that would not be well. */
  readonly with?: readonly string[];
}

/** Plans for one check alone; the rest of the definition is what it is. */
function patched(
  check: string,
  { before, host, type = "arch='x86_64' machine='q35'", with: also }: Case,
): string {
  const asked = new Set([check, ...(also ?? [])].map((name) => `domain/${name}`));
  const context = patchContext(
    host,
    CHECKS.filter((id) => !asked.has(id)),
  );
  const head = `<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><os><type ${type}>hvm</type></os>`;
  const plan = planPatch(`${head}${before}</domain>`, context);
  return plan.kind === 'patch' ? plan.after.slice(head.length, -'</domain>'.length) : plan.kind;
}

const HPET = "<timer name='hpet' present='no'/>";
const HYPERVCLOCK = "<timer name='hypervclock' present='yes'/>";
const CHANNEL = "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>";
const INVTSC = "<cpu mode='host-passthrough'><feature policy='require' name='invtsc'/></cpu>";
const hyperv = (inside: string) => `<features><hyperv>${inside}</hyperv></features>`;
const windows = (inside: string) => `${WINDOWS}${inside}`;

const cases: Record<string, Record<string, Case>> = {
  hpet: {
    'adds the timer behind the last one': {
      before: "<clock offset='utc'><timer name='rtc'/><timer name='pit'/></clock>",
      after: `<clock offset='utc'><timer name='rtc'/><timer name='pit'/>${HPET}</clock>`,
    },
    'turns the timer where it stands': {
      before: "<clock offset='utc'><timer name='hpet' present=\"yes\"/><timer name='pit'/></clock>",
      after: "<clock offset='utc'><timer name='hpet' present=\"no\"/><timer name='pit'/></clock>",
    },
    'says it on a timer that says nothing': {
      before: "<clock offset='utc'><timer name='hpet' tickpolicy='delay'/></clock>",
      after: "<clock offset='utc'><timer present='no' name='hpet' tickpolicy='delay'/></clock>",
    },
    'turns each of two timers that are on, and no third one': {
      before:
        "<clock offset='utc'><timer name='hpet' present='yes'/><timer name='hpet'/><timer name='hpet' present='yes'/></clock>",
      after:
        "<clock offset='utc'><timer name='hpet' present='no'/><timer name='hpet'/><timer name='hpet' present='no'/></clock>",
    },
    'opens an empty clock': {
      before: "<clock offset='utc'/>",
      after: `<clock offset='utc'>${HPET}</clock>`,
    },
    'adds a clock': {
      before: "<cpu mode='host-passthrough'/>",
      after: `<cpu mode='host-passthrough'/><clock offset='utc'>${HPET}</clock>`,
    },
    'goes behind the last timer of two clocks': {
      before: "<clock offset='utc'><timer name='rtc'/></clock><clock><timer name='pit'/></clock>",
      after: `<clock offset='utc'><timer name='rtc'/></clock><clock><timer name='pit'/>${HPET}</clock>`,
    },
    'goes into the first of two clocks without timers': {
      before: "<clock offset='utc'/><clock/>",
      after: `<clock offset='utc'>${HPET}</clock><clock/>`,
    },
    'leaves a clock of another namespace': {
      before: "<x:clock xmlns:x='urn:x'/><clock offset='utc'/>",
      after: `<x:clock xmlns:x='urn:x'/><clock offset='utc'>${HPET}</clock>`,
    },
    'takes the argument away that switched it on again': {
      before: `<clock offset='utc'>${HPET}</clock>${args('-machine', 'usb=off,hpet=on')}`,
      after: `<clock offset='utc'>${HPET}</clock>${args('-machine', 'usb=off')}`,
    },
    'takes the argument away and adds the timer': {
      before: `<clock offset='utc'/>${args('-machine', 'hpet=on')}`,
      after: `<clock offset='utc'>${HPET}</clock>${args()}`,
    },
    'gives up where libvirt is told to say nothing of it': {
      before:
        "<clock offset='utc'/><qemu:capabilities><qemu:del capability='no-hpet'/><qemu:del capability='machine-hpet'/></qemu:capabilities>",
      after: 'refused',
    },
  },
  hypervclock: {
    'adds the timer, and what a guest with it wants': {
      before: windows("<clock offset='localtime'/>"),
      after: `${hyperv("<vpindex state='on'/><synic state='on'/><stimer state='on'/>")}${windows(`<clock offset='localtime'>${HYPERVCLOCK}</clock>`)}`,
      with: ['hyperv-stimer'],
    },
    'adds the timer alone where nobody wants more': {
      before: windows("<clock offset='localtime'/>"),
      after: windows(`<clock offset='localtime'>${HYPERVCLOCK}</clock>`),
    },
    'turns the timer': {
      before: windows("<clock offset='localtime'><timer name='hypervclock' present='no'/></clock>"),
      after: windows(`<clock offset='localtime'>${HYPERVCLOCK}</clock>`),
    },
    'turns an argument': {
      before: windows(`<clock offset='localtime'/>${args('-cpu', 'host,hv_time=off,hv-vapic')}`),
      after: windows(`<clock offset='localtime'/>${args('-cpu', 'host,hv-time=on,hv-vapic')}`),
    },
    'turns an argument with a minus': {
      before: windows(`<clock offset='localtime'/>${args('-cpu', 'host,-hv-time')}`),
      after: windows(`<clock offset='localtime'/>${args('-cpu', 'host,hv-time=on')}`),
    },
    'takes a -global away and adds the timer': {
      before: windows(`<clock offset='localtime'/>${args('-global', 'cpu.hv-time=off')}`),
      after: windows(`<clock offset='localtime'>${HYPERVCLOCK}</clock>${args()}`),
    },
    'shows the hypervisor': {
      before: windows(
        `<cpu mode='host-passthrough'><feature policy='disable' name='hypervisor'/></cpu><clock offset='localtime'>${HYPERVCLOCK}</clock>`,
      ),
      after: windows(`<cpu mode='host-passthrough'></cpu><clock offset='localtime'>${HYPERVCLOCK}</clock>`),
    },
    'shows the hypervisor in an argument': {
      before: windows(`<clock offset='localtime'/>${args('-cpu', 'host,hypervisor=off,hv-time')}`),
      after: windows(`<clock offset='localtime'/>${args('-cpu', 'host,hv-time')}`),
    },
    'gives up where a -cpu is passed through that does not speak of it': {
      before: windows(`<clock offset='localtime'/>${args('-cpu', 'host')}`),
      after: 'refused',
    },
  },
  'hyperv-dependencies': {
    'adds what is lacking, the foundation first, and the clock': {
      before: `${hyperv("<relaxed state='on'/><stimer state='on'/>")}<clock offset='utc'/>`,
      after: `${hyperv("<relaxed state='on'/><stimer state='on'/><vpindex state='on'/><synic state='on'/>")}<clock offset='utc'>${HYPERVCLOCK}</clock>`,
    },
    'switches on what is off, where it decides': {
      before: `${hyperv("<vpindex state='off'/><ipi state='on'/>")}${hyperv("<vpindex state='off'/>")}`,
      after: `${hyperv("<vpindex state='off'/><ipi state='on'/>")}${hyperv("<vpindex state='on'/>")}`,
    },
    'adds to the last of two blocks': {
      before: `${hyperv("<evmcs state='on'/>")}${hyperv("<relaxed state='on'/>")}`,
      after: `${hyperv("<evmcs state='on'/>")}${hyperv("<relaxed state='on'/><vapic state='on'/>")}`,
    },
    'adds to libvirt what a -global wants': {
      before: `<features><acpi/></features>${args('-global', 'cpu.hv-synic=on')}`,
      after: `<features><acpi/>${"<hyperv><vpindex state='on'/></hyperv>"}</features>${args('-global', 'cpu.hv-synic=on')}`,
    },
    'gives up on a -cpu that is passed through': {
      before: args('-cpu', 'host,hv-synic'),
      after: 'refused',
    },
  },
  'hyperv-stimer': {
    'adds a block to the last features': {
      before: windows(
        `<features/><features><acpi/></features><clock offset='localtime'>${HYPERVCLOCK}</clock>`,
      ),
      after: windows(
        `<features/><features><acpi/><hyperv><vpindex state='on'/><synic state='on'/><stimer state='on'/></hyperv></features><clock offset='localtime'>${HYPERVCLOCK}</clock>`,
      ),
    },
    'adds features behind os': {
      before: windows(`<clock offset='localtime'>${HYPERVCLOCK}</clock>`),
      after: `${STIMER}${windows(`<clock offset='localtime'>${HYPERVCLOCK}</clock>`)}`,
    },
    'switches on and adds': {
      before: windows(
        `${hyperv("<vpindex state='on'/><stimer state='off'><direct state='on'/></stimer>")}<clock offset='localtime'>${HYPERVCLOCK}</clock>`,
      ),
      after: windows(
        `${hyperv("<vpindex state='on'/><stimer state='on'><direct state='on'/></stimer><synic state='on'/>")}<clock offset='localtime'>${HYPERVCLOCK}</clock>`,
      ),
    },
  },
  'invtsc-migration': {
    'fixes the frequency to that of the host': {
      before: `${INVTSC}<clock offset='utc'><timer name='rtc'/></clock>`,
      after: `${INVTSC}<clock offset='utc'><timer name='rtc'/><timer name='tsc' frequency='2500000000'/></clock>`,
      host: hostWithTsc(2_500_000_000),
    },
    'fixes it on the timer that there is': {
      before: `${INVTSC}<clock offset='utc'><timer name='tsc' mode='native'/></clock>`,
      after: `${INVTSC}<clock offset='utc'><timer frequency='2500000000' name='tsc' mode='native'/></clock>`,
      host: hostWithTsc(2_500_000_000),
    },
    'does nothing without the host': { before: INVTSC, after: 'nothing-to-fix' },
    'gives up on a -cpu that is passed through': {
      before: args('-cpu', 'host,invtsc'),
      after: 'refused',
      host: hostWithTsc(2_500_000_000),
    },
  },
  'tsc-frequency': {
    'takes the frequency of the host': {
      before: "<clock offset='utc'><timer name='tsc' frequency='3000000000'/></clock>",
      after: "<clock offset='utc'><timer name='tsc' frequency='2500000000'/></clock>",
      host: hostWithTsc(2_500_000_000),
    },
    'takes it in all timers that have one, or they would contradict each other': {
      before:
        "<clock offset='utc'><timer name='tsc' frequency='1'/><timer name='tsc'/><timer name='tsc' frequency='3'/></clock>",
      after:
        "<clock offset='utc'><timer name='tsc' frequency='2500000000'/><timer name='tsc'/><timer name='tsc' frequency='2500000000'/></clock>",
      host: hostWithTsc(2_500_000_000, null),
    },
    'takes it in an argument': {
      before: args('-cpu', 'host,tsc-freq=3G,invtsc'),
      after: args('-cpu', 'host,tsc-frequency=2500000000,invtsc'),
      host: hostWithTsc(2_500_000_000),
    },
  },
  'foreign-timers': {
    'takes the frequency off': {
      before: "<clock offset='utc'><timer name='tsc' frequency='3000000000'/></clock>",
      after: "<clock offset='utc'><timer name='tsc'/></clock>",
      type: "arch='aarch64' machine='virt'",
    },
  },
  'agent-channel': {
    'comes last among the devices': {
      before: '<devices><disk/><!-- a --></devices><devices/>',
      after: `<devices><disk/><!-- a -->${CHANNEL}</devices><devices/>`,
    },
    'comes behind a channel with another name': {
      before: "<devices><channel type='unix'><target type='virtio' name='x'/></channel><panic/></devices>",
      after: `<devices><channel type='unix'><target type='virtio' name='x'/></channel><panic/>${CHANNEL}</devices>`,
    },
    'opens empty devices': { before: '<devices/>', after: `<devices>${CHANNEL}</devices>` },
    'adds devices': { before: '', after: `<devices>${CHANNEL}</devices>` },
    'is given to s390x': {
      before: '<devices/>',
      after: `<devices>${CHANNEL}</devices>`,
      type: "arch='s390x' machine='s390-ccw-virtio-7.2'",
    },
    'is not given to an isapc': {
      before: '<devices/>',
      after: 'nothing-to-fix',
      type: "arch='x86_64' machine='isapc'",
    },
    'is not given to a microvm': {
      before: '<devices/>',
      after: 'nothing-to-fix',
      type: "arch='x86_64' machine='microvm'",
    },
    'is not given to an ARM board': {
      before: '<devices/>',
      after: 'nothing-to-fix',
      type: "arch='armv7l' machine='vexpress-a15'",
    },
  },
};

for (const [check, those] of Object.entries(cases)) {
  describe(`a patch for domain/${check}`, () => {
    for (const [what, example] of Object.entries(those)) {
      it(what, () => {
        expect(patched(check, example)).to.equal(example.after);
      });
    }
  });
}

describe('a patch in a text with lines', () => {
  it('gives new elements the indentation and line endings of their neighbours', () => {
    const before = [
      '<?xml version="1.0"?>',
      "<domain type='kvm'>",
      '\t<name>a&amp;b</name>',
      "\t<os><type arch='x86_64' machine='q35'>hvm</type></os>",
      '\t<clock offset="utc">',
      "\t\t<!-- the first --><timer name='rtc' tickpolicy='&#99;atchup'/> <!-- why -->",
      '\t</clock>',
      '\t<devices>',
      '\t\t<emulator>/usr/bin/qemu-system-x86_64</emulator>',
      '\t</devices>',
      '</domain>',
      '',
    ];
    const plan = planPatch(before.join('\r\n'), patchContext());
    if (plan.kind !== 'patch') throw new Error(plan.kind);
    expect(plan.after.split('\r\n')).to.deep.equal([
      ...before.slice(0, 6),
      "\t\t<timer name='hpet' present='no'/>",
      ...before.slice(6, 9),
      "\t\t<channel type='unix'>",
      "\t\t\t<target type='virtio' name='org.qemu.guest_agent.0'/>",
      '\t\t</channel>',
      ...before.slice(9),
    ]);
  });
});
