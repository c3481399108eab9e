import type { Intent } from '../../src/checks/intent.js';
import type { SettingsDifference } from './commandLineSettings.js';

type Kind = Intent['kind'];
type IntentOf<K extends Kind> = Extract<Intent, { kind: K }>;

/** What an intent comes to on QEMU's command line. */
interface Effect<K extends Kind> {
  /** Whether QEMU would do as is wanted. */
  readonly isThere: (settings: readonly string[], intent: IntentOf<K>, removed: readonly string[]) => boolean;
  /** The settings that may come and go for its sake; no other may. */
  readonly concerns: RegExp;
}

/** The value that QEMU uses of a setting that stands there several times. */
function last(settings: readonly string[], prefix: string): string | undefined {
  return settings.findLast((setting) => setting.startsWith(prefix))?.slice(prefix.length);
}

const isOff = (value: string | undefined) => value === 'off' || value === 'no';

/** The settings of the -cpu in force: a later one replaces the whole of it. */
function cpu(settings: readonly string[]): string[] {
  return settings.slice(settings.lastIndexOf('-cpu')).filter((setting) => setting.startsWith('-cpu '));
}

/** libvirt's names of Hyper-V enlightenments that QEMU calls otherwise. */
const QEMU_NAMES: Readonly<Record<string, string>> = { direct: 'stimer-direct' };

const AGENT_DEVICES =
  /^-chardev socket,id=charchannel\d+,|^-device .*"(virtserialport|virtio-serial-\w+|pcie-root-port)"|^-(chardev|device)$/;

/** What each intent has to come to in libvirt's own translation of the patched definition. */
const EFFECTS: { readonly [K in Kind]: Effect<K> } = {
  'set-clock-offset': {
    isThere: (settings, { offset }) => last(settings, '-rtc base=') === offset,
    concerns: /^-rtc base=|^-rtc$|^TZ=/,
  },
  'drop-time-zone-variable': {
    // A clock in a time zone still gives a variable of its own.
    isThere: (_, __, removed) => removed.some((setting) => setting.startsWith('TZ=')),
    concerns: /^TZ=/,
  },
  'follow-host-time': {
    isThere: (settings) => ['host', undefined].includes(last(settings, '-rtc clock=')),
    concerns: /^-rtc clock=|^-rtc$/,
  },
  'enable-kvmclock': {
    isThere: (settings) =>
      !isOff(last(cpu(settings), '-cpu kvmclock=')) &&
      !isOff(last(cpu(settings), '-cpu kvm=')) &&
      !isOff(last(cpu(settings), '-cpu hypervisor=')) &&
      !cpu(settings).some((setting) => /^-cpu -(kvmclock|kvm|hypervisor)$/.test(setting)) &&
      !settings.some((setting) => /^-global .*cpu\.(kvm|kvmclock|hypervisor)=(off|no)$/.test(setting)),
    concerns:
      /^-cpu [-+]?(kvmclock|kvm|hypervisor)(=|$)|^-global .*cpu\.(kvm|kvmclock|hypervisor)=|^-global$/,
  },
  'delete-kvmclock-timer': {
    isThere: (settings) => !settings.some((setting) => setting.startsWith('-cpu kvmclock')),
    concerns: /^-cpu kvmclock=/,
  },
  'drop-tsc-frequency': {
    isThere: (settings) => !settings.some((setting) => setting.startsWith('-cpu tsc-frequency')),
    concerns: /^-cpu tsc[-_]freq(uency)?=|^-cpu$/,
  },
  'disable-hpet': {
    isThere: (settings) => settings.includes('-no-hpet') || isOff(last(settings, '-machine hpet=')),
    concerns: /^-no-hpet$|^-(machine|M) hpet=|^-(machine|M)$|^-global .*\bhpet=|^-global$/,
  },
  'enable-hypervclock': {
    isThere: (settings) => last(cpu(settings), '-cpu hv-time=') === 'on',
    concerns: /^-cpu [-+]?(hv[-_]time|hypervisor)(=|$)|^-global .*cpu\.(hypervisor|hv[-_]time)=|^-global$/,
  },
  'enable-enlightenments': {
    isThere: (settings, { names }) =>
      names.every((name) => last(cpu(settings), `-cpu hv-${QEMU_NAMES[name] ?? name}=`) === 'on'),
    concerns: /^-cpu [-+]?hv[-_](vpindex|synic|stimer|stimer-direct|time|vapic|relaxed)(=|$)/,
  },
  'set-tsc-frequency': {
    isThere: (settings, { frequencyHz }) =>
      last(cpu(settings), '-cpu tsc-frequency=') === String(frequencyHz),
    concerns: /^-cpu tsc-frequency=/,
  },
  'add-agent-channel': {
    isThere: (settings) => settings.some((setting) => setting.includes('"name":"org.qemu.guest_agent.0"')),
    concerns: AGENT_DEVICES,
  },
};

/** Whether QEMU would do as an intent wants it. */
export function isInForce<K extends Kind>(
  intent: IntentOf<K> & { readonly kind: K },
  settings: readonly string[],
  { removed }: SettingsDifference,
): boolean {
  return EFFECTS[intent.kind].isThere(settings, intent, removed);
}

/** The settings that came or went although none of the intents is about them. */
export function unasked(intents: readonly Intent[], { removed, added }: SettingsDifference): string[] {
  return [...removed, ...added].filter(
    (setting) => !intents.some(({ kind }) => EFFECTS[kind].concerns.test(setting)),
  );
}
