import { CHECKS } from '../../checks/registry.js';
import { EMPTY_LAYER, type PolicyLayer } from '../../policy/layer.js';
import type { Mistake } from '../../policy/origin.js';
import { matchesExactly, type PatternMatcher, type Policy } from '../../policy/policy.js';
import { type EffectivePolicy, patternsOf, resolvePolicy } from '../../policy/resolve.js';
import { isGlob, matcher } from '../domainSelection.js';
import { complain } from '../problems.js';
import { UsageError } from '../usageError.js';
import { DEFAULT_CONFIGURATION_FILE, readConfigurationFile } from './configurationFile.js';
import { type PolicyOptions, readFlags } from './configurationFlags.js';
import { CONFIGURATION_VARIABLE, readVariables } from './configurationVariables.js';

/** More mistakes than that are those of a file that is something else. */
const MAX_TOLD = 50;

/** A policy that is ready for use, and what an operator should know about how it was read. */
export interface Configuration {
  readonly effective: EffectivePolicy;
  /** One sentence each. */
  readonly warnings: readonly string[];
}

/** Where a configuration comes from besides the command line. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** The file that is read when neither flag nor variable names one. */
  readonly defaultFile: string;
  /** True for a run as root. */
  readonly privileged: boolean;
}

/**
 * Reads the configuration: the profile counts least, then the file, the environment and the command line.
 * @throws UsageError with every mistake in any of them
 */
export async function loadConfiguration(
  options: PolicyOptions,
  { env, defaultFile, privileged }: Surroundings = {
    env: process.env,
    defaultFile: DEFAULT_CONFIGURATION_FILE,
    privileged: process.getuid?.() === 0,
  },
): Promise<Configuration> {
  const file = await fileLayer(wantedFile(options, env), defaultFile);
  const variables = readVariables(env);
  const flags = readFlags(options);
  const layers = [file.layer, variables.layer, flags.layer];
  const { effective, mistakes } = resolvePolicy(layers, {
    checkIds: CHECKS.map(({ id }) => id),
    matches: await patternMatcher(patternsOf(layers)),
    sources: file.sources,
  });
  const all = [...inOrder(file.mistakes, mistakes), ...variables.mistakes, ...flags.mistakes];
  const told = all.slice(0, MAX_TOLD).map(({ place, message }) => `${place}: ${message}`);
  if (all.length > MAX_TOLD) told.push(`${all.length - MAX_TOLD} more mistakes in the configuration`);
  const [first, ...others] = told;
  if (first !== undefined) throw new UsageError(first, ...others);
  const warnings = privileged && file.writableByOthers ? [writable(file.sources)] : [];
  return { effective, warnings };
}

/**
 * The policy of a run; what should be known about how it was read goes to standard error.
 * @throws UsageError with every mistake in the configuration
 */
export async function loadPolicy(options: PolicyOptions): Promise<Policy> {
  const { effective, warnings } = await loadConfiguration(options);
  for (const warning of warnings) complain(warning, 'warning');
  return effective.policy;
}

interface ReadFile {
  readonly layer: PolicyLayer;
  readonly mistakes: readonly Mistake[];
  readonly sources: readonly string[];
  readonly writableByOthers: boolean;
}

const NO_FILE: ReadFile = { layer: EMPTY_LAYER, mistakes: [], sources: [], writableByOthers: false };

/** The file that somebody named; null for the default one, false for none. */
function wantedFile({ config }: PolicyOptions, env: NodeJS.ProcessEnv): string | false | null {
  return config ?? (env[CONFIGURATION_VARIABLE] || null);
}

async function fileLayer(wanted: string | false | null, defaultFile: string): Promise<ReadFile> {
  if (wanted === false) return NO_FILE;
  const path = wanted ?? defaultFile;
  const file = readConfigurationFile(path);
  if (!file) {
    if (wanted === null) return NO_FILE;
    throw new UsageError(`the configuration ${path} does not exist`);
  }
  // The parser is only loaded by a run that has something to parse.
  const { readFileLayer } = await import('../../policy/fileLayer.js');
  const { writableByOthers } = file;
  return { ...readFileLayer(file.text, path), sources: [path], writableByOthers };
}

/** The mistakes of a file by their lines, then those of everything else. */
function inOrder(file: readonly Mistake[], rest: readonly Mistake[]): Mistake[] {
  return [...file, ...rest].sort(
    (left, right) => (left.line ?? Number.POSITIVE_INFINITY) - (right.line ?? Number.POSITIVE_INFINITY) || 0,
  );
}

function writable(sources: readonly string[]): string {
  return `the configuration ${sources.join()} can be written by others than its owner, who may so silence an audit; take that right away (chmod go-w)`;
}

/** Understands the given patterns; the library for globs is only loaded when there is a glob. */
async function patternMatcher(patterns: readonly string[]): Promise<PatternMatcher> {
  const globs = new Map(
    await Promise.all(
      [...new Set(patterns)].filter(isGlob).map(async (it) => [it, await matcher(it)] as const),
    ),
  );
  return (pattern, candidate) => globs.get(pattern)?.(candidate) ?? matchesExactly(pattern, candidate);
}
