import { readDomainText } from '../domxml/files.js';
import { MAX_BYTES, TooLarge } from '../domxml/sourceText.js';
import { XmlError } from '../domxml/xmlError.js';
import type { DomainFacts } from '../facts/domain.js';
import { known, unknown } from '../facts/fact.js';
import type { Problem } from '../facts/facts.js';
import type { RecordedDomains, RecordedProcessOf } from './recordedDomains.js';
import type { RecordedEntry, Recording } from './recording.js';

/** Where the QEMU driver keeps definitions, and its records of what runs: see `virQEMUDriverConfigNew` in libvirt. */
const DEFINED = '/etc/libvirt/qemu';
const RUNNING = '/run/libvirt/qemu';
const SAVED = '/var/lib/libvirt/qemu/save';

/**
 * Reads domains from libvirt's own files, each with both of its definitions: where no daemon answers, these are what it
 * would have answered from.
 */
export async function recordedFileDomains(
  recording: Recording,
  processOf: RecordedProcessOf,
): Promise<RecordedDomains> {
  const { entries, origin, virshMissing } = recording;
  const problems: Problem[] = [];
  const found: DomainFacts[] = [];
  for (const [path, entry] of entries) {
    const directory = path.slice(0, path.lastIndexOf('/'));
    const isXml = (directory === DEFINED || directory === RUNNING) && path.endsWith('.xml');
    if (!isXml && !((path === DEFINED || path === RUNNING) && entry.kind === 'unreadable')) continue;
    const domain = await read(path, entry, origin, problems);
    if (domain) found.push(domain);
  }
  const domains = merged(found).map((domain) => complete(domain, entries, processOf));
  const there = entries.has(DEFINED) || entries.has(RUNNING) || found.length + problems.length > 0;
  const why = virshMissing || 'there is no virsh';
  if (domains.length === 0 && problems.length === 0 && virshMissing !== undefined) {
    // The files of a daemon in a container may be elsewhere, so that none here does not mean that there are no domains.
    const files = there ? `libvirt's files tell of no domain` : `libvirt's files are not in ${DEFINED}`;
    const reason = `virsh did not answer (${why}), and ${files} either, so it is not known what runs there; is this a hypervisor? --no-domains leaves the domains out`;
    problems.push({ target: origin, cause: there ? 'no-answer' : 'no-hypervisor', reason });
  }
  return {
    sources: there ? [{ kind: 'files', location: `${DEFINED} and ${RUNNING} on ${origin}` }] : [],
    domains: domains.sort((one, other) => (one.name < other.name ? -1 : 1)),
    problems,
    notes:
      there && virshMissing !== undefined
        ? [`the domains of ${origin} were read from libvirt's files, as virsh did not answer: ${why}`]
        : [],
  };
}

async function read(
  path: string,
  entry: RecordedEntry,
  origin: string,
  problems: Problem[],
): Promise<DomainFacts | null> {
  const target = `${path} on ${origin}`;
  if (entry.kind !== 'file') {
    const reason =
      entry.kind === 'link'
        ? 'is a symbolic link, which is not followed; audit with a virsh that answers'
        : 'may not be read by the user who recorded; record as root';
    problems.push({ target, cause: 'unreadable', reason });
    return null;
  }
  if (entry.bytes.length > MAX_BYTES) {
    problems.push({ target, cause: 'too-large', reason: new TooLarge().message });
    return null;
  }
  try {
    return await readDomainText(entry.bytes.toString('utf8'), target);
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    const { message: reason, line, column } = error;
    problems.push({ target, cause: 'malformed-xml', reason, line, column });
    return null;
  }
}

/** One domain of both of its files. */
function merged(found: readonly DomainFacts[]): DomainFacts[] {
  const domains = new Map<string, DomainFacts>();
  for (const domain of found) {
    const key = domain.uuid ?? domain.source;
    const other = domains.get(key);
    const { live } = domain.definitions;
    // What runs knows the state; the rest is alike.
    const [first, second] = live || !other ? [domain, other] : [other, domain];
    domains.set(key, { ...first, definitions: { ...second?.definitions, ...first.definitions } });
  }
  return [...domains.values()];
}

function complete(
  domain: DomainFacts,
  entries: Recording['entries'],
  processOf: RecordedProcessOf,
): DomainFacts {
  const { name, uuid, definitions, state } = domain;
  const { live, inactive } = definitions;
  const listed = entries.get(DEFINED)?.kind === 'directory' || inactive !== undefined;
  const image = `${SAVED}/${name}.save`;
  const hasImage = entries.has(image);
  const process = live && uuid !== undefined ? processOf({ name, uuid }) : undefined;
  return {
    ...domain,
    // A domain without a status file does not run, where those of others could be seen.
    state: live || entries.get(RUNNING)?.kind !== 'directory' ? state : known('shut off', RUNNING),
    persistent: listed
      ? known(inactive !== undefined, DEFINED)
      : unknown(DEFINED, 'not-recorded', `${DEFINED} was not recorded`),
    managedSave:
      hasImage || entries.get(SAVED)?.kind === 'directory'
        ? known(hasImage, SAVED)
        : unknown(SAVED, 'not-recorded', `${SAVED} could not be listed; record as root`),
    ...(hasImage && {
      savedDefinition: unknown(
        image,
        'not-recorded',
        'there is a managed save image, and only a virsh that answers tells which definition is in it',
      ),
    }),
    ...(process && { process }),
  };
}
