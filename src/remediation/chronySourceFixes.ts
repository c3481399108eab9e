import type { Finding } from '../checks/finding.js';
import type { HostFacts } from '../facts/host.js';
import { lookAtSources, moreSources, RESTART } from './chronyFixes.js';
import { distributionOf } from './distribution.js';
import type { HostFix } from './hostFix.js';

/**
 * What to paste for a chronyd with too few sources, or with a wrong one.
 * @see chronyc(1), sources, selectdata and online
 */
export function chronySourceFixes(host: HostFacts, { check, code }: Finding): HostFix[] {
  switch (code) {
    case 'none-usable':
      return [
        lookAtSources(check),
        moreSources(host, check, 'gives chronyd sources beside those that it has'),
      ];
    case 'too-few':
      return [moreSources(host, check, 'gives chronyd sources enough to outvote a wrong one')];
    case 'falseticker':
      return [
        {
          check,
          about:
            'shows by how much each source differs, and why chronyd does not select it; then have the falseticker mended, or take its line out of chrony.conf',
          file: null,
          lines: ['chronyc -n sources -v', 'chronyc -n sourcestats', 'chronyc -n selectdata -v'],
          activate: null,
        },
        moreSources(host, check, 'gives chronyd sources enough to outvote a wrong one'),
      ];
  }
  return [];
}

/** Where the packages take chronyd's options from, and what there is in the file by default. */
const OPTIONS = {
  debian: { file: '/etc/default/chrony', lines: ['DAEMON_OPTS="-F 1"'] },
  'red-hat': { file: '/etc/sysconfig/chronyd', lines: ['OPTIONS=""'] },
} as const;

/**
 * What to paste for a chronyd that only looks at the clock.
 * @see chronyd(8), option -x; systemd.exec(5), CapabilityBoundingSet=
 */
export function chronyControlFixes(host: HostFacts, { check, code }: Finding): HostFix[] {
  if (code !== 'not-steered' && code !== 'nobody-seen') return [];
  return [
    {
      check,
      about:
        'shows how chronyd is started and which capabilities it may have: -x has to go, and cap_sys_time has to be among them',
      file: null,
      lines: ['systemctl show chronyd -p ExecStart -p CapabilityBoundingSet', 'systemctl cat chronyd'],
      activate: null,
    },
    {
      check,
      about:
        'starts chronyd without -x, where that stands in this file; keep other options that are there; chronyd then corrects the clock, by a step if makestep in chrony.conf allows it',
      ...OPTIONS[distributionOf(host) ?? 'red-hat'],
      activate: RESTART,
    },
  ];
}
