/** Zone names that never differ from UTC. */
const UTC = /^:?(?:Etc\/)?(?:UTC|UCT|GMT|GMT0|GMT[+-]0|Greenwich|Universal|Zulu)$/;
/** A POSIX TZ rule, such as `CET-1CEST,M3.5.0,M10.5.0/3` or `<+0330>-3:30`. */
const POSIX_RULE = /^:?(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)[+-]?\d{1,2}(?::\d\d){0,2}(?:[A-Za-z<].*)?$/;

/**
 * What the C library makes of a TZ value. A name that it does not know counts as UTC, without a word.
 * @see tzset(3)
 */
export function zoneKind(tz: string): 'utc' | 'zone' | 'invalid' {
  if (tz === '' || UTC.test(tz) || /^(UTC|GMT)[+-]?0$/.test(tz)) return 'utc';
  if (POSIX_RULE.test(tz)) return 'zone';
  const name = tz.replace(/^:/, '').replace(/^(posix|right)\//, '');
  // Intl also takes offsets and any case; the C library opens a file of exactly that name.
  if (!/^[A-Za-z]/.test(name)) return 'invalid';
  try {
    const canonical = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
    const wrongCase = canonical !== name && canonical.toLowerCase() === name.toLowerCase();
    return wrongCase ? 'invalid' : 'zone';
  } catch {
    return 'invalid';
  }
}
