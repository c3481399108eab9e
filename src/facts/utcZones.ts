const NAMES = /^(?:Etc\/)?(?:UTC|UCT|GMT|GMT0|GMT[+-]0|Greenwich|Universal|Zulu)$/;
const RULES = /^<?(?:UTC|UCT|GMT)>?[+-]?0?$/;

/** Whether a zone name or POSIX rule never differs from UTC. */
export function isUtcZone(zone: string): boolean {
  return NAMES.test(zone) || RULES.test(zone);
}
