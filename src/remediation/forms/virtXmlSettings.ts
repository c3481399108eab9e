import type { Change, ElementPath, NewElement } from '../change.js';
import { alike, type DefinitionElement, replayChanges } from './definitionTree.js';
import type { MadePatch } from './form.js';

/** What a call of virt-xml is to change. */
export interface VirtXmlOptions {
  /** Options and their values as words for a shell. */
  readonly options: readonly string[];
  /** Whether doing all of it twice comes to the same. */
  readonly isRepeatable: boolean;
  /** One line each. */
  readonly remarks: readonly string[];
}

/** A setting of one of virt-xml's options, and what it is about where the key does not tell. */
interface Setting {
  readonly option: '--clock' | '--features' | '--channel';
  readonly text: string;
  readonly remark?: string;
}

/**
 * A patch as settings of one of virt-xml's own options, as `virt-xml --edit --clock help` lists them; one call takes
 * only one of those options.
 * @returns null where it takes more than one, or something that there is no key for
 */
export function optionSettings(patch: MadePatch): VirtXmlOptions | null {
  const settings: (Setting | null)[] = [];
  replayChanges(patch, (change, root) => settings.push(...settingsOf(change, root)));
  const found = settings.filter((it) => it !== null);
  const [first] = found;
  if (!first || found.length < settings.length || found.some(({ option }) => option !== first.option))
    return null;
  // A second channel would be a second device.
  if (first.option === '--channel' && found.length > 1) return null;
  return {
    options: [
      first.option === '--channel' ? '--add-device' : '--edit',
      first.option,
      found.map(({ text }) => text).join(','),
    ],
    isRepeatable: true,
    remarks: [...new Set(found.flatMap(({ remark }) => remark ?? []))],
  };
}

/** A comma would start another key, and an empty value or one with quotes means something else. */
const PLAIN = /^[\w.:-]+$/;
const TIMER_KEYS: ReadonlySet<string> = new Set([
  'name',
  'present',
  'tickpolicy',
  'track',
  'mode',
  'frequency',
]);
/** Those that virt-xml takes away when they are set to nothing. */
const REMOVABLE: ReadonlySet<string> = new Set(['tickpolicy', 'track', 'mode']);

function settingsOf(change: Change, root: DefinitionElement): (Setting | null)[] {
  switch (pathText(change.path)) {
    case '/clock':
      return clockSettings(change, root);
    case '/clock/timer':
      return [timerSetting(change, root)];
    case '/features/kvm/hidden':
      return change.kind === 'set-attribute' && change.attribute === 'state' && PLAIN.test(change.value)
        ? [{ option: '--features', text: `kvm.hidden.state=${change.value}` }]
        : [null];
    case '/devices':
      return change.kind === 'add-elements' ? change.elements.map(channelSetting) : [null];
    default:
      return [null];
  }
}

function clockSettings(change: Change, root: DefinitionElement): (Setting | null)[] {
  if (change.kind === 'set-attribute' && change.attribute === 'offset' && PLAIN.test(change.value)) {
    return [{ option: '--clock', text: `offset=${change.value}` }];
  }
  const timers = clockTimers(root);
  if (change.kind !== 'add-elements' || !timers) return [null];
  if (change.after && (change.after.name !== 'timer' || change.after.position < timers.length)) return [null];
  return change.elements.map((it, index) => newTimerSetting(it, timers.length + index));
}

function newTimerSetting({ name, attributes, children = [] }: NewElement, index: number): Setting | null {
  const isPlain = attributes.every(([key, value]) => TIMER_KEYS.has(key) && PLAIN.test(value));
  if (name !== 'timer' || children.length > 0 || attributes.length === 0 || !isPlain) return null;
  const text = attributes.map(([key, value]) => `timer${index}.${key}=${value}`).join(',');
  return { option: '--clock', text };
}

function timerSetting(change: Change, root: DefinitionElement): Setting | null {
  const index = (change.path[2]?.position ?? 0) - 1;
  const name = clockTimers(root)?.[index]?.attributes.get('name');
  if (name === undefined || !PLAIN.test(name)) return null;
  // virt-xml counts the timers from 0, XPath from 1.
  const remark = `timer${index} is the ${name} timer.`;
  if (change.kind === 'set-attribute' && TIMER_KEYS.has(change.attribute) && PLAIN.test(change.value)) {
    return { option: '--clock', text: `timer${index}.${change.attribute}=${change.value}`, remark };
  }
  if (change.kind === 'remove-attribute' && REMOVABLE.has(change.attribute)) {
    return { option: '--clock', text: `timer${index}.${change.attribute}=`, remark };
  }
  return null;
}

/** The timers that virt-xml counts; null where there is not exactly one clock. */
function clockTimers(root: DefinitionElement): DefinitionElement[] | null {
  const [clock, ...more] = alike(root, { name: 'clock', namespace: null });
  return clock && more.length === 0 ? alike(clock, { name: 'timer', namespace: null }) : null;
}

/** Only the plain agent channel, for virt-xml gives others defaults of its own. */
function channelSetting({ name, attributes, children = [] }: NewElement): Setting | null {
  const [target, ...more] = children;
  const text = JSON.stringify([name, attributes, target?.name, more, target?.children ?? []]);
  const [type, called] = ['type', 'name'].map((key) => new Map(target?.attributes).get(key) ?? '');
  const isPlain = target?.attributes.length === 2 && type === 'virtio' && PLAIN.test(called ?? '');
  if (text !== '["channel",[["type","unix"]],"target",[],[]]' || !isPlain) return null;
  return { option: '--channel', text: `unix,target.type=virtio,target.name=${called}` };
}

/** Empty where an element has a namespace, or where virt-xml would not edit this very one. */
function pathText(path: ElementPath): string {
  const inner = path.slice(1);
  if (inner.some(({ namespace }) => namespace !== null)) return '';
  if (inner.some(({ name, isOnlyOne }) => name !== 'timer' && !isOnlyOne)) return '';
  return inner.map(({ name }) => `/${name}`).join('');
}
