import { readFileSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import type { FilesAnswer } from '../domxml/files.js';
import { definitionOf } from '../domxml/readings.js';
import type { DefinitionText, DomainFacts } from '../facts/domain.js';
import type { Facts, Problem, SourceFacts } from '../facts/facts.js';
import type { QemuProcess } from '../facts/process.js';
import { FactsUnreadable, loadFacts } from '../facts/store.js';
import type { DomainRequest } from '../libvirt/domains.js';
import type { HypervisorAnswers } from '../libvirt/hypervisor.js';
import { DomainSelector, isGlob } from './domainSelection.js';
import { hostWanted } from './hostWanted.js';
import { hypervisorFacts, hypervisorQuestions } from './hypervisorFacts.js';
import { narrowsDomains, type SourceOptions } from './options.js';
import { inWords } from './output.js';
import { processFinder } from './processFinder.js';
import { UsageError } from './usageError.js';
import { toolVersion } from './version.js';

/**
 * Collects everything that an audit needs, or loads what was collected before.
 * @throws UsageError when the options contradict each other or a saved file cannot be used
 */
export async function gatherFacts(options: SourceOptions): Promise<Facts> {
  const sources = [options.connect, options.domxml, options.from].filter((it) => it !== undefined);
  if (sources.length > 1) throw new UsageError('choose one of --connect, --domxml and --from');
  if (options.host === false && options.domains === false) {
    throw new UsageError('--no-host and --no-domains leave nothing to look at');
  }
  if ((options.domxml?.filter((path) => path === '-').length ?? 0) > 1) {
    throw new UsageError('standard input can be read only once');
  }
  if (options.from !== undefined && options.host === true) {
    throw new UsageError(
      '--host does not go with --from: saved facts have the host that they were collected on',
    );
  }
  if (options.from !== undefined) return select(loadFrom(options.from), options);

  const uri = options.connect ?? (process.env.LIBVIRT_DEFAULT_URI || 'qemu:///system');
  const wanted = hostWanted(options, uri);
  if (options.domains === false && !wanted.host) {
    throw new UsageError(`--no-domains leaves nothing to look at: the host was ${wanted.note}`);
  }
  // Loading modules takes the thread pool, which calls to a stopped daemon may fill for good: load them first.
  const host = wanted.host ? await import('./gatherHost.js') : null;
  const domains = options.domains === false ? null : await loadReader(options, uri);
  const [hostFacts, { hypervisor, ...domainPart }] = await Promise.all([
    host?.gatherHost({ ...options, root: '/', deadlineSeconds: options.timeout }) ?? null,
    domains?.(host !== null) ?? NO_DOMAINS,
  ]);
  const source = domainPart.sources.find(({ kind }) => kind === 'libvirt') ?? null;
  return {
    schemaVersion: '1.0',
    toolVersion: toolVersion(),
    collectedAt: new Date().toISOString(),
    hostname: hostname(),
    host: hostFacts && {
      ...hostFacts,
      ...hypervisorFacts(domainPart.domains, source, hypervisor, '/'),
    },
    hostNote: wanted.note,
    ...domainPart,
    ...(narrowsDomains(options) && { narrowed: true }),
  };
}

type DomainPart = Pick<Facts, 'sources' | 'domains' | 'problems' | 'notes'> & {
  readonly hypervisor: HypervisorAnswers;
};

const NO_DOMAINS: DomainPart = {
  sources: [],
  domains: [],
  problems: [],
  notes: ['domains were left out (--no-domains)'],
  hypervisor: {},
};

/** Loads what reads the domains, and returns the reading; it is told whether the host is looked at as well. */
async function loadReader(
  options: SourceOptions,
  uri: string,
): Promise<(withHost: boolean) => Promise<DomainPart>> {
  const selector = await DomainSelector.create(options.selection);
  if (options.domxml === undefined) {
    const { readDomains } = await import('../libvirt/domains.js');
    const processOf = processFinder(uri);
    return (withHost) =>
      fromLibvirt(readDomains, selector, {
        uri,
        deadlineSeconds: options.timeout,
        ...(processOf && { processOf }),
        ...(withHost && { hypervisorQuestions }),
      });
  }
  const { readFiles } = await import('../domxml/files.js');
  const paths = options.domxml;
  return () => fromFiles(() => readFiles(paths, options.timeout), selector, paths);
}

async function fromLibvirt(
  readDomains: typeof import('../libvirt/domains.js').readDomains,
  selector: DomainSelector,
  request: Omit<DomainRequest, 'wants' | 'required' | 'onText'>,
): Promise<DomainPart> {
  const answer = await readDomains({
    ...request,
    wants: (domain) => selector.wants(domain),
    required: selector.required,
    // Reading each text while the next ones are on their way hides the time it takes, where there is a CPU for
    // each: with two, the daemon's threads and ours only get in each other's way.
    ...(availableParallelism() > 2 && {
      onText: (text: DefinitionText, source: SourceFacts, process: QemuProcess | null) =>
        definitionOf(text, source.libvirtVersion ?? null, process),
    }),
  });
  const globs = answer.problems.length > 0 ? [] : selector.unmatched.filter(isGlob);
  const { source, domains, problems, notes, hypervisor } = answer;
  return {
    sources: [source],
    domains,
    notes,
    hypervisor,
    problems: [...problems, ...globs.map(noMatchInLibvirt)],
  };
}

async function fromFiles(
  read: () => Promise<FilesAnswer>,
  selector: DomainSelector,
  paths: readonly string[],
): Promise<DomainPart> {
  const answer = await read();
  return {
    sources: paths.map((location) => ({ kind: 'files', location })),
    domains: answer.domains.filter((domain) => selector.wants(candidate(domain))),
    problems: [...answer.problems, ...selector.unmatched.map(noMatch)],
    notes: [],
    hypervisor: {},
  };
}

function loadFrom(path: string): Facts {
  try {
    return loadFacts(readFileSync(path === '-' ? 0 : path, 'utf8'));
  } catch (error) {
    if (error instanceof FactsUnreadable) throw new UsageError(`${path} ${error.message}`);
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      code === 'ENOENT' ? `${path} does not exist` : `${path} cannot be read: ${inWords(error)}`,
    );
  }
}

/** Narrows saved facts down to what the options ask for. */
async function select(facts: Facts, options: SourceOptions): Promise<Facts> {
  const selector = await DomainSelector.create(options.selection);
  const domains =
    options.domains === false ? [] : facts.domains.filter((it) => selector.wants(candidate(it)));
  const problems =
    options.domains === false ? facts.problems : [...facts.problems, ...selector.unmatched.map(noMatch)];
  const narrowed = facts.narrowed || narrowsDomains(options) ? ({ narrowed: true } as const) : {};
  if (options.host !== false) return { ...facts, domains, problems, ...narrowed };
  return { ...facts, domains, problems, ...narrowed, host: null, hostNote: 'left out, as --no-host asks' };
}

function candidate({ name, uuid, definitions }: DomainFacts) {
  return { name, ...(uuid !== undefined && { uuid }), active: definitions.live !== undefined };
}

function noMatchInLibvirt(pattern: string): Problem {
  const problem = noMatch(pattern);
  return { ...problem, reason: `${problem.reason}; virsh list --all lists them` };
}

function noMatch(pattern: string): Problem {
  return { target: pattern, cause: 'no-match', reason: 'matches no domain of this source' };
}
