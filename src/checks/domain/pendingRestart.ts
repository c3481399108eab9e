import type { SituationCheck } from '../check.js';
import { clockDifferences } from '../clockDifferences.js';
import { TIME_KEEPING } from '../references.js';
import { whyNotRunning } from '../running.js';

export const pendingRestart: SituationCheck = {
  id: 'domain/pending-restart',
  scope: 'domain',
  judges: 'situation',
  title: 'What runs has the clock that is defined',
  failureTitle: 'The defined clock waits for a power cycle',
  rationale:
    'A clock cannot be changed while a guest runs: virsh edit and define change what the next start will use. Neither a reboot in the guest nor virsh reboot or reset is a start; only a full stop of QEMU is. Until then an audit of the persistent definition alone tells of a clock that the guest does not have.',
  outcomes: {
    pass: 'Both definitions give the guest the same clock.',
    warn: 'They differ; the finding tells in what.',
    'not-applicable': 'The domain does not run, is transient, or only one of its definitions is known.',
  },
  fix: 'Stop and start the guest (virsh shutdown, wait, virsh start); for nova: openstack server stop and start.',
  references: [
    TIME_KEEPING,
    { title: 'virsh(1), define and edit', url: 'https://libvirt.org/manpages/virsh.html' },
  ],
  appliesTo(domain) {
    const { live, inactive } = domain.definitions;
    if (!live) return whyNotRunning(domain);
    return inactive !== undefined || 'there is no definition of a next start to compare with';
  },
  needs: ({ definitions: { live, inactive } }) => [live, inactive].filter((fact) => fact !== undefined),
  evaluate({ definitions: { live, inactive } }) {
    const differences = live?.known && inactive?.known ? clockDifferences(live.value, inactive.value) : [];
    if (differences.length === 0) {
      return { outcome: 'pass', code: 'same', observed: 'both definitions give the same clock' };
    }
    return {
      outcome: 'warn',
      code: 'pending',
      observed: `the next start will change: ${differences.join('; ')}`,
      expected: 'a full stop and start, which a reboot is not',
    };
  },
};
