import { clockAsDefined } from '../checks/definedClock.js';
import type { Finding } from '../checks/finding.js';
import { isTrue } from '../checks/imageProperty.js';
import type { DomainDefinition } from '../facts/definition.js';

/** What, in nova's terms, is behind a finding. */
export type NovaFault =
  /** The instance was created as another system than the guest is. */
  | { readonly kind: 'os-type'; readonly osType: 'windows' | 'linux' }
  /** An image property that is recorded for the instance asks for it, or none does. */
  | { readonly kind: 'image-property'; readonly property: string; readonly value: string }
  /** An extra spec of the flavour asks for it. */
  | { readonly kind: 'extra-spec'; readonly extraSpecs: readonly string[] }
  /** nova writes nothing of the kind, so somebody edited the definition. */
  | { readonly kind: 'edited' }
  /** nova has no setting that would change it. */
  | { readonly kind: 'fixed'; readonly about: string };

const EDITED: readonly NovaFault[] = [{ kind: 'edited' }];

/** Checks whose findings are about what nova never writes. */
const NEVER_WRITTEN = new Set([
  'domain/timezone',
  'domain/rtc-track',
  'domain/hyperv-dependencies',
  'domain/hyperv-stimer',
  'domain/invtsc-migration',
  'domain/tsc-frequency',
  'domain/commandline-override',
  'domain/ignored-attributes',
  'domain/foreign-timers',
  'domain/definition-rejected',
]);

/**
 * What nova has to be told because of a finding; nothing where it is not nova's to mend.
 * @see `_set_clock` and `_get_guest_config` in nova's nova/virt/libvirt/driver.py
 */
export function novaFaults(definition: DomainDefinition, { check, code }: Finding): readonly NovaFault[] {
  if (NEVER_WRITTEN.has(check)) return EDITED;
  switch (check) {
    case 'domain/clock-offset':
    case 'domain/hypervclock':
      return osTypeFault(definition, check, code);
    case 'domain/hpet':
      return hpetFault(definition);
    case 'domain/kvmclock':
      return code === 'kvm-hidden' ? hiddenFaults(definition) : EDITED;
    case 'domain/agent-channel':
      // nova gives the channel to whom it is recorded for, so that it must have been taken away since.
      if (code === 'absent') return EDITED;
      return code === 'absent-by-nova'
        ? [{ kind: 'image-property', property: 'hw_qemu_guest_agent', value: 'yes' }]
        : [];
  }
  return [];
}

function osTypeFault(definition: DomainDefinition, check: string, code: string): readonly NovaFault[] {
  const taken = takenFor(definition);
  const isWindows = definition.guestOs.family === 'windows';
  if (taken === 'other' && (check === 'domain/hypervclock' || code === 'utc-for-local-guest')) {
    return isWindows ? [{ kind: 'os-type', osType: 'windows' }] : ONE_BASE_EACH;
  }
  if (taken === 'windows' && code === 'local-for-utc-guest') {
    return isWindows ? ONE_BASE_EACH : [{ kind: 'os-type', osType: 'linux' }];
  }
  return EDITED;
}

const ONE_BASE_EACH: readonly NovaFault[] = [
  {
    kind: 'fixed',
    about:
      'nova gives local time to instances of os_type windows, together with the Hyper-V reference time, and UTC to all others, and has no setting for anything else: let the guest keep its RTC that way',
  },
];

/**
 * What nova takes the guest for, by the clock that it wrote: local time and, under KVM, the hypervclock timer for
 * `os_type` windows, UTC without that timer for everything else. null for a clock that nova would not write.
 */
function takenFor(definition: DomainDefinition): 'windows' | 'other' | null {
  const { rtc, tz, hvTime, hvTimeDecidedBy } = clockAsDefined(definition);
  if (rtc.base === 'datetime' || tz !== null) return null;
  if (isPassedThrough(rtc.baseDecidedBy) || isPassedThrough(hvTimeDecidedBy)) return null;
  const local = rtc.base === 'localtime';
  const underKvm = hvTime === 'on' || hvTime === 'off';
  if (underKvm && local !== (hvTime === 'on')) return null;
  return local ? 'windows' : 'other';
}

function isPassedThrough(decidedBy: string): boolean {
  return decidedBy.startsWith('qemu:');
}

function hpetFault(definition: DomainDefinition): readonly NovaFault[] {
  const { hpetDecidedBy } = clockAsDefined(definition);
  if (hpetDecidedBy === "timer hpet present='yes'") {
    return [{ kind: 'image-property', property: 'hw_time_hpet', value: 'false' }];
  }
  if (definition.virtType === 'kvm' || isPassedThrough(hpetDecidedBy)) return EDITED;
  const about =
    "with virt_type=qemu in nova.conf nova writes no timers at all, so that QEMU's default of an HPET stays; only virt_type=kvm changes that";
  return [{ kind: 'fixed', about }];
}

/** Image and flavour can both hide KVM, and nova tells which only since its 2025.2 release. */
function hiddenFaults(definition: DomainDefinition): readonly NovaFault[] {
  if (clockAsDefined(definition).kvmclockDecidedBy !== "kvm hidden state='on'") return EDITED;
  const { imageProperties, flavorExtraSpecs } = definition.owner;
  const image = isTrue(imageProperties?.img_hide_hypervisor_id);
  const known = ['hw:hide_hypervisor_id', 'hide_hypervisor_id'].filter((it) =>
    isTrue(flavorExtraSpecs?.[it]),
  );
  const neither = !image && known.length === 0;
  const faults: NovaFault[] = [];
  if (image || neither)
    faults.push({ kind: 'image-property', property: 'img_hide_hypervisor_id', value: 'false' });
  if (known.length > 0 || neither) {
    faults.push({ kind: 'extra-spec', extraSpecs: neither ? ['hw:hide_hypervisor_id'] : known });
  }
  return faults;
}
