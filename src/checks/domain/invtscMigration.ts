import type { DefinitionCheck } from '../check.js';
import { x86KvmGuest } from '../machine.js';

export const invtscMigration: DefinitionCheck = {
  id: 'domain/invtsc-migration',
  scope: 'domain',
  judges: 'definition',
  title: 'The TSC does not keep the guest from being migrated or saved',
  failureTitle: 'The TSC keeps the guest from being migrated or saved',
  rationale:
    "A guest that sees an invariant TSC (invtsc) uses it as its clock, which is good, but that promise must hold after a migration. libvirt therefore refuses to migrate or save such a guest unless its TSC frequency is fixed with <timer name='tsc' frequency='…'/>, and QEMU refuses for host-passthrough with migratable='off'. It comes out at the worst time: when the host has to be emptied, or libvirt-guests cannot suspend the guests at shutdown. host-model never gives invtsc, whatever virsh domcapabilities lists.",
  outcomes: {
    pass: 'No invtsc, or invtsc with a fixed TSC frequency.',
    warn: "invtsc without a frequency, or migratable='off'.",
    'not-applicable': 'No KVM, or another architecture.',
  },
  fix: "Add <timer name='tsc' frequency='…'/> with the host's own frequency (virsh capabilities, <counter name='tsc'>) beside invtsc, or leave invtsc and migratable='off' away.",
  references: [
    {
      title: 'libvirt: CPU model and topology',
      url: 'https://libvirt.org/formatdomain.html#cpu-model-and-topology',
    },
    {
      title: 'libvirt: src/qemu/qemu_migration.c',
      url: 'https://gitlab.com/libvirt/libvirt/-/blob/master/src/qemu/qemu_migration.c',
    },
  ],
  needs: () => [],
  appliesTo: x86KvmGuest,
  evaluate({ effectiveClock: { invtsc, migratable, tscFrequencyHz }, cpuMode }, { tscCounter }) {
    if (invtsc && tscFrequencyHz === null) {
      // Whether it has to be fixed does not depend on the host; only what it is to be does.
      const hostHz = tscCounter.known ? tscCounter.value?.frequencyHz : undefined;
      // With migratable='off' QEMU refuses all the same.
      const frequencyHz = migratable === false ? undefined : hostHz;
      return {
        outcome: 'warn',
        code: 'invtsc-without-frequency',
        observed: 'invtsc without a TSC frequency: libvirt refuses to migrate or save the guest',
        expected: "<timer name='tsc' frequency='…'/>, or no invtsc",
        ...(frequencyHz !== undefined && { remedy: [{ kind: 'set-tsc-frequency', frequencyHz }] }),
      };
    }
    if (migratable === false) {
      return {
        outcome: 'warn',
        code: 'not-migratable',
        observed:
          "migratable='off': the guest sees the host's invariant TSC, and QEMU blocks migration and saving",
        expected: "migratable='on', the default",
      };
    }
    if (invtsc) {
      const observed = `invtsc with the TSC at ${tscFrequencyHz} Hz`;
      return { outcome: 'pass', code: 'invtsc-with-frequency', observed };
    }
    const mode = cpuMode === null ? 'no <cpu> mode' : `<cpu mode='${cpuMode}'>`;
    return { outcome: 'pass', code: 'no-invtsc', observed: `no invtsc is asked for (${mode})` };
  },
};
