import type { Change, NewElement } from './change.js';
import type { PatchStep } from './mending.js';

/**
 * What a patch changes of that which libvirt compares when a guest is migrated or restored: number, order, name and
 * presence of the timers, the TSC's frequency, Hyper-V's and KVM's features, the CPU's, and the devices. The offset of the
 * clock and the track of a timer are not compared.
 * @see `virDomainDefCheckABIStabilityFlags` and `virDomainDefFeaturesCheckABIStability` in libvirt's src/conf/domain_conf.c
 * @returns one line for each kind of change, and one for what follows; none where a migration is safe
 */
export function abiRemarks(steps: readonly PatchStep[]): string[] {
  const found = new Map<string, Set<string>>();
  const note = (kind: string, what: string) => {
    found.set(kind, (found.get(kind) ?? new Set()).add(what));
  };
  let isUncompared = false;
  let wereTimers: boolean | null = null;
  for (const { check, changes } of steps) {
    for (const change of changes) {
      noteChange(change, note);
      if (change.kind === 'add-elements') wereTimers ??= wereTimersBefore(change);
      isUncompared ||= change.path[1]?.name === 'commandline' && !HARMLESS.has(check);
    }
  }
  const lines = LINES.flatMap(([kind, line]) => {
    const what = found.get(kind);
    return what ? [line([...what].join(', '), wereTimers ?? false)] : [];
  });
  if (lines.length > 0) {
    lines.push(
      'a live migration or a restore between the old definition and the new one is refused: libvirt compares these',
    );
  }
  if (isUncompared) {
    lines.push(
      "changes the guest's hardware in qemu:commandline, which libvirt does not compare: let no live migration or restore go from the old definition to the new one",
    );
  }
  return lines;
}

/** The checks whose arguments are about the time that the RTC starts with and follows, not about hardware. */
const HARMLESS = new Set(['domain/clock-offset', 'domain/timezone', 'domain/rtc-track']);

const LINES: readonly (readonly [kind: string, line: (what: string, wereTimers: boolean) => string])[] = [
  [
    'timer',
    (what, wereTimers) =>
      `adds a timer: ${what}${wereTimers ? ', behind those that there are' : ''}; a migration compares their number and order`,
  ],
  ['no timer', (what) => `removes a timer: ${what}; a migration compares their number and order`],
  ['timer attribute', (what) => `changes what a migration compares of the timers: ${what}`],
  [
    'hyperv',
    (what) =>
      `changes Hyper-V features, which a migration compares: ${what}; the host must have them (virsh domcapabilities)`,
  ],
  ['visibility', (what) => `changes what the guest's CPU tells of the hypervisor: ${what}`],
  ['device', (what) => `adds a device: ${what}; a migration compares the devices`],
];

/** Whether the first timer that is added comes behind another one; null where the change adds none. */
function wereTimersBefore({
  path,
  after,
  elements,
}: Extract<Change, { kind: 'add-elements' }>): boolean | null {
  if (elements.some(({ name }) => name === 'clock')) return false;
  return path.at(-1)?.name === 'clock' ? after?.name === 'timer' : null;
}

type Note = (kind: string, what: string) => void;

function noteChange(change: Change, note: Note): void {
  const names = change.path.map(({ name }) => name);
  if (change.kind === 'add-elements') {
    for (const element of change.elements) noteElement(element, names, note);
    return;
  }
  const [, parent, child] = names;
  if (change.kind === 'remove-element') {
    if (parent === 'clock' && child === 'timer') note('no timer', 'of another architecture');
    if (parent === 'cpu') note('visibility', 'the feature hypervisor');
    return;
  }
  const { attribute } = change;
  if (parent === 'clock' && child === 'timer' && (attribute === 'present' || attribute === 'frequency')) {
    note('timer attribute', attribute);
  }
  if (parent === 'features' && child === 'hyperv') note('hyperv', names.slice(3).join('/'));
  if (parent === 'features' && child === 'kvm') note('visibility', "KVM's signature");
}

function noteElement(
  { name, attributes, children = [] }: NewElement,
  parents: readonly string[],
  note: Note,
) {
  const value = (key: string) => attributes.find(([it]) => it === key)?.[1] ?? '';
  const parent = parents.at(-1);
  if (name === 'timer') note('timer', value('name'));
  if (parent === 'hyperv') note('hyperv', name);
  if (name === 'channel') note('device', 'a virtio channel, and a controller for it where there is none');
  for (const inner of children) noteElement(inner, [...parents, name], note);
}
