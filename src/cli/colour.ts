import { isatty } from 'node:tty';

/**
 * Whether standard output shows colours: a terminal that is not dumb, unless `NO_COLOR` is set.
 * @see {@link https://no-color.org/}
 */
export function useColour(env: NodeJS.ProcessEnv = process.env, tty = isatty(1)): boolean {
  return tty && !env.NO_COLOR && env.TERM !== 'dumb';
}
