import { given, type HostCheck, type Verdict } from '../check.js';
import { overridingWords, properClocksources } from './properClocksource.js';

export const clockParameters: HostCheck = {
  id: 'host/clock-parameters',
  scope: 'host',
  title: "The kernel's command line leaves the choice of the clocksource to the kernel",
  failureTitle: "The kernel's command line takes the proper clocksource away",
  rationale:
    'clocksource=hpet, notsc and tsc=unstable are left behind by old advice and old hardware. They cost every guest its TSC-stable kvm-clock and ptp_kvm, whatever the TSC is like today. A clocksource that was chosen in /sys since hides such a word until the next boot. tsc=reliable and tsc=nowatchdog do the opposite: the kernel keeps the TSC without watching it, as it does on its own on newer hardware, and a TSC that goes wrong goes unnoticed.',
  outcomes: {
    pass: 'It has no parameters about clocks.',
    info: 'It has some, and none of them takes the proper clocksource away; or one does, which host/clocksource finds.',
    warn: 'It takes the proper clocksource away, which is in use all the same until the next boot, or it is not known what is in use.',
    unknown: '/proc/cmdline could not be read.',
  },
  fix: "Take the word out of GRUB_CMDLINE_LINUX in /etc/default/grub and run update-grub (Debian), or run 'grubby --update-kernel=ALL --remove-args=WORD' (Red Hat), and boot. Leave tsc=reliable only where a diagnosis led to it.",
  references: [
    {
      title: "Linux: the kernel's command-line parameters",
      url: 'https://docs.kernel.org/admin-guide/kernel-parameters.html',
    },
  ],
  needs: ['architecture', 'clockParameters'],
  evaluate(host): Verdict {
    const words = given(host.clockParameters);
    if (words.length === 0) {
      const observed = "the kernel's command line has no parameters about clocks";
      return { outcome: 'pass', code: 'none', observed };
    }
    const observed = words.join(' ');
    const proper = properClocksources(given(host.architecture));
    const source = host.clocksource.known ? host.clocksource.value : null;
    const overriding = overridingWords(words, proper, source?.available ?? null);
    if (overriding.length === 0) {
      const unwatched = words.some((word) => word === 'tsc=reliable' || word === 'tsc=nowatchdog');
      const detail = 'the kernel does not watch the TSC: one that goes wrong is not given up';
      return { outcome: 'info', code: 'no-override', observed, ...(unwatched && { detail }) };
    }
    if (source && !proper.includes(source.current)) {
      const detail = `the clocksource is ${source.current}; see host/clocksource`;
      return { outcome: 'info', code: 'in-force', observed, detail };
    }
    return {
      outcome: 'warn',
      code: 'override',
      observed,
      expected: `no ${overriding.join(' and no ')}`,
      detail: source
        ? `the clocksource is ${source.current}, but the next boot will do without it`
        : 'the clocksource in use is not known',
    };
  },
};
