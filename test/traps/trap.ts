import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfiguration } from '../../src/cli/configuration/loadConfiguration.js';
import type { DefinitionText, DomainFacts, DomainState } from '../../src/facts/domain.js';
import { type Fact, known } from '../../src/facts/fact.js';
import type { Facts } from '../../src/facts/facts.js';
import { DEFAULT_POLICY, type Policy } from '../../src/policy/policy.js';
import { hostOfTrap } from './hostOfTrap.js';
import { processOfTrap } from './processOfTrap.js';

/** The folder of the traps, one folder each: the number of the error, and what it is about. */
export const TRAPS = join(import.meta.dirname, '..', 'fixtures', 'traps');

/** One finding that an audit of the trap has to make. */
export interface ExpectedFinding {
  readonly check: string;
  readonly outcome: string;
  readonly code: string;
  /** Which definition it is about, where the two of a domain come out differently. */
  readonly definition?: 'live' | 'inactive';
  /** A part of what it says. */
  readonly says?: string;
}

/** What lies in a trap's `expect.json`. */
export interface TrapExpectation {
  readonly about: string;
  readonly naive: string;
  /** Everything else must ask nothing of anybody: no warning, failure or unknown. */
  readonly findings: readonly ExpectedFinding[];
  readonly patch?: {
    readonly mends: readonly string[];
    /** Parts of what has to be said about the patch. */
    readonly remarks: readonly string[];
    /** The names of the timers of the patched definition, in their order. */
    readonly timers: readonly string[];
  };
}

/** A folder below {@link TRAPS}. */
export interface Trap {
  readonly name: string;
  /** Which of the errors it is. */
  readonly number: number;
  readonly expectation: TrapExpectation;
  has(file: string): boolean;
  text(file: string): string;
  json<T>(file: string): T;
  path(file: string): string;
}

/** What `domain.json` says where it is there. */
interface DomainNotes {
  readonly state?: DomainState;
  readonly managedSave?: boolean;
  /** `file` for a definition that somebody wrote; otherwise it is libvirt's output. */
  readonly origin?: 'file';
  readonly libvirtVersion?: string;
  readonly collectedAt?: string;
}

/** All traps, by their names. */
export function allTraps(): Trap[] {
  return readdirSync(TRAPS).sort().map(trapNamed);
}

function trapNamed(name: string): Trap {
  const path = (file: string) => join(TRAPS, name, file);
  const text = (file: string) => readFileSync(path(file), 'utf8');
  const json = <T>(file: string): T => JSON.parse(text(file));
  return {
    name,
    number: Number(/^(\d\d)-[a-z0-9.-]+$/.exec(name)?.[1]),
    expectation: json('expect.json'),
    has: (file) => existsSync(path(file)),
    text,
    json,
    path,
  };
}

/** The facts that a collection on the trap's hypervisor would have brought. */
export function factsOf(trap: Trap): Facts {
  const notes: DomainNotes = trap.has('domain.json') ? trap.json('domain.json') : {};
  const isFile = notes.origin === 'file';
  const location = isFile ? trap.path('inactive.xml') : 'qemu:///system';
  const host = hostOfTrap(trap);
  return {
    schemaVersion: '1.0',
    toolVersion: '0.0.0',
    collectedAt: notes.collectedAt ?? '2026-10-17T08:00:00Z',
    hostname: 'hypervisor.example',
    sources: [
      {
        kind: isFile ? 'files' : 'libvirt',
        location,
        ...(!isFile && { libvirtVersion: notes.libvirtVersion ?? '9.0.0' }),
      },
    ],
    host,
    hostNote: host ? "this machine's" : 'left out',
    domains: [domainOf(trap, notes, location)],
    problems: [],
    notes: [],
  };
}

function domainOf(trap: Trap, notes: DomainNotes, source: string): DomainFacts {
  const definition = (file: string): Fact<DefinitionText> =>
    known({ xml: trap.text(file), origin: notes.origin ?? 'dumpxml' }, source);
  const xml = trap.text('inactive.xml');
  const element = (name: string) => new RegExp(`<${name}>(.*)</${name}>`).exec(xml)?.[1] ?? '';
  const [name, uuid] = [element('name'), element('uuid')];
  const runs = trap.has('live.xml');
  return {
    name,
    uuid,
    source,
    state: known(notes.state ?? (runs ? 'running' : 'shut off'), source),
    persistent: known(true, source),
    managedSave: known(notes.managedSave ?? false, source),
    definitions: {
      inactive: definition('inactive.xml'),
      ...(runs && { live: definition('live.xml') }),
    },
    ...(trap.has('saved.xml') && { savedDefinition: definition('saved.xml') }),
    ...(trap.has('process') && { process: processOfTrap(trap, { name, uuid }) }),
    ...(trap.has('taints.json') && { taints: known(trap.json<string[]>('taints.json'), source) }),
  };
}

/** The policy of the trap's `policy.yaml`, or that of nobody's decision. */
export async function policyOf(trap: Trap): Promise<Policy> {
  if (!trap.has('policy.yaml')) return DEFAULT_POLICY;
  const surroundings = { env: {}, defaultFile: '', privileged: false };
  const { effective } = await loadConfiguration({ config: trap.path('policy.yaml') }, surroundings);
  return effective.policy;
}
