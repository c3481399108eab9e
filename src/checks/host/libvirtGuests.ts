import type { DomainDefinition } from '../../facts/definition.js';
import { given, type HostCheck, type Verdict } from '../check.js';
import { noUseForKvmclock } from '../guestOs.js';
import { guestNames } from './guestNames.js';

export const libvirtGuests: HostCheck = {
  id: 'host/libvirt-guests',
  scope: 'host',
  title: 'A reboot of the host leaves no guest with a late clock',
  failureTitle: "A reboot of the host leaves guests late by the host's downtime",
  rationale:
    "With ON_SHUTDOWN=suspend the service libvirt-guests saves running guests to disk when the host goes down. kvm-clock is saved with them and goes on where it stopped, so a Linux guest is late by as long as the host was down, and does not know it. SYNC_TIME=1 has libvirt-guests set the time through the guest agent, but only of guests that it brings back itself (ON_BOOT=start). libvirt's own defaults are start, suspend and 0; Debian and Ubuntu ship ignore, shutdown and 0. Since libvirt 11.2 the daemon can save guests itself (auto_shutdown_try_save in qemu.conf), where SYNC_TIME has no say; this check does not look at that.",
  outcomes: {
    pass: 'Guests are shut down instead of saved, or are told the time when they are brought back, or none has a clock that stops; or the service is not enabled.',
    warn: 'Guests whose clock stops while they are saved are brought back without being told the time.',
    unknown:
      'The settings could not be read, or are not plain assignments, so that only a shell could tell what they are.',
    'not-applicable': 'libvirt-guests is not installed.',
  },
  fix: "Set ON_SHUTDOWN=shutdown, or ON_BOOT=start with SYNC_TIME=1 and a guest agent in every guest, in /etc/default/libvirt-guests (Debian) or /etc/sysconfig/libvirt-guests (Red Hat, SUSE). In the guests, let chrony step a clock that is far off ('makestep 1 -1').",
  references: [
    { title: 'libvirt-guests(8)', url: 'https://libvirt.org/manpages/libvirt-guests.html' },
    {
      title: 'libvirt: tools/libvirt-guests.sh.in',
      url: 'https://gitlab.com/libvirt/libvirt/-/blob/master/tools/libvirt-guests.sh.in',
    },
  ],
  needs: ['libvirtGuests'],
  evaluate(host, _policy, guests): Verdict {
    const service = given(host.libvirtGuests);
    if (!service) {
      const observed = 'libvirt-guests is not installed';
      return { outcome: 'not-applicable', code: 'not-installed', observed };
    }
    if (!service.enabled) {
      const observed = 'libvirt-guests is not enabled, so it neither saves nor starts guests';
      return { outcome: 'pass', code: 'not-enabled', observed };
    }
    const { onBoot, onShutdown, syncTime } = service;
    const settings = `ON_SHUTDOWN=${onShutdown}, ON_BOOT=${onBoot}, SYNC_TIME=${syncTime ? 1 : 0}`;
    // The script compares with `shutdown` and `start` only, and takes everything else for the other choice.
    if (onShutdown === 'shutdown') return { outcome: 'pass', code: 'shuts-down', observed: settings };
    const started = onBoot === 'start';
    if (started && syncTime) return { outcome: 'pass', code: 'sets-time', observed: settings };
    const late = guests.filter(stopsWhileSaved);
    if (late.length === 0) {
      const detail = 'no guest is known to have a clock that stops while it is saved';
      return { outcome: 'pass', code: 'no-guest-affected', observed: settings, detail };
    }
    const detail = `late by the host's downtime: ${guestNames(late)}`;
    return started
      ? { outcome: 'warn', code: 'time-not-set', observed: settings, expected: 'SYNC_TIME=1', detail }
      : {
          outcome: 'warn',
          code: 'restored-elsewhere',
          observed: settings,
          expected: 'ON_SHUTDOWN=shutdown, or ON_BOOT=start and SYNC_TIME=1',
          detail: `whoever starts a saved guest again restores it, and nobody sets its time; ${detail}`,
        };
  },
};

/** kvm-clock stops on x86, and so does ARM's virtual counter unless it was told not to. */
function stopsWhileSaved({ effectiveClock, guestOs }: DomainDefinition): boolean {
  if (effectiveClock.armVirtualCounterStopsOnPause) return true;
  return effectiveClock.kvmclock === 'on' && noUseForKvmclock(guestOs) === null;
}
