import type { GuestOs, Owner } from '../facts/definition.js';
import { isUtcZone } from '../facts/utcZones.js';
import type { Clock } from './clockElement.js';
import { hypervElements } from './features.js';
import { fromHints, hintByName } from './guestOsHints.js';
import { metadataOf } from './owner.js';
import { child, localName, type XmlElement } from './tree.js';

/** Families by the start of what follows `http://` in a libosinfo id; the rest is some Linux or Unix. */
const LIBOSINFO_FAMILIES = [
  ['microsoft.com/win', 'windows'],
  ['microsoft.com/msdos', 'dos'],
  ['freedos.org/', 'dos'],
  ['reactos.org/', 'windows'],
  ['oracle.com/solaris', 'solaris'],
  ['sun.com/', 'solaris'],
  ['freebsd.org/', 'bsd'],
  ['openbsd.org/', 'bsd'],
  ['netbsd.org/', 'bsd'],
  ['dragonflybsd.org/', 'bsd'],
  ['apple.com/', 'other'],
  ['novell.com/netware', 'other'],
  ['haiku-os.org/', 'other'],
  ['libosinfo.org/unknown', 'unknown'],
] as const;

const LONGEST_ID = 255;

/**
 * Tells the guest operating system from what the host can see, with how far that can be trusted. Hyper-V
 * features alone are a weak hint: careful administrators give them to Linux guests too. A machine type or the
 * SMBIOS strings never count; oVirt's name the host's system.
 * @param passesEnlightenments - whether a -cpu in qemu:commandline switches Hyper-V features on
 */
export function readGuestOs(
  domain: XmlElement,
  clock: Clock,
  owner: Owner,
  passesEnlightenments: boolean,
): GuestOs {
  const name = hintByName(domain, owner);
  return (
    fromEvidence(domain, owner) ??
    fromClockAndFeatures(domain, clock, owner, name) ??
    fromHints(domain, name) ??
    (passesEnlightenments ? BY_ARGUMENTS : null) ?? {
      family: 'unknown',
      confidence: 'none',
      evidence: 'nothing in the definition names it',
    }
  );
}

const BY_ARGUMENTS: GuestOs = {
  family: 'windows',
  confidence: 'weak',
  evidence: 'a -cpu in qemu:commandline has Hyper-V features, which Linux guests are given too',
};

/**
 * The evidence that somebody recorded on purpose. Where it disagrees, nova's image property decides, for nova
 * itself acts on it. A kernel with its command line is what the guest boots now, while libosinfo metadata stays
 * what the installation made it; nobody knows then.
 */
function fromEvidence(domain: XmlElement, owner: Owner): GuestOs | null {
  const image = fromNovaImage(owner);
  const libosinfo = fromLibosinfo(domain);
  const kernel = fromDirectBoot(domain);
  if (image) return against(image, libosinfo ?? kernel);
  if (libosinfo && kernel && (libosinfo.family === 'windows' || libosinfo.family === 'dos')) {
    return { ...against(kernel, libosinfo), confidence: 'weak' };
  }
  return libosinfo ?? kernel;
}

function against(decisive: GuestOs, other: GuestOs | null): GuestOs {
  if (!other || other.family === decisive.family) return decisive;
  return { ...decisive, evidence: `${decisive.evidence}, against ${other.evidence}` };
}

/** @see {@link https://libosinfo.org/} for the ids */
function fromLibosinfo(domain: XmlElement): GuestOs | null {
  const metadata = metadataOf(domain, 'http://libosinfo.org/');
  const os = metadata?.children.find((element) => localName(element) === 'os');
  const id = os?.attributes.id?.slice(0, LONGEST_ID);
  if (!id) return null;
  const path = id.replace(/^https?:\/\/(www\.)?/, '');
  const family = LIBOSINFO_FAMILIES.find(([start]) => path.startsWith(start))?.[1] ?? 'linux';
  if (family === 'unknown') return null;
  return { family, confidence: 'strong', evidence: `libosinfo id ${id}` };
}

