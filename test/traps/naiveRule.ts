import type { Trap } from './trap.js';

/** What an auditor thinks of a setting: nothing to do, worth a look, or broken. */
export type Opinion = 'right' | 'doubtful' | 'wrong';

/**
 * What a naive auditor would make of a trap, from the same inputs. It is asked where one of this tool's checks is, or of the
 * domain as a whole; what it says must not be what the check says.
 */
export type NaiveRule =
  | { readonly check: string; readonly opinion: (trap: Trap) => Opinion }
  /** Words that the naive auditor would write, and this tool must not. */
  | { readonly check: string; readonly claim: (trap: Trap) => string }
  /** The timers, in their order, after the patch that a naive auditor would propose. */
  | { readonly patchedTimers: (trap: Trap) => string[] };

/** Rules by the name of their trap. */
export type NaiveRules = Readonly<Record<string, NaiveRule>>;

/** Stands for all checks of the domain. */
export const WHOLE_DOMAIN = 'the domain';

/** The opinion of an auditor who knows no middle. */
export const rightIf = (good: boolean): Opinion => (good ? 'right' : 'wrong');

/** The persistent definition. */
export const xml = (trap: Trap) => trap.text('inactive.xml');

/** The definition of the running domain. */
export const running = (trap: Trap) => trap.text('live.xml');

/** Whether the definition says that the guest is Windows. */
export const isWindows = (trap: Trap) => xml(trap).includes('microsoft.com/win');

/** The attribute `offset` of `<clock>`. */
export const offsetOf = (text: string) => /<clock offset='(\w+)'/.exec(text)?.[1];

/** The attribute `adjustment` of `<clock>`, in seconds. */
export const adjustmentOf = (text: string) => Number(/ adjustment='(-?\d+)'/.exec(text)?.[1]);

/** The names of all timers, in their order. */
export const timersOf = (text: string) =>
  [...text.matchAll(/<timer name='(\w+)'/g)].map(([, name = '']) => name);

/** The elements of the timers of that name, in their order. */
export const timer = (text: string, name: string) =>
  [...text.matchAll(/<timer .*\/>/g)].map(([element]) => element).filter((it) => it.includes(`'${name}'`));

/** libvirt's schema knows these values; that its drivers refuse some of them is not in it. */
export const schemaAccepts = (trap: Trap) => {
  const values = xml(trap).match(/(?<= (offset|track|present)=')\w*/g) ?? [];
  return rightIf(values.every((value) => /^(utc|timezone|boot|yes|no)$/.test(value)));
};
