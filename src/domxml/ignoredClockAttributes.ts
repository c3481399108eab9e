import type { EffectiveRtc } from '../facts/clock.js';
import type { IgnoredSetting } from '../facts/definition.js';
import { isUtcZone } from '../facts/utcZones.js';
import { integer } from './clockElement.js';
import { ownAttributes, settingText } from './settingText.js';
import { childrenNamed, type XmlElement } from './tree.js';

/** The attributes of `<clock>` that libvirt's parser looks at, by offset. */
const READ_WITH: ReadonlyMap<string, readonly string[]> = new Map([
  ['utc', ['adjustment']],
  ['localtime', ['adjustment']],
  ['variable', ['adjustment', 'basis']],
  ['timezone', ['timezone']],
  ['absolute', ['start']],
]);
const KNOWN: ReadonlySet<string> = new Set(['offset', ...[...READ_WITH.values()].flat()]);

/**
 * The attributes and children of `<clock>` that have no effect. Where there are several clocks, libvirt takes each
 * attribute from the first of them that has it.
 * @see `virDomainDefClockParse` in libvirt's src/conf/domain_conf.c
 */
export function ignoredClockAttributes(domain: XmlElement, rtc: EffectiveRtc): IgnoredSetting[] {
  const clocks = childrenNamed(domain, 'clock');
  const taken = new Map<string, string>();
  const ignored: IgnoredSetting[] = [];
  for (const clock of clocks) {
    for (const [name, value] of ownAttributes(clock)) {
      const first = taken.get(name);
      if (first === undefined) taken.set(name, value);
      else if (KNOWN.has(name)) {
        const setting = `${settingText(clock, [[name, value]])} of a further <clock>`;
        const because = `libvirt takes ${name} from the first <clock> that has it`;
        ignored.push({ setting, because, contradicts: first !== value });
      }
    }
  }
  const offset = taken.get('offset') || 'utc';
  const isStatus = domain.parent !== null;
  for (const clock of clocks.slice(0, 1)) {
    for (const [name, value] of taken) {
      // To libvirt an empty attribute is an absent one. In its own status files adjustment0 is its own note.
      if (value === '' || (isStatus && name === 'adjustment0')) continue;
      const reason = whyIgnored(name, value, offset);
      if (reason) ignored.push({ setting: settingText(clock, [[name, value]]), ...reason });
    }
    if (!rtc.present && offset !== 'utc') {
      const setting = settingText(clock, [['offset', offset]]);
      ignored.push({ setting, because: 'this machine has no RTC', contradicts: false });
    }
  }
  return [...ignored, ...clocks.flatMap(ignoredChildren)];
}

function whyIgnored(
  name: string,
  value: string,
  offset: string,
): Pick<IgnoredSetting, 'because' | 'contradicts'> | null {
  if (name === 'offset') return null;
  if (READ_WITH.get(offset)?.includes(name)) {
    if (offset !== 'variable' || name !== 'adjustment' || integer(value) !== null) return null;
    return { because: 'libvirt takes what is no whole number for 0', contradicts: value !== 'reset' };
  }
  if (name === 'adjustment0') {
    return { because: 'libvirt only reads it in its own record of a running domain', contradicts: false };
  }
  if (!KNOWN.has(name)) return { because: 'libvirt does not know the attribute', contradicts: false };
  const because = `libvirt does not look at ${name} with offset='${offset}'`;
  return { because, contradicts: contradicts(name, value, offset) };
}

/** Whether the author of an attribute wanted another RTC than the offset gives. */
function contradicts(name: string, value: string, offset: string): boolean {
  switch (name) {
    case 'timezone':
      return !(offset === 'utc' && isUtcZone(value));
    case 'basis':
      return offset === 'utc' || offset === 'localtime' ? value !== offset : false;
    case 'adjustment':
      return value !== 'reset' && Number(value) !== 0;
    default:
      return true;
  }
}

function ignoredChildren(clock: XmlElement): IgnoredSetting[] {
  return clock.children
    .filter((element) => element.name !== 'timer' || element.defaultNamespace !== '')
    .map((element) => ({
      setting: `<${element.name.slice(0, 60)}> in <clock>`,
      because: 'libvirt does not know the element',
      contradicts: false,
    }));
}
