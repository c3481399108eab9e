import { gatherRecording } from '../../src/cli/gatherRecording.js';
import { judge } from '../../src/cli/judge.js';
import type { Facts } from '../../src/facts/facts.js';
import { loadFacts } from '../../src/facts/store.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';
import { readRecording } from '../../src/recording/stream.js';
import { runTool } from './runTool.js';

/** Reads what the collector printed, as an audit of all of it does. */
export function factsIn(stream: Buffer): Promise<Facts> {
  return gatherRecording(readRecording(stream, 'root@compute7'), {
    timeout: 20,
    selection: { patterns: [], active: false, inactive: false },
  });
}

/** What the built tool itself collects; its exit code is that of a host of which some things are always unknown. */
export async function collected(...args: readonly string[]): Promise<Facts> {
  const { stdout, stderr, exitCode } = await runTool(['collect', '--no-probe', '--timeout', '20', ...args]);
  if (stdout === '') throw new Error(`collect ended with ${exitCode}: ${stderr}`);
  return loadFacts(stdout);
}

/** A line for each finding: of the host, and of each definition. */
export function verdictLines(facts: Facts): string[] {
  const { host, domains } = judge(facts, 'warn', DEFAULT_POLICY);
  return [{ name: 'host', findings: host?.findings ?? [] }, ...domains].flatMap(({ name, findings }) =>
    findings.map(({ check, outcome, code, definition = '' }) =>
      [name, check, outcome, code, definition].join(' ').trim(),
    ),
  );
}
