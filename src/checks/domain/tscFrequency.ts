import { type DefinitionCheck, given } from '../check.js';
import { x86KvmGuest } from '../machine.js';
import { TIME_KEEPING } from '../references.js';

/** libvirt's own limit (`TSC_TOLERANCE` in src/qemu/qemu_process.c), the same as KVM's tsc_tolerance_ppm. */
const TOLERANCE_PPM = 250;

export const tscFrequency: DefinitionCheck = {
  id: 'domain/tsc-frequency',
  scope: 'domain',
  judges: 'definition',
  title: 'The host can give the guest the TSC frequency that it is promised',
  failureTitle: 'The host cannot give the guest the TSC frequency that it is promised',
  rationale:
    "A fixed TSC frequency must be within 250 ppm of the host's own, or the CPU must be able to scale it. libvirt looks when it starts the guest, not when it defines it, so a domain that was defined for another host, or before one was replaced, fails at its next start or as the target of a migration.",
  outcomes: {
    pass: "The frequency is within 250 ppm of the host's, or the host scales.",
    warn: "The frequency is another one, and libvirt does not say whether the host scales; or it does not know the host's frequency.",
    fail: 'The frequency is another one and the host does not scale: the guest cannot start here.',
    unknown: "libvirt's capabilities could not be read.",
    'not-applicable':
      'No TSC frequency is asked for, no KVM, another architecture, or a domain audited without its host.',
  },
  fix: "Set the frequency to that of the host (virsh capabilities, <counter name='tsc' frequency='…'>), or remove it where the guest does not have to be migrated with invtsc.",
  references: [TIME_KEEPING, { title: 'libvirt: Capabilities', url: 'https://libvirt.org/formatcaps.html' }],
  needs: () => ['tscCounter'],
  appliesTo(definition) {
    const guest = x86KvmGuest(definition);
    if (guest !== true) return guest;
    return definition.effectiveClock.tscFrequencyHz !== null || 'no TSC frequency is asked for';
  },
  evaluate({ effectiveClock }, host) {
    const counter = given(host.tscCounter);
    const frequencyHz = effectiveClock.tscFrequencyHz ?? 0;
    const asked = `${frequencyHz} Hz is asked for`;
    if (counter === null) {
      const observed = `${asked}; libvirt does not know the frequency of this host's TSC`;
      return { outcome: 'warn', code: 'host-unknown', observed, expected: 'a host with an invariant TSC' };
    }
    const offPpm = (Math.abs(frequencyHz - counter.frequencyHz) / counter.frequencyHz) * 1e6;
    const observed = `${asked}; the host has ${counter.frequencyHz} Hz, ${offPpm.toFixed(0)} ppm away`;
    if (offPpm <= TOLERANCE_PPM) return { outcome: 'pass', code: 'within-tolerance', observed };
    if (counter.scaling) return { outcome: 'pass', code: 'scaled', observed: `${observed}, and scales` };
    const wrong = {
      expected: `within ${TOLERANCE_PPM} ppm of ${counter.frequencyHz} Hz`,
      remedy: [{ kind: 'set-tsc-frequency', frequencyHz: counter.frequencyHz }],
    } as const;
    return counter.scaling === null
      ? { outcome: 'warn', code: 'scaling-unknown', observed, ...wrong }
      : { outcome: 'fail', code: 'out-of-tolerance', observed: `${observed}, and does not scale`, ...wrong };
  },
};
