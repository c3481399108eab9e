import type { DomainFacts } from '../facts/domain.js';
import type { Fact } from '../facts/fact.js';
import type { HostFacts } from '../facts/host.js';
import type { RecordingNotLaidOut } from '../recording/recordingUnreadable.js';
import { inWords } from './output.js';

/** What cannot be read below the root of a recording is a link to itself. */
const UNREADABLE = /ELOOP(: too many symbolic links encountered)?/g;

/** Says of the facts of a recorded host why they are unknown there, and not here where its files were laid for a moment. */
export function hostAsRecorded<Host extends Partial<HostFacts>>(host: Host, root: string): Host {
  const facts = Object.entries(host).map(([name, fact]) => [name, asRecorded(fact as Fact<unknown>, root)]);
  return Object.fromEntries(facts) as Host;
}

/** The same for a domain's process, which is all that is read below the root of it. */
export function domainAsRecorded(domain: DomainFacts, root: string): DomainFacts {
  return domain.process ? { ...domain, process: asRecorded(domain.process, root) } : domain;
}

function asRecorded<F extends Fact<unknown>>(fact: F, root: string): F {
  if (fact.known) return fact;
  const told = (text: string) =>
    text.replaceAll(root, '').replaceAll(UNREADABLE, 'it could not be read when the host was recorded');
  return { ...fact, reason: told(fact.reason), source: told(fact.source) };
}

/** What to say where a recording is well, and this machine has no room for its files; follows the recording's name. */
export function notLaidOut({ directory, cause }: RecordingNotLaidOut): string {
  return `was read, but its files cannot be laid out in the temporary directory ${directory}: ${inWords(cause)}; name another one with TMPDIR`;
}
