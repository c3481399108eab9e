import type { SituationCheck } from '../check.js';
import { whyNotRunning } from '../running.js';

export const qemuProcess: SituationCheck = {
  id: 'domain/qemu-process',
  scope: 'domain',
  judges: 'situation',
  title: 'QEMU runs with the clock that its definition says',
  failureTitle: 'QEMU runs with another clock than its definition says',
  rationale:
    'The definition is what libvirt was asked for; the arguments and the TZ of the running QEMU are what the guest has. They part company when <emulator> is a wrapper, when a hook or another libvirt version built the command line, or when somebody started QEMU by hand. All checks judge what runs, where it could be read.',
  outcomes: {
    pass: 'The arguments of the running QEMU come to the same clock.',
    warn: 'They come to another one; the finding tells in what.',
    'not-applicable':
      'The domain does not run, or its process could not be looked at: then its definition is judged, and the finding tells why.',
  },
  fix: 'Look at <emulator>, at /etc/libvirt/hooks/qemu and at how long the guest has been running (an older libvirt may have started it); then stop and start the guest.',
  references: [
    {
      title: 'proc(5), /proc/pid/cmdline and environ',
      url: 'https://man7.org/linux/man-pages/man5/proc.5.html',
    },
    { title: 'libvirt: Hooks', url: 'https://libvirt.org/hooks.html' },
  ],
  appliesTo(domain) {
    const {
      definitions: { live },
      process: qemu,
    } = domain;
    if (!live) return whyNotRunning(domain);
    if (!qemu) return 'the definition was judged; there is no process of this host to look at';
    return qemu.known || `the definition was judged, not the process: ${qemu.reason}`;
  },
  needs: ({ definitions: { live }, process: qemu }) => [live, qemu].filter((fact) => fact != null),
  evaluate({ definitions: { live }, process: qemu }) {
    const differences = live?.known ? live.value.processDifferences : [];
    const pid = qemu?.known ? `process ${qemu.value.pid}` : 'the process';
    if (differences.length === 0) {
      return { outcome: 'pass', code: 'same', observed: `${pid} runs with the clock of its definition` };
    }
    return {
      outcome: 'warn',
      code: 'differs',
      observed: `${pid}: ${differences.join('; ')}`,
      expected: 'the clock of the definition',
    };
  },
};
