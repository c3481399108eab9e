import { clockAsDefined } from '../checks/definedClock.js';
import type { Finding } from '../checks/finding.js';
import type { DomainDefinition } from '../facts/definition.js';
import type { OwnerStep } from './ownerFix.js';
import { uuidOr } from './ownerNames.js';
import { shellCommand } from './shellCommand.js';

/** What, in oVirt's terms, mends a finding. */
type OvirtRemedy = 'utc' | 'guest-zone' | 'windows-type' | 'guest-rtc' | 'no-setting' | 'run-again';

/** Checks whose findings are about what the engine never writes. */
const NEVER_WRITTEN = new Set([
  'domain/timezone',
  'domain/rtc-track',
  'domain/kvmclock',
  'domain/hpet',
  'domain/hyperv-dependencies',
  'domain/invtsc-migration',
  'domain/tsc-frequency',
  'domain/commandline-override',
  'domain/ignored-attributes',
  'domain/foreign-timers',
  'domain/definition-rejected',
]);

/**
 * What the oVirt engine has to be told. It writes offset='variable' for every VM, with the difference that it last
 * heard of from the running VM, or else that of the VM's time zone.
 * @see `LibvirtVmXmlBuilder` and `VmInfoBuildUtils.getVmTimeZone` in ovirt-engine; the types Vm, TimeZone and
 * OperatingSystem in ovirt-engine-api-model
 */
export function ovirtSteps(
  definition: DomainDefinition,
  findings: readonly Finding[],
  { uuid }: { readonly uuid: string | null },
): OwnerStep[] {
  const checks = new Map<OvirtRemedy, string[]>();
  for (const finding of findings) {
    const remedy = remedyFor(definition, finding);
    if (remedy) checks.set(remedy, [...(checks.get(remedy) ?? []), finding.check]);
  }
  if (checks.size === 0) return [];
  const vm = uuidOr(uuid, 'VM_ID');
  const all = [...checks].flatMap(([remedy, of]) =>
    remedy === 'no-setting' || remedy === 'guest-rtc' ? [] : of,
  );
  const certain = definition.guestOs.confidence === 'strong';
  const steps = [...checks].flatMap(([remedy, of]) => settingStep(remedy, of, vm, certain));
  return all.length === 0 ? steps : [...steps, ...runAgain(checks.get('run-again') !== undefined, all, vm)];
}

function remedyFor(definition: DomainDefinition, { check, code, outcome }: Finding): OvirtRemedy | null {
  if (outcome !== 'warn' && outcome !== 'fail') return null;
  if (NEVER_WRITTEN.has(check)) return 'run-again';
  switch (check) {
    case 'domain/clock-offset':
      return offsetRemedy(definition, code);
    case 'domain/hypervclock':
      return clockAsDefined(definition).hvTimeDecidedBy.startsWith('qemu:') ? 'run-again' : 'windows-type';
    case 'domain/hyperv-stimer':
      return 'no-setting';
    case 'domain/agent-channel':
      return code === 'absent' ? 'run-again' : null;
  }
  return null;
}

function offsetRemedy(definition: DomainDefinition, code: string): OvirtRemedy {
  const { adjustmentSeconds, variableBasis } = clockAsDefined(definition).rtc;
  if (adjustmentSeconds === null || variableBasis === 'localtime') return 'run-again';
  if (code === 'odd-adjustment') return 'guest-rtc';
  return code === 'utc-for-local-guest' ? 'guest-zone' : 'utc';
}

/** The engine prefers the difference that the VM last reported to that of the time zone. */
const REPORTED =
  'a difference that VDSM has reported of the running VM counts for more, so set the RTC in the guest as well';

/** @param certain - whether it is known what the guest runs */
function settingStep(
  remedy: OvirtRemedy,
  checks: readonly string[],
  vm: string,
  certain: boolean,
): OwnerStep[] {
  switch (remedy) {
    case 'utc': {
      const about = `sets Hardware Clock Time Offset (Edit, System) to UTC${certain ? '' : ', if the guest is not Windows'}; ${REPORTED}`;
      return [{ about, command: put(vm, '<vm><time_zone><name>Etc/GMT</name></time_zone></vm>'), checks }];
    }
    case 'guest-zone': {
      const about = `sets Hardware Clock Time Offset (Edit, System) to the zone of the guest; put its Windows name, such as Romance Standard Time, in place of WINDOWS_ZONE; ${REPORTED}`;
      const command = put(vm, '<vm><time_zone><name>WINDOWS_ZONE</name></time_zone></vm>');
      return [{ about, command, checks }];
    }
    case 'windows-type': {
      const about =
        'sets Operating System (Edit, General) to the Windows that the guest runs, for which the engine adds the Hyper-V reference time; put one of the names that GET /ovirt-engine/api/operatingsystems lists, such as windows_2019x64, in place of WINDOWS_TYPE';
      return [{ about, command: put(vm, '<vm><os><type>WINDOWS_TYPE</type></os></vm>'), checks }];
    }
    case 'guest-rtc': {
      const about =
        "the guest has set its RTC to a time that fits no zone, VDSM has reported the difference, and the engine keeps it: set the guest's clock right and write it to the RTC while the VM runs ('hwclock --systohc --utc' in Linux)";
      return [{ about, command: null, checks }];
    }
    case 'no-setting': {
      const about =
        'no setting of a VM gives it the synthetic timers (stimer) of Hyper-V; the engine writes relaxed, vapic and spinlocks only';
      return [{ about, command: null, checks }];
    }
    case 'run-again':
      return [];
  }
}

function runAgain(edited: boolean, checks: readonly string[], vm: string): OwnerStep[] {
  const because = edited
    ? 'the engine writes nothing of the kind, so the definition was changed behind it: '
    : 'a running VM takes such a change at its next run: ';
  const hooks = edited
    ? '; what is there again comes from a hook on the host (/usr/libexec/vdsm/hooks) or from custom properties of the VM'
    : '';
  return [
    {
      about: `${because}shuts the VM down; wait until its status is down`,
      command: post(vm, 'shutdown'),
      checks,
    },
    {
      about: `starts it by the engine, which writes the definition anew${hooks}`,
      command: post(vm, 'start'),
      checks,
    },
  ];
}

/** curl asks for the password of the user. */
function curl(method: string, path: string, body: string): string {
  const url = `https://ENGINE/ovirt-engine/api/vms/${path}`;
  const words = [
    '--request',
    method,
    '--user',
    'admin@internal',
    '--header',
    'Content-Type: application/xml',
  ];
  return shellCommand('curl', '--fail', ...words, '--data', body, url);
}

function put(vm: string, body: string): string {
  return curl('PUT', vm, body);
}

function post(vm: string, action: 'shutdown' | 'start'): string {
  return curl('POST', `${vm}/${action}`, '<action/>');
}
