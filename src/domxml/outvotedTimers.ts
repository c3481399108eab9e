import type { EffectiveClock } from '../facts/clock.js';
import type { IgnoredSetting } from '../facts/definition.js';
import type { Timer } from './clockElement.js';

type Reason = Pick<IgnoredSetting, 'because' | 'contradicts'>;

/**
 * The timers that another timer of the same name makes void. Of several `rtc` libvirt reads the first; of the
 * others every one becomes an argument, and QEMU takes the last, except that nothing takes back a `hypervclock`
 * that is present.
 */
export function outvotedTimers(timers: readonly Timer[], clock: EffectiveClock): ReadonlyMap<Timer, Reason> {
  const byName = new Map<string, Timer[]>();
  for (const timer of timers) {
    const same = byName.get(timer.name);
    if (same) same.push(timer);
    else byName.set(timer.name, [timer]);
  }
  const outvoted = new Map<Timer, Reason>();
  for (const [name, same] of byName) {
    const voters = same.length > 1 ? same.filter((timer) => vote(timer) !== null) : [];
    const winner = winnerOf(name, voters, clock);
    if (!winner) continue;
    for (const timer of voters) {
      if (timer === winner) continue;
      outvoted.set(timer, { because: BECAUSE.get(name) ?? LAST, contradicts: vote(timer) !== vote(winner) });
    }
  }
  return outvoted;
}

const LAST = 'a later timer of this name takes its place';
const BECAUSE: ReadonlyMap<string, string> = new Map([
  ['rtc', 'libvirt only reads the first timer of this name'],
  ['hypervclock', 'another timer of this name has present=yes, which nothing takes back'],
  ['hpet', 'another timer of this name decides'],
  ['pit', 'another timer of this name decides'],
]);

/** What a timer wants to be in force, in a form to compare; null when it says nothing. */
function vote({ name, present, tickpolicy, track, frequencyHz }: Timer): string | null {
  switch (name) {
    case 'rtc':
      return `${track === null || track === 'wall' ? 'wall' : track} ${tickpolicy === 'catchup'}`;
    case 'pit':
      return tickpolicy === 'discard' ? 'discard' : 'delay';
    case 'tsc':
      return frequencyHz === null ? null : String(frequencyHz);
    case 'armvtimer':
      return tickpolicy;
    default:
      return present === null ? null : present ? 'on' : 'off';
  }
}

function winnerOf(name: string, voters: readonly Timer[], clock: EffectiveClock): Timer | undefined {
  switch (name) {
    case 'rtc':
      return voters[0];
    case 'hypervclock':
      return voters.findLast(({ present }) => present) ?? voters.at(-1);
    case 'hpet':
      // A libvirt before 9.2 only ever says off, so that an earlier off may stand.
      return voters.findLast((timer) => vote(timer) === clock.hpet) ?? voters.at(-1);
    case 'pit':
      // To libvirt catchup is the default, which it leaves unsaid.
      return voters.findLast(({ tickpolicy }) => tickpolicy !== 'catchup') ?? voters.at(-1);
    default:
      return voters.at(-1);
  }
}
