import type { DomainDefinition } from '../../facts/definition.js';
import { given, type HostCheck, type Verdict } from '../check.js';
import { clockAsDefined } from '../definedClock.js';
import { TIME_KEEPING } from '../references.js';
import { guestNames } from './guestNames.js';

export const hpetValidation: HostCheck = {
  id: 'host/hpet-validation',
  scope: 'host',
  title: "This host's libvirt takes a guest that asks for an HPET",
  failureTitle: "This host's libvirt refuses guests that ask for an HPET",
  rationale:
    "libvirt 9.0 and 9.1 mix up how QEMU is told about the HPET: with a QEMU that reports hpet as a machine option (8.0 and newer) they refuse every definition with <timer name='hpet' present='yes'/> as not supported. A guest that was defined before an upgrade still runs and cannot be started again. libvirt 9.2 mends it. The upstream version is judged; a distribution may have mended its 9.0 or 9.1.",
  outcomes: {
    pass: "Another version of libvirt, an older QEMU, or no guest with present='yes' for the HPET.",
    fail: 'libvirt 9.0 or 9.1, QEMU 8.0 or newer, and such a guest.',
    unknown:
      "There is such a guest, and libvirt's version could not be read, or QEMU's where it matters: a libvirtd that starts every QEMU to find out may need longer than --timeout.",
    'not-applicable': 'No libvirt was asked, or none answered, which is told by itself.',
  },
  fix: 'Upgrade libvirt to 9.2 or newer. Until then remove the hpet timer: without one the guest has an HPET just the same, by the default of QEMU.',
  references: [
    { title: 'libvirt: releases, version 9.2.0', url: 'https://libvirt.org/news.html' },
    TIME_KEEPING,
  ],
  needs: ['libvirtVersion'],
  needsMore: ({ libvirtVersion }, guests) =>
    libvirtVersion.known && isAffected(libvirtVersion.value) && guests.some(asksForHpet)
      ? ['qemuVersion']
      : [],
  evaluateWithoutFacts: (guests) =>
    guests.length > 0 && !guests.some(asksForHpet)
      ? { outcome: 'pass', code: 'not-asked-for', observed: "no guest has a hpet timer with present='yes'" }
      : null,
  evaluate(host, _policy, guests): Verdict {
    const libvirt = given(host.libvirtVersion);
    if (!isAffected(libvirt))
      return { outcome: 'pass', code: 'not-affected', observed: `libvirt ${libvirt}` };
    const asking = guests.filter(asksForHpet);
    if (asking.length === 0) {
      const observed = `libvirt ${libvirt}; no guest has a hpet timer with present='yes'`;
      return { outcome: 'pass', code: 'not-asked-for', observed };
    }
    const qemu = given(host.qemuVersion);
    const observed = `libvirt ${libvirt} with QEMU ${qemu}; ${guestNames(asking)} with a hpet timer`;
    if (Number.parseInt(qemu, 10) < 8) return { outcome: 'pass', code: 'older-qemu', observed };
    const expected = 'libvirt 9.2 or newer, or no hpet timer';
    const detail = 'libvirt refuses to define or start such a guest; one that runs cannot be started again';
    return { outcome: 'fail', code: 'refused', observed, expected, detail };
  },
};

/** Whether it is one of the releases that refuse an HPET. See libvirt's NEWS for 9.2.0. */
export function isAffected(libvirtVersion: string): boolean {
  return /^9\.[01](\.|$)/.test(libvirtVersion);
}

/** Whether the definition has a hpet timer with `present='yes'` that decides. */
export function asksForHpet(definition: DomainDefinition): boolean {
  return clockAsDefined(definition).hpetDecidedBy.includes("present='yes'");
}
