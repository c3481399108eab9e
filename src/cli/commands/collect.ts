import type { Fact } from '../../facts/fact.js';
import type { Facts } from '../../facts/facts.js';
import { withoutPasswords } from '../../facts/secrets.js';
import { saveFacts } from '../../facts/store.js';
import { collectorScript } from '../../recording/collectorScript.js';
import { printableJson } from '../../report/printable.js';
import type { FailOn } from '../exitCode.js';
import { exitCodeFor } from '../exitCode.js';
import { gatherFacts } from '../gather.js';
import { sourceOptions } from '../options.js';
import { writeOutput } from '../output.js';
import { complainOf } from '../problems.js';
import type { Ending } from '../program.js';
import { UsageError } from '../usageError.js';

/** Saves the facts without judging them: only what could not be read makes the exit code 3. */
export async function collect(
  parsed: Record<string, unknown> & { output?: string; failOn: FailOn; script?: boolean },
): Promise<Ending> {
  if (parsed.script) return printScript(parsed);
  const facts = await gatherFacts(sourceOptions(parsed));
  // Definitions tell much about guests that not everybody on the host should read.
  writeOutput(printableJson(saveFacts(withoutSecrets(facts))), parsed.output, 0o600);
  complainOf(facts.problems);
  const texts = facts.domains.flatMap(({ definitions, savedDefinition }) => [
    ...Object.values(definitions),
    ...(savedDefinition ? [savedDefinition] : []),
  ]);
  const wanted: Fact<unknown>[] = [...texts, ...Object.values(facts.host ?? {})];
  const unread = facts.problems.length > 0 || wanted.some((fact) => !fact.known && !fact.leftOut);
  return { exitCode: exitCodeFor(unread ? 'unknown' : 'pass', parsed.failOn), audited: true };
}

/** The options that say something to the script. */
const SAID_TO_SCRIPT = new Set(['script', 'output', 'failOn', 'timeout', 'connect', 'chronyHost']);
/** Both are true unless their negations are given. */
const TRUE_BY_DEFAULT = new Set(['domains', 'probe']);

/** The collector with its settings, for whoever may run it where this tool is not. */
function printScript({ output, ...parsed }: Record<string, unknown> & { output?: string }): Ending {
  const { connect, chronyHost, timeout } = sourceOptions(parsed);
  const others = Object.entries(parsed).filter(
    ([name, value]) =>
      !SAID_TO_SCRIPT.has(name) && value !== undefined && !(value === true && TRUE_BY_DEFAULT.has(name)),
  );
  if (others.length > 0) {
    throw new UsageError('--script goes with --connect, --chrony-host, --timeout and --output only');
  }
  const script = collectorScript({
    timeout,
    ...(connect !== undefined && { connect }),
    ...(chronyHost !== undefined && { chronyHost }),
  });
  writeOutput(script, output, 0o755);
  return { exitCode: 0, audited: false };
}

/** Files may hold passwords, which libvirt would not have given to a read-only connection. */
function withoutSecrets(facts: Facts): Facts {
  return JSON.parse(JSON.stringify(facts), (name, value) =>
    name === 'xml' && typeof value === 'string' ? withoutPasswords(value) : value,
  );
}
