import type { DomainDefinition } from '../facts/definition.js';
import type { DefinitionText } from '../facts/domain.js';
import { type Fact, known, unknown } from '../facts/fact.js';
import type { QemuProcess } from '../facts/process.js';
import { describeDomain, parseDomain } from './definition.js';
import type { XmlElement } from './tree.js';
import { XmlError } from './xmlError.js';

/** Each text is parsed once, as it arrives; saved facts are parsed when they are first asked for. */
const readings = new WeakMap<DefinitionText, Fact<DomainDefinition>>();

/**
 * The definition in a text, or the position at which it turned out not to be one.
 * @param process - the QEMU that runs it, for the text of what runs; its arguments then outweigh the text
 * @param domain - the text's tree, where it has been parsed already
 */
export function definitionOf(
  text: DefinitionText,
  libvirtVersion: string | null,
  process: QemuProcess | null = null,
  domain?: XmlElement,
): Fact<DomainDefinition> {
  let reading = readings.get(text);
  if (!reading) {
    reading = read(text, libvirtVersion, process, domain);
    readings.set(text, reading);
  }
  return reading;
}

function read(
  text: DefinitionText,
  libvirtVersion: string | null,
  process: QemuProcess | null,
  domain?: XmlElement,
): Fact<DomainDefinition> {
  try {
    return known(describeDomain(domain ?? parseDomain(text.xml), libvirtVersion, process), text.origin);
  } catch (error) {
    // Whatever one domain holds, the others are still audited.
    if (!(error instanceof XmlError)) {
      return unknown(text.origin, 'internal-error', `reading it failed: ${(error as Error).message}`);
    }
    const reason = `line ${error.line}, column ${error.column}: ${error.message}`;
    return unknown(text.origin, 'malformed-xml', reason);
  }
}
