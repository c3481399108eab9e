import type { GuestOs, Owner } from '../facts/definition.js';
import type { Clock } from './clockElement.js';
import { hypervElements } from './features.js';
import { metadataOf } from './owner.js';
import { child, childrenNamed, localName, type XmlElement } from './tree.js';

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

/**
 * Tells the guest operating system from what the host can see, with how far that can be trusted. Hyper-V
 * features alone prove nothing: careful administrators give them to Linux guests too.
 */
export function readGuestOs(domain: XmlElement, clock: Clock, owner: Owner): GuestOs {
  return (
    fromLibosinfo(domain) ??
    fromNovaImage(domain) ??
    fromDirectBoot(domain) ??
    fromClockAndFeatures(domain, clock, owner) ?? {
      family: 'unknown',
      confidence: 'none',
      evidence: 'nothing in the definition names it',
    }
  );
}

/** @see {@link https://libosinfo.org/} for the ids */
function fromLibosinfo(domain: XmlElement): GuestOs | null {
  const metadata = metadataOf(domain, 'http://libosinfo.org/');
  const id = metadata?.children.find((element) => localName(element) === 'os')?.attributes.id;
  if (!id) return null;
  const path = id.replace(/^https?:\/\/(www\.)?/, '');
  const family = LIBOSINFO_FAMILIES.find(([start]) => path.startsWith(start))?.[1] ?? 'linux';
  if (family === 'unknown') return null;
  return { family, confidence: 'strong', evidence: `libosinfo id ${id}` };
}

/** nova writes the image's properties into the metadata since its 2025.2 release. */
function fromNovaImage(domain: XmlElement): GuestOs | null {
  const instance = metadataOf(domain, 'http://openstack.org/xmlns/libvirt/nova/');
  const part = (parent: XmlElement | undefined, name: string) =>
    parent?.children.find((element) => localName(element) === name);
  const properties = part(part(instance, 'image'), 'properties')?.children ?? [];
  const property = (name: string) =>
    properties
      .find((element) => element.attributes.name === name)
      ?.text.trim()
      .toLowerCase();
  const type = property('os_type');
  const family = FAMILIES_BY_TYPE.get(type ?? '');
  if (family) return { family, confidence: 'strong', evidence: `nova image property os_type=${type}` };
  const distribution = property('os_distro');
  if (!distribution) return null;
  const evidence = `nova image property os_distro=${distribution}`;
  return { family: familyOfDistribution(distribution), confidence: 'strong', evidence };
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

function fromClockAndFeatures(domain: XmlElement, clock: Clock, owner: Owner): GuestOs | null {
  const hypervclock = clock.timers.some(({ name, present }) => name === 'hypervclock' && present);
  if (owner.kind === 'nova' && clock.offset === 'localtime' && hypervclock) {
    const evidence = 'nova gives localtime with hypervclock to os_type=windows only';
    return { family: 'windows', confidence: 'strong', evidence };
  }
  const enlightened = hypervElements(domain).some(
    ({ attributes, children }) =>
      attributes.mode === 'passthrough' ||
      attributes.mode === 'host-model' ||
      children.some((feature) => feature.attributes.state === 'on'),
  );
  if (hypervclock || enlightened) {
    const evidence = enlightened ? 'Hyper-V features are on' : 'the hypervclock timer is on';
    return { family: 'windows', confidence: 'medium', evidence };
  }
  const media = installationMedia(domain);
  if (media) return { family: 'windows', confidence: 'weak', evidence: `a CD-ROM named ${media}` };
  return null;
}

/** The file name of an attached Windows installation or virtio-win driver image. */
function installationMedia(domain: XmlElement): string | null {
  for (const disk of childrenNamed(child(domain, 'devices'), 'disk')) {
    if (disk.attributes.device !== 'cdrom') continue;
    const file = child(disk, 'source')?.attributes.file?.split('/').at(-1) ?? '';
    if (/^(virtio-win.*|win(dows)?[-_]?(\d|server|xp|vista).*|.*server_eval.*)\.iso$/i.test(file))
      return file;
  }
  return null;
}
