import { type DefinitionCheck, qemuGuest } from '../check.js';

export const commandlineOverride: DefinitionCheck = {
  id: 'domain/commandline-override',
  scope: 'domain',
  judges: 'definition',
  title: 'No QEMU argument is passed through that concerns the clock',
  failureTitle: "QEMU arguments behind libvirt's back have a say in the clock",
  rationale:
    "What <qemu:commandline> adds comes after libvirt's own arguments and outweighs them, by rules of QEMU's: -rtc and -machine are merged key by key, -cpu is replaced whole, and a TZ in <qemu:env> replaces that of the clock; TZDIR, FAKETIME and libraries that are preloaded change what QEMU takes for the time. <qemu:capabilities> changes what libvirt says itself. libvirt neither checks nor migrates any of it, marks the domain as tainted, and its XML no longer tells what the guest has. All other checks judge the merged result.",
  outcomes: {
    pass: "Nothing of QEMU's own elements has a say in the clock.",
    warn: 'Something has; the finding names it.',
    'not-applicable': 'The domain is not run by QEMU.',
  },
  fix: 'Say it in <clock>, <cpu> and <features> where libvirt has an element for it, and remove the argument.',
  references: [
    {
      title: 'libvirt: Pass-through of arbitrary QEMU commands',
      url: 'https://libvirt.org/drvqemu.html#pass-through-of-arbitrary-qemu-commands',
    },
    { title: 'qemu(1)', url: 'https://www.qemu.org/docs/master/system/invocation.html' },
  ],
  needs: () => [],
  appliesTo: qemuGuest,
  evaluate({ effectiveClock: { overrides } }) {
    if (overrides.length === 0) {
      return { outcome: 'pass', code: 'none', observed: 'no passed-through argument concerns the clock' };
    }
    return {
      outcome: 'warn',
      code: 'overridden',
      observed: overrides.join(', '),
      expected: 'the same said in <clock>, <cpu> or <features>',
    };
  },
};
