import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { definitionOf } from '../domxml/readings.js';
import type { DomainFacts } from '../facts/domain.js';
import type { Facts, Problem } from '../facts/facts.js';
import type { HostFacts } from '../facts/host.js';
import { FactsUnreadable, loadFacts } from '../facts/store.js';
import { DomainSelector, isGlob } from './domainSelection.js';
import type { SourceOptions } from './options.js';
import { UsageError } from './usageError.js';
import { toolVersion } from './version.js';

/**
 * Collects everything that an audit needs, or loads what was collected before.
 * @throws UsageError when the options contradict each other or a saved file cannot be used
 */
export async function gatherFacts(options: SourceOptions): Promise<Facts> {
  const sources = [options.connect, options.domxml, options.from].filter((it) => it !== undefined);
  if (sources.length > 1) throw new UsageError('choose one of --connect, --domxml and --from');
  if (options.from !== undefined) return select(loadFrom(options.from), options);

  const uri = options.connect ?? (process.env.LIBVIRT_DEFAULT_URI || 'qemu:///system');
  const wanted = hostWanted(options, uri);
  const [host, domains] = await Promise.all([
    wanted.host ? readHost(options) : null,
    options.domains === false ? NO_DOMAINS : readDomains(options, uri),
  ]);
  return {
    schemaVersion: '1.0',
    toolVersion: toolVersion(),
    collectedAt: new Date().toISOString(),
    hostname: hostname(),
    host,
    hostNote: wanted.note,
    ...domains,
  };
}

type DomainPart = Pick<Facts, 'sources' | 'domains' | 'problems' | 'notes'>;

const NO_DOMAINS: DomainPart = {
  sources: [],
  domains: [],
  problems: [],
  notes: ['domains were left out (--no-domains)'],
};

/**
 * Whose host the facts would be about. Files may come from anywhere, a remote URI does come from elsewhere,
 * and the test driver's hypervisor does not exist: there this machine's clock is nobody's host.
 */
function hostWanted(options: SourceOptions, uri: string): { host: boolean; note: string } {
  if (options.host === true) return { host: true, note: 'this machine, as --host asks' };
  if (options.host === false) return { host: false, note: 'left out, as --no-host asks' };
  if (options.domxml !== undefined) {
    return {
      host: false,
      note: "left out, since files may be from another machine; --host takes this machine's",
    };
  }
  if (/^[\w+.-]+:\/\/[^/?]/.test(uri))
    return { host: false, note: 'left out, since the hypervisor is another machine' };
  if (/^test(\+\w+)?:/.test(uri)) {
    return {
      host: false,
      note: "left out, since libvirt's test driver has no host; --host takes this machine's",
    };
  }
  return { host: true, note: 'this machine' };
}

async function readHost(options: SourceOptions): Promise<HostFacts> {
  const { gatherHost } = await import('./gatherHost.js');
  return gatherHost({ ...options, root: '/', deadlineSeconds: options.timeout });
}

async function readDomains(options: SourceOptions, uri: string): Promise<DomainPart> {
  const selector = await DomainSelector.create(options.selection);
  if (options.domxml === undefined) {
    const { readDomains } = await import('../libvirt/domains.js');
    const answer = await readDomains({
      uri,
      deadlineSeconds: options.timeout,
      wants: (domain) => selector.wants(domain),
      required: selector.required,
      // Reading each text while the next ones are on their way hides the time it takes.
      onText: (text, source) => definitionOf(text, source.libvirtVersion ?? null),
    });
    const globs = answer.problems.length > 0 ? [] : selector.unmatched.filter(isGlob);
    return { ...answer, sources: [answer.source], problems: [...answer.problems, ...globs.map(noMatch)] };
  }
  const { readFiles } = await import('../domxml/files.js');
  const answer = await readFiles(options.domxml);
  const domains = answer.domains.filter((domain) => selector.wants(candidate(domain)));
  return {
    sources: options.domxml.map((location) => ({ kind: 'files', location })),
    domains,
    problems: [...answer.problems, ...selector.unmatched.map(noMatch)],
    notes: [],
  };
}

function loadFrom(path: string): Facts {
  try {
    return loadFacts(readFileSync(path === '-' ? 0 : path, 'utf8'));
  } catch (error) {
    if (error instanceof FactsUnreadable) throw new UsageError(`${path} ${error.message}`);
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(code === 'ENOENT' ? `${path} does not exist` : `${path} cannot be read: ${message}`);
  }
}

/** Narrows saved facts down to what the options ask for. */
async function select(facts: Facts, options: SourceOptions): Promise<Facts> {
  const selector = await DomainSelector.create(options.selection);
  const domains =
    options.domains === false ? [] : facts.domains.filter((it) => selector.wants(candidate(it)));
  const problems =
    options.domains === false ? facts.problems : [...facts.problems, ...selector.unmatched.map(noMatch)];
  if (options.host !== false) return { ...facts, domains, problems };
  return { ...facts, domains, problems, host: null, hostNote: 'left out, as --no-host asks' };
}

function candidate({ name, uuid, definitions }: DomainFacts) {
  return { name, ...(uuid !== undefined && { uuid }), active: definitions.live !== undefined };
}

function noMatch(pattern: string): Problem {
  return { target: pattern, cause: 'no-match', reason: 'matches no domain of this source' };
}
