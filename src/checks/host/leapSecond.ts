import type { KernelClock } from '../../facts/kernelClock.js';
import { given, type HostCheck, type Verdict } from '../check.js';

export const leapSecond: HostCheck = {
  id: 'host/leap-second',
  scope: 'host',
  title: 'No leap second is about to change the clocks',
  failureTitle: 'A leap second is about to change the clocks',
  rationale:
    "A leap second is announced by NTP servers on the day it takes place. The host's kernel then repeats or skips a second at the end of the UTC day. Guests that ask NTP servers hear of it themselves. For those that follow the host by ptp_kvm or start from their RTC, the host's clock merely jumps by a second, and kvm-clock takes no notice at all: it counts on. Any measurement between host and guest on that day has to allow for it.",
  outcomes: {
    pass: 'chronyd knows of no leap second for the end of this day, or the kernel of none where another daemon tells it.',
    info: 'A second will be inserted or deleted at the end of the UTC day, or has just been.',
    unknown: 'Neither chronyd nor the kernel could be asked.',
    'not-applicable': 'No time daemon runs, or the clock is not synchronised and nobody can know.',
  },
  fix: 'Nothing is broken. See that all hosts and guests treat the second alike: leapsecmode and smoothtime in chrony.conf, and no mixture of servers that smear the second and servers that do not.',
  references: [
    {
      title: 'chrony.conf(5), leapsecmode',
      url: 'https://chrony-project.org/doc/4.6/chrony.conf.html#leapsecmode',
    },
    {
      title: 'RFC 8633, section 3.7, Leap-Second Handling',
      url: 'https://www.rfc-editor.org/rfc/rfc8633#section-3.7',
    },
  ],
  needs: [],
  needsMore: (host) => (host.chrony.known || !host.kernelClock.known ? ['chrony'] : ['kernelClock']),
  evaluate(host): Verdict {
    const kernel = host.kernelClock.known ? host.kernelClock.value : null;
    // The kernel is told by whichever daemon steers it, and by chronyd only with leapsecmode system.
    const announced = kernel && byKernel(kernel);
    if (!host.chrony.known) return announced ?? withoutChronyd(given(host.kernelClock));
    const answer = host.chrony.value;
    if (answer.daemon === 'absent') {
      if (announced) return announced;
      const others = host.timeDaemons.known && host.timeDaemons.value.length > 0;
      if (kernel && (others || !kernel.status.includes('unsync'))) return withoutChronyd(kernel);
      const observed = 'no time daemon runs that could know; see host/chrony-tracking';
      return { outcome: 'not-applicable', code: 'daemon-absent', observed };
    }
    switch (answer.tracking.leapStatus) {
      case 'normal':
        return (
          announced ?? { outcome: 'pass', code: 'none-announced', observed: 'no leap second is announced' }
        );
      case 'insert-second':
        return pending('inserted', 'leap-insert', 'back');
      case 'delete-second':
        return pending('deleted', 'leap-delete', 'ahead');
      case 'not-synchronised': {
        const observed = 'chronyd is not synchronised and cannot know; see host/chrony-tracking';
        return announced ?? { outcome: 'not-applicable', code: 'not-synchronised', observed };
      }
    }
  },
};

/** What the kernel was told, or null where that is nothing. What it was told long ago, it says no longer. */
function byKernel({ state }: KernelClock): Verdict | null {
  if (state === 'insert-second') return pending('inserted', 'leap-insert', 'back');
  if (state === 'delete-second') return pending('deleted', 'leap-delete', 'ahead');
  if (state !== 'leap-in-progress' && state !== 'leap-over') return null;
  return { outcome: 'info', code: 'leap-over', observed: 'the kernel has just gone through a leap second' };
}

/** A daemon other than chronyd tells the kernel of a leap second as soon as it hears of it. */
function withoutChronyd({ status }: KernelClock): Verdict {
  if (status.includes('unsync')) {
    const observed = "the kernel's clock is not synchronised, so that nobody can know";
    return { outcome: 'not-applicable', code: 'not-synchronised', observed };
  }
  const observed = 'the kernel has been told of no leap second';
  return { outcome: 'pass', code: 'none-announced', observed };
}

function pending(what: 'inserted' | 'deleted', code: string, direction: 'back' | 'ahead'): Verdict {
  return {
    outcome: 'info',
    code,
    observed: `a leap second will be ${what} at the end of the UTC day`,
    detail: `unless leapsecmode says otherwise, the host's clock then jumps a second ${direction}: guests that follow it by ptp_kvm see an offset of a second without an announcement, kvm-clock counts on, and guests with NTP servers of their own hear of it from those`,
  };
}
