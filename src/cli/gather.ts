import { availableParallelism, hostname } from 'node:os';
import type { FilesAnswer } from '../domxml/files.js';
import { definitionOf } from '../domxml/readings.js';
import type { DefinitionText, DomainFacts } from '../facts/domain.js';
import type { Facts, Problem, SourceFacts } from '../facts/facts.js';
import type { QemuProcess } from '../facts/process.js';
import type { DomainRequest } from '../libvirt/domains.js';
import type { HypervisorAnswers } from '../libvirt/hypervisor.js';
import { DomainSelector, isGlob } from './domainSelection.js';
import { hostWanted } from './hostWanted.js';
import { hypervisorFacts, hypervisorQuestions } from './hypervisorFacts.js';
import { loadFrom } from './loadFrom.js';
import { narrowsDomains, type SourceOptions } from './options.js';
import { processFinder } from './processFinder.js';
import { UsageError } from './usageError.js';
import { toolVersion } from './version.js';

/**
 * Collects what an audit needs of each host that the options name: of this one, or of those of `--ssh`.
 * @throws UsageError when the options contradict each other or a saved file cannot be used
 */
export async function gatherEach(options: SourceOptions): Promise<readonly Facts[]> {
  if (options.ssh === undefined) return [await gatherFacts(options)];
  refuseContradictions(options);
  const { gatherOverSsh } = await import('./gatherOverSsh.js');
  const hosts = await gatherOverSsh(options.ssh, options);
  const narrowed = await Promise.all(hosts.map((facts) => narrow(facts, options)));
  // A domain is on one of the hosts; only what none has is a mistake. One that was not recorded may have any.
  const isMistake = (pattern: string) => narrowed.every(({ unmatched }) => unmatched.includes(pattern));
  return narrowed.map(({ facts, unmatched }) =>
    facts.sources.length === 0 ? facts : withProblems(facts, unmatched.filter(isMistake).map(noMatch)),
  );
}

/**
 * Collects everything that an audit needs, or loads what was collected before.
 * @throws UsageError as {@link gatherEach}, and when there is more than one host
 */
export async function gatherFacts(options: SourceOptions): Promise<Facts> {
  if (options.ssh !== undefined) {
    if (options.ssh.length > 1) throw new UsageError('this takes one host; give --ssh once');
    const [facts] = await gatherEach(options);
    return facts as Facts;
  }
  refuseContradictions(options);
  if (options.from !== undefined) return select(await loadFrom(options.from, options), options);

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

function refuseContradictions(options: SourceOptions): void {
  const { connect, domxml, from, ssh } = options;
  // With --ssh, --connect is the hypervisor's name over there.
  const sources = [ssh === undefined ? connect : undefined, domxml, from, ssh];
  if (sources.filter((it) => it !== undefined).length > 1) {
    throw new UsageError('choose one of --connect, --domxml, --from and --ssh');
  }
  if (ssh === undefined && (options.sshConfig !== undefined || options.sshSudo)) {
    throw new UsageError('--ssh-config and --ssh-sudo are for --ssh, which names the hosts');
  }
  if (ssh !== undefined && options.chronyc !== undefined) {
    throw new UsageError(
      '--chronyc names a program here, and --ssh asks there; put its directory into PATH there',
    );
  }
  if (options.host === false && options.domains === false) {
    throw new UsageError('--no-host and --no-domains leave nothing to look at');
  }
  if ((domxml?.filter((path) => path === '-').length ?? 0) > 1) {
    throw new UsageError('standard input can be read only once');
  }
  if (options.host === true && (from ?? ssh) !== undefined) {
    throw new UsageError(
      '--host goes neither with --from nor with --ssh, which have the host that the facts are from',
    );
  }
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

/** Narrows saved facts down to what the options ask for. */
async function select(saved: Facts, options: SourceOptions): Promise<Facts> {
  const { facts, unmatched } = await narrow(saved, options);
  return withProblems(facts, unmatched.map(noMatch));
}

/** Narrows facts down, and tells which of the patterns match none of the domains. */
async function narrow(
  facts: Facts,
  options: SourceOptions,
): Promise<{ facts: Facts; unmatched: readonly string[] }> {
  const selector = await DomainSelector.create(options.selection);
  const domains =
    options.domains === false ? [] : facts.domains.filter((it) => selector.wants(candidate(it)));
  const unmatched = options.domains === false ? [] : selector.unmatched;
  const narrowed = facts.narrowed || narrowsDomains(options) ? ({ narrowed: true } as const) : {};
  const hostPart = options.host === false ? { host: null, hostNote: 'left out, as --no-host asks' } : {};
  return { facts: { ...facts, domains, ...narrowed, ...hostPart }, unmatched };
}

function withProblems(facts: Facts, problems: readonly Problem[]): Facts {
  return problems.length === 0 ? facts : { ...facts, problems: [...facts.problems, ...problems] };
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
