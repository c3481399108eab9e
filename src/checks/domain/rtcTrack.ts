import { type DefinitionCheck, noRtc, qemuGuest } from '../check.js';
import { TIME_KEEPING } from '../references.js';

export const rtcTrack: DefinitionCheck = {
  id: 'domain/rtc-track',
  scope: 'domain',
  judges: 'definition',
  title: 'The emulated RTC follows host time',
  failureTitle: 'The emulated RTC runs on its own',
  rationale:
    "A guest sets its system clock from the RTC at boot, and again when it is told to after a pause. An RTC with track='guest' counts guest virtual time: it loses every pause, every managed save and every migration's downtime. With track='realtime' it follows the host's monotonic clock and misses every step of the host's clock. Without track, or with track='wall', it is the host's real time plus a constant.",
  outcomes: {
    pass: "The RTC's source is the host's real time (no track, or track='wall').",
    warn: "The RTC follows the host's monotonic clock (track='realtime'), or guest time in a domain set up for record and replay.",
    fail: "The RTC follows guest virtual time (track='guest').",
    'not-applicable': 'The domain is not run by QEMU, or its machine has no RTC (s390x, microvm under KVM).',
  },
  fix: "Remove track from the first rtc timer (or say track='wall'), and remove clock= from any -rtc in qemu:commandline; then stop and start the guest.",
  references: [
    TIME_KEEPING,
    { title: 'qemu(1), -rtc', url: 'https://www.qemu.org/docs/master/system/invocation.html' },
  ],
  needs: () => [],
  appliesTo(definition) {
    const guest = qemuGuest(definition);
    return guest === true && !definition.effectiveClock.rtc.present ? noRtc(definition) : guest;
  },
  evaluate({ effectiveClock: { rtc, recordReplay } }) {
    const expected = "the host's real time: no track, or track='wall' (clock=host)";
    const remedy = [{ kind: 'follow-host-time' }] as const;
    if (rtc.clock === 'host') {
      return { outcome: 'pass', code: 'host', observed: `clock=host, by ${rtc.clockDecidedBy}` };
    }
    if (rtc.clock === 'rt') {
      const observed = `clock=rt, by ${rtc.clockDecidedBy}: the RTC misses every step of the host's clock`;
      return { outcome: 'warn', code: 'realtime', observed, expected, remedy };
    }
    const observed = `clock=vm, by ${rtc.clockDecidedBy}: the RTC loses every pause and migration downtime`;
    if (recordReplay) {
      const detail = 'the command line asks for -icount, where guest time is deliberate';
      return { outcome: 'warn', code: 'guest-for-replay', observed, detail };
    }
    return { outcome: 'fail', code: 'guest', observed, expected, remedy };
  },
};