/** The image's properties; os_type is the one that nova acts on, os_distro only tells more. */
function fromNovaImage({ imageProperties }: Owner): GuestOs | null {
  const properties = new Map(Object.entries(imageProperties ?? {}));
  const type = properties.get('os_type')?.toLowerCase();
  const distribution = properties.get('os_distro')?.toLowerCase();
  const byDistribution: GuestOs | null = distribution
    ? {
        family: familyOfDistribution(distribution),
        confidence: 'strong',
        evidence: `nova image property os_distro=${distribution}`,
      }
    : null;
  const family = FAMILIES_BY_TYPE.get(type ?? '');
  if (!family) return byDistribution;
  const byType: GuestOs = { family, confidence: 'strong', evidence: `nova image property os_type=${type}` };
  return against(byType, byDistribution);
}

const FAMILIES_BY_TYPE: ReadonlyMap<string, GuestOs['family']> = new Map([
  ['windows', 'windows'],
  ['linux', 'linux'],
]);

/** @see the os_distro values of glance, which are libosinfo's short names */
function familyOfDistribution(distribution: string): GuestOs['family'] {
  if (/^win/.test(distribution)) return 'windows';
  if (/bsd/.test(distribution)) return 'bsd';
  if (/solaris|indiana|smartos/.test(distribution)) return 'solaris';
  if (/dos/.test(distribution)) return 'dos';
  return /^(mac|netware|haiku)/.test(distribution) ? 'other' : 'linux';
}

function fromDirectBoot(domain: XmlElement): GuestOs | null {
  const os = child(domain, 'os');
  return child(os, 'kernel') && child(os, 'cmdline')
    ? { family: 'linux', confidence: 'strong', evidence: 'booted from a kernel and a command line' }
    : null;
}

function fromClockAndFeatures(
  domain: XmlElement,
  clock: Clock,
  owner: Owner,
  name: ReturnType<typeof hintByName>,
): GuestOs | null {
  const hypervclock = clock.timers.some((timer) => timer.name === 'hypervclock' && timer.present);
  if (owner.kind === 'nova' && clock.offset === 'localtime' && hypervclock) {
    const evidence = 'nova gives localtime with hypervclock to os_type=windows only';
    return { family: 'windows', confidence: 'strong', evidence };
  }
  const enlightened = hypervElements(domain).some(
    ({ attributes, children }) =>
      attributes.mode === 'passthrough' || attributes.mode === 'host-model' || children.some(isEnlightenment),
  );
  if (!hypervclock && !enlightened) return null;
  const features = hypervclock ? 'the hypervclock timer is on' : 'Hyper-V features are on';
  const windows = (confidence: GuestOs['confidence'], evidence: string): GuestOs => ({
    family: 'windows',
    confidence,
    evidence,
  });
  if (name && name.family !== 'windows') return windows('weak', `${features}, against ${name.where}`);
  if (owner.kind === 'ovirt' && clock.offset === 'variable') {
    return windows('medium', `${features}, which oVirt gives to Windows guests`);
  }
  if (hypervclock) return windows('medium', features);
  if (isLocalTime(clock)) return windows('medium', `${features} and the RTC is in local time`);
  const hint = fromHints(domain, name);
  if (hint?.family === 'windows') return windows('medium', `${features} and ${hint.evidence}`);
  return windows('weak', `${features}, which Linux guests are given too`);
}

/** The vendor's name is mostly given to hide KVM from a driver, whatever the guest. */
function isEnlightenment({ name, attributes }: XmlElement): boolean {
  return attributes.state === 'on' && name !== 'vendor_id';
}

function isLocalTime({ offset, basis, timezone }: Clock): boolean {
  if (offset === 'timezone') return timezone !== null && !isUtcZone(timezone);
  return offset === 'localtime' || (offset === 'variable' && basis === 'localtime');
}
