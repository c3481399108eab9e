import type { HostFacts } from '../../facts/host.js';
import { given, type HostCheck, type Verdict } from '../check.js';
import { kernelWitness } from './kernelWitness.js';
import { otherSetters } from './otherDiscipline.js';

export const chronyControl: HostCheck = {
  id: 'host/chrony-control',
  scope: 'host',
  title: "chronyd steers the host's clock",
  failureTitle: "chronyd only looks at the host's clock",
  rationale:
    "A chronyd that was started with -x, or without the capability CAP_SYS_TIME, measures how far the clock is off and corrects nothing. All that it reports looks as if it did: it has a source selected and calls itself synchronised. Packages start it that way in containers, where the clock belongs to the host, and so does who wants a server of time beside another daemon. Who else sets the clock can be seen from the processes, and from the kernel: its bound on the clock's error grows by 500 ppm up to 16 s once nobody corrects the clock.",
  outcomes: {
    pass: 'The chronyd that answers may set the clock and was not started with -x.',
    info: 'It does not, and somebody else does: another daemon that runs, or one outside of what can be seen here, as the kernel shows.',
    warn: 'It does not, no other daemon that may set the clock is seen, and the kernel could not be asked.',
    fail: 'It does not, and the kernel says that nobody has corrected the clock for hours.',
    unknown: 'chronyd could not be asked.',
    'not-applicable':
      'chronyd does not run, or which process it is that answers cannot be seen: it is another host, or several run.',
  },
  fix: 'Start chronyd without -x and with CAP_SYS_TIME: look at DAEMON_OPTS in /etc/default/chrony (Debian) or OPTIONS in /etc/sysconfig/chronyd (Red Hat), and at drop-ins of its unit (systemctl cat chronyd).',
  references: [
    { title: 'chronyd(8), option -x', url: 'https://chrony-project.org/doc/4.6/chronyd.html' },
    { title: 'capabilities(7)', url: 'https://man7.org/linux/man-pages/man7/capabilities.7.html' },
    { title: 'adjtimex(2)', url: 'https://man7.org/linux/man-pages/man2/adjtimex.2.html' },
  ],
  needs: ['chrony'],
  evaluate(host): Verdict {
    const answer = given(host.chrony);
    if (answer.daemon === 'absent') {
      const observed = 'chronyd does not run; see host/chrony-tracking';
      return { outcome: 'not-applicable', code: 'daemon-absent', observed };
    }
    if (answer.steersClock === null) {
      const observed = 'the process of the chronyd that answers cannot be told';
      return { outcome: 'not-applicable', code: 'process-not-seen', observed };
    }
    if (answer.steersClock) {
      return { outcome: 'pass', code: 'steers', observed: 'chronyd may set the clock, and does' };
    }
    return { observed: 'chronyd runs with -x or without CAP_SYS_TIME: it sets no clock', ...whoElse(host) };
  },
};

function whoElse(host: HostFacts): Omit<Verdict, 'observed'> {
  const others = otherSetters(host);
  if (others.length > 0) {
    const detail = `${others.join(' and ')} may set it; what chronyd reports is how far off it finds that clock`;
    return { outcome: 'info', code: 'other-daemon', detail };
  }
  const expected = 'chronyd without -x and with CAP_SYS_TIME';
  const kernel = kernelWitness(host);
  if (!kernel) {
    const detail = 'no other daemon is seen that may set it';
    return { outcome: 'warn', code: 'nobody-seen', expected, detail };
  }
  if (kernel.corrected) return { outcome: 'info', code: 'steered-unseen', detail: kernel.said };
  return { outcome: 'fail', code: 'not-steered', expected, detail: kernel.said };
}
