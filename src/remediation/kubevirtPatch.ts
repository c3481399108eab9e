import { clockAsDefined } from '../checks/definedClock.js';
import type { Finding } from '../checks/finding.js';
import type { Intent } from '../checks/intent.js';
import type { DomainDefinition } from '../facts/definition.js';

/** A JSON merge patch: null takes a member away. See RFC 7396. */
export type MergePatch = { readonly [member: string]: MergePatch | string | boolean | null };

/** What, in KubeVirt's terms, mends a finding. */
export type KubevirtRemedy =
  /** A change of the VirtualMachine's `spec.template.spec.domain`. */
  | { readonly kind: 'patch'; readonly domain: MergePatch; readonly about: string }
  /** KubeVirt writes nothing of the kind, and a new start mends it. */
  | { readonly kind: 'restart' }
  /** A list in the VirtualMachine, which a merge patch would replace as a whole. */
  | { readonly kind: 'edit'; readonly about: string };

const RESTART: KubevirtRemedy = { kind: 'restart' };

/** Checks whose findings are about what KubeVirt never writes. */
const NEVER_WRITTEN = new Set([
  'domain/tsc-frequency',
  'domain/commandline-override',
  'domain/ignored-attributes',
  'domain/foreign-timers',
  'domain/definition-rejected',
]);

/**
 * What has to change in a VirtualMachine because of a finding; null where it is not KubeVirt's to mend.
 * @see the types Clock, Timer, Features, FeatureHyperv and FeatureKVM in KubeVirt's
 * staging/src/kubevirt.io/api/core/v1/schema.go
 */
export function kubevirtRemedy(definition: DomainDefinition, finding: Finding): KubevirtRemedy | null {
  const { check, code, outcome } = finding;
  if (outcome !== 'warn' && outcome !== 'fail') return null;
  if (NEVER_WRITTEN.has(check)) return RESTART;
  const clock = clockAsDefined(definition);
  const passedThrough = (by: string) => by.startsWith('qemu:');
  switch (check) {
    case 'domain/clock-offset':
      if (code === 'fixed-date' || code === 'local-for-utc-guest') return RESTART;
      return passedThrough(clock.rtc.baseDecidedBy) ? RESTART : offset(definition);
    case 'domain/timezone':
      return passedThrough(clock.tzDecidedBy ?? '') ? RESTART : offset(definition);
    case 'domain/rtc-track':
      if (code !== 'guest' || passedThrough(clock.rtc.clockDecidedBy)) return RESTART;
      return timer({ rtc: { track: 'wall' } }, "lets the RTC follow the host's time");
    case 'domain/kvmclock':
      return kvmclock(code, clock.kvmclockDecidedBy);
    case 'domain/hpet':
      if (passedThrough(clock.hpetDecidedBy)) return RESTART;
      return timer({ hpet: { present: false } }, 'takes the HPET away');
    case 'domain/hypervclock':
      if (passedThrough(clock.hvTimeDecidedBy)) return RESTART;
      return timer({ hyperv: { present: true } }, 'adds the Hyper-V reference time');
    case 'domain/hyperv-dependencies':
    case 'domain/hyperv-stimer':
      return enlightenments(finding.remedy);
    case 'domain/invtsc-migration':
      return code === 'invtsc-without-frequency'
        ? { kind: 'edit', about: 'take the feature invtsc out of spec.template.spec.domain.cpu.features' }
        : RESTART;
    case 'domain/agent-channel':
      return code === 'absent' ? RESTART : null;
  }
  return null;
}

function timer(timers: MergePatch, about: string): KubevirtRemedy {
  return { kind: 'patch', domain: { clock: { timer: timers } }, about };
}

/** A clock has either a zone or an offset from UTC. */
function offset({ guestOs }: DomainDefinition): KubevirtRemedy {
  const keepsLocalTime = guestOs.family === 'windows' || guestOs.family === 'dos';
  if (keepsLocalTime && !guestOs.rtcIsUtc) {
    const about = 'sets the RTC to local time; put the IANA name of its zone in place of GUEST_ZONE';
    return { kind: 'patch', domain: { clock: { utc: null, timezone: 'GUEST_ZONE' } }, about };
  }
  const condition = guestOs.confidence === 'strong' ? '' : ', if the guest is not Windows';
  const about = `sets the RTC to UTC${condition}`;
  return { kind: 'patch', domain: { clock: { utc: { offsetSeconds: null }, timezone: null } }, about };
}

function kvmclock(code: string, by: string): KubevirtRemedy {
  if (by.startsWith('qemu:')) return RESTART;
  switch (code) {
    case 'switched-off':
      return timer({ kvm: { present: true } }, 'offers kvm-clock to the guest');
    case 'kvm-hidden':
      if (by !== "kvm hidden state='on'") {
        const about = 'take the feature hypervisor out of spec.template.spec.domain.cpu.features';
        return { kind: 'edit', about };
      }
      return {
        kind: 'patch',
        domain: { features: { kvm: { hidden: false } } },
        about: 'no longer hides KVM; ask first whether a driver for a passed-through GPU still needs it',
      };
  }
  return timer({ kvm: null }, 'takes the kvm timer away, of which the guest has nothing');
}

/** How KubeVirt spells an enlightenment, where libvirt spells it in another way. */
const SPELLED: Readonly<Record<string, string>> = { stimer: 'synictimer' };

function enlightenments(remedy: readonly Intent[]): KubevirtRemedy {
  const names = remedy.flatMap((intent) => (intent.kind === 'enable-enlightenments' ? intent.names : []));
  const hyperv = names.map((name) => [SPELLED[name] ?? name, { enabled: true }]);
  const time = remedy.some(({ kind }) => kind === 'enable-hypervclock');
  if (hyperv.length === 0 && !time) {
    const about = 'complete the set in spec.template.spec.domain.features.hyperv';
    return { kind: 'edit', about };
  }
  return {
    kind: 'patch',
    domain: {
      ...(hyperv.length > 0 && { features: { hyperv: Object.fromEntries(hyperv) } }),
      ...(time && { clock: { timer: { hyperv: { present: true } } } }),
    },
    about: 'completes the Hyper-V enlightenments',
  };
}

/** Two patches in one; of two that name the same member the later one wins. */
export function mergePatches(left: MergePatch, right: MergePatch): MergePatch {
  const merged: Record<string, MergePatch[string]> = { ...left };
  for (const [member, value] of Object.entries(right)) {
    const before = merged[member];
    merged[member] = isObject(before) && isObject(value) ? mergePatches(before, value) : value;
  }
  return merged;
}

function isObject(value: MergePatch[string] | undefined): value is MergePatch {
  return typeof value === 'object' && value !== null;
}
