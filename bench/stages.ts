/**
 * Times the stages of an audit apart, in one process: node --import tsx bench/stages.ts URI ROUNDS.
 * Prints JSON: for each stage its microseconds a domain, one number a round.
 */
import { evaluateDomain } from '../src/checks/engine.js';
import { DOMAIN_CHECKS } from '../src/checks/registry.js';
import { situationOf } from '../src/cli/situation.js';
import type { DefinitionText, DomainFacts } from '../src/facts/domain.js';
import type { Fact } from '../src/facts/fact.js';
import { hostLeftOut } from '../src/facts/host.js';
import { readDomains } from '../src/libvirt/domains.js';
import { DEFAULT_POLICY } from '../src/policy/policy.js';

const [uri = '', rounds = '1'] = process.argv.slice(2);
const host = hostLeftOut('not part of the measurement');
const stages = { fetch: [] as number[], read: [] as number[], judge: [] as number[] };
let findings = 0;

for (let round = 0; round <= Number(rounds); round++) {
  const fetched = await timed(() =>
    readDomains({ uri, deadlineSeconds: 60, wants: () => true, required: [] }),
  );
  const domains = fetched.result.domains.map(asKvm);
  const read = await timed(() => domains.map((domain) => situationOf(domain, '9.0.0', DEFAULT_POLICY)));
  const judged = await timed(() =>
    read.result.map((situation) =>
      DOMAIN_CHECKS.flatMap((check) => evaluateDomain(check, situation, host, DEFAULT_POLICY)),
    ),
  );
  findings = judged.result.flat().length / domains.length;
  // The first round warms up the compiler and the daemon.
  if (round === 0) continue;
  stages.fetch.push((fetched.milliseconds * 1000) / domains.length);
  stages.read.push((read.milliseconds * 1000) / domains.length);
  stages.judge.push((judged.milliseconds * 1000) / domains.length);
}
process.stdout.write(JSON.stringify({ ...stages, checks: DOMAIN_CHECKS.length, findings }));

/** The benchmark's domains are defined for TCG, so that every machine can; most checks are about KVM. */
function asKvm(domain: DomainFacts): DomainFacts {
  const definitions = Object.entries(domain.definitions).map(
    ([kind, fact]): [string, Fact<DefinitionText>] => [
      kind,
      fact.known
        ? { ...fact, value: { ...fact.value, xml: fact.value.xml.replace("type='qemu'", "type='kvm'") } }
        : fact,
    ],
  );
  return { ...domain, definitions: Object.fromEntries(definitions) };
}

async function timed<T>(work: () => T | Promise<T>): Promise<{ result: T; milliseconds: number }> {
  const startedAt = performance.now();
  const result = await work();
  return { result, milliseconds: performance.now() - startedAt };
}
