const NAME = '(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)';
const OFFSET = '[+-]?\\d{1,2}(?::\\d{1,2}(?::\\d{1,2})?)?';
const RULE = new RegExp(`^${NAME}${OFFSET}(?:${NAME}(?:${OFFSET})?(?:,.*)?)?$`);

/**
 * Whether a TZ value is a rule of its own, such as `CET-1CEST,M3.5.0,M10.5.0/3` or `<+0330>-3:30`, for which the C
 * library needs no file. What only begins like one is none: the C library takes `UTC+5h` for UTC. It is less strict with
 * what follows the comma.
 * @param tz - without the colon that it may begin with
 * @see tzset(3); POSIX.1-2017, Base Definitions, section 8.3
 */
export function isPosixZone(tz: string): boolean {
  return RULE.test(tz);
}
