import type { GuestOs, Owner } from '../facts/definition.js';
import { child, childrenNamed, type XmlElement } from './tree.js';

/** What somebody chose to call a guest. */
interface NameHint {
  readonly family: 'windows' | 'linux' | 'bsd';
  /** Where the word stands, such as `the name 'win2k19-dc'`. */
  readonly where: string;
}

/** Linux file systems and nova's display names end here too; more of a description is not looked at. */
const LONGEST_TEXT = 255;

/**
 * Words that name a system. A digit may follow (`rhel9`), a letter may not (`winston`, `almanac`), and `on-windows`
 * or `for-windows` say what the guest has to do with, not what it is.
 */
const NAMES = [
  [
    'windows',
    /(?<![a-z])(?<!(?<![a-z])(?:on|for|from|to|of|not?|non)[-_. ])(?:windows|win|win[-_ ]?(?:server|srv|xp|vista|2k|nt)|w2k|w1[01](?!\d)|ms[-_]?win)(?![a-z])/i,
  ],
  [
    'linux',
    /(?<![a-z])(?:linux|ubuntu|debian|rhel|redhat|centos|fedora|rocky|rockylinux|alma|almalinux|suse|opensuse|sles|oraclelinux|archlinux|gentoo|alpine|coreos|flatcar)(?![a-z])/i,
  ],
  ['bsd', /(?<![a-z])(?:freebsd|openbsd|netbsd|dragonflybsd|pfsense|opnsense)(?![a-z])/i],
] as const;

/**
 * The system that a domain's name, title, nova display name or description speaks of: the first of them that
 * names exactly one.
 */
export function hintByName(domain: XmlElement, { instanceName }: Owner): NameHint | null {
  const texts = [
    ['name', child(domain, 'name')?.text],
    ['title', child(domain, 'title')?.text],
    ['display name', instanceName],
    ['description', child(domain, 'description')?.text],
  ] as const;
  for (const [what, text = ''] of texts) {
    const looked = text.trim().slice(0, LONGEST_TEXT);
    const found = NAMES.filter(([, pattern]) => pattern.test(looked));
    const family = found.length === 1 ? found[0]?.[0] : undefined;
    if (family)
      return { family, where: what === 'description' ? 'the description' : `the ${what} '${looked}'` };
  }
  return null;
}

/**
 * The weak evidence: a disc in the drive, a name, and a TPM with secure boot, which Windows 11 asks for and which
 * few others get.
 */
export function fromHints(domain: XmlElement, name: NameHint | null): GuestOs | null {
  const media = windowsMedia(domain);
  if (media) return { family: 'windows', confidence: 'weak', evidence: `a CD-ROM named ${media}` };
  if (name) return { family: name.family, confidence: 'weak', evidence: name.where };
  return hasTpm2(domain) && hasSecureBoot(domain)
    ? { family: 'windows', confidence: 'weak', evidence: 'a TPM 2.0 with secure boot' }
    : null;
}

/** The file name of an attached Windows installation or virtio-win driver image. */
function windowsMedia(domain: XmlElement): string | null {
  for (const disk of childrenNamed(child(domain, 'devices'), 'disk')) {
    if (disk.attributes.device !== 'cdrom') continue;
    const file = child(disk, 'source')?.attributes.file?.split('/').at(-1)?.slice(-LONGEST_TEXT) ?? '';
    if (!/\.iso$/i.test(file)) continue;
    if (/^virtio-win|(?<![a-z])win(dows)?[-_]?(\d|server|xp|vista)|server_eval/i.test(file)) return file;
  }
  return null;
}

function hasTpm2(domain: XmlElement): boolean {
  return childrenNamed(child(domain, 'devices'), 'tpm').some(
    (tpm) => child(tpm, 'backend')?.attributes.version === '2.0',
  );
}

/** @see {@link https://libvirt.org/formatdomain.html#bios-bootloader} */
function hasSecureBoot(domain: XmlElement): boolean {
  const os = child(domain, 'os');
  const features = childrenNamed(child(os, 'firmware'), 'feature');
  return (
    child(os, 'loader')?.attributes.secure === 'yes' ||
    features.some(({ attributes }) => attributes.name === 'secure-boot' && attributes.enabled === 'yes')
  );
}
