import type { Fact } from '../../facts/fact.js';
import type { Facts } from '../../facts/facts.js';
import { withoutPasswords } from '../../facts/secrets.js';
import { saveFacts } from '../../facts/store.js';
import { printableJson } from '../../report/printable.js';
import type { FailOn } from '../exitCode.js';
import { exitCodeFor } from '../exitCode.js';
import { gatherFacts } from '../gather.js';
import { sourceOptions } from '../options.js';
import { writeOutput } from '../output.js';
import { complainOf } from '../problems.js';
import type { Ending } from '../program.js';

/** Saves the facts without judging them: only what could not be read makes the exit code 3. */
export async function collect(
  parsed: Record<string, unknown> & { output?: string; failOn: FailOn },
): Promise<Ending> {
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

/** Files may hold passwords, which libvirt would not have given to a read-only connection. */
function withoutSecrets(facts: Facts): Facts {
  return JSON.parse(JSON.stringify(facts), (name, value) =>
    name === 'xml' && typeof value === 'string' ? withoutPasswords(value) : value,
  );
}
