import type { DefinitionText, DomainFacts } from '../../facts/domain.js';
import { type Fact, known } from '../../facts/fact.js';
import { DefiningConnection } from '../../libvirt/definingConnection.js';
import { connectionProblem, unknownBecause } from '../../libvirt/failures.js';
import { UsageError } from '../usageError.js';

/**
 * Reads the persistent definitions of some domains once more, with the passwords that libvirt keeps from whoever may not
 * write (`VIR_DOMAIN_XML_SECURE`). What cannot be read becomes unknown, so that nothing is patched that was not seen.
 * @param domains - all of one hypervisor
 * @param deadlineSeconds - the longest wait for any one answer
 * @returns the domains with these texts, by what they were before
 * @throws UsageError when the connection may not be opened
 */
export async function withSecrets(
  domains: readonly DomainFacts[],
  deadlineSeconds: number,
): Promise<ReadonlyMap<DomainFacts, DomainFacts>> {
  const [first] = domains;
  if (!first) return new Map();
  const uri = first.source;
  const connection = await DefiningConnection.open(uri, deadlineSeconds).catch((error: unknown) => {
    const { reason } = connectionProblem(uri, error);
    throw new UsageError(`--security-info needs a connection with the right to write to ${uri}: ${reason}`);
  });
  try {
    const answers = new Map<DomainFacts, DomainFacts>();
    for (const domain of domains) {
      const inactive = await secureDefinition(connection, domain);
      answers.set(domain, { ...domain, definitions: { ...domain.definitions, inactive } });
    }
    return answers;
  } finally {
    await connection.close();
  }
}

async function secureDefinition(
  connection: DefiningConnection,
  { name, uuid }: DomainFacts,
): Promise<Fact<DefinitionText>> {
  const call = 'virDomainGetXMLDesc(INACTIVE|SECURE)';
  try {
    const handle = await connection.lookup(uuid ?? name);
    try {
      return known({ xml: await connection.secureXml(handle), origin: 'dumpxml', secrets: true }, call);
    } finally {
      connection.release([handle]);
    }
  } catch (error) {
    return unknownBecause(call, error);
  }
}
