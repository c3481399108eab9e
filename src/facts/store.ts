import { fact, LIBVIRT_ERROR } from './factShape.js';
import type { Facts } from './facts.js';
import { completeHost, HOST } from './hostShape.js';
import { mismatch, type Shape } from './shape.js';

/** Thrown for a file that holds no facts, with what is wrong about it. */
export class FactsUnreadable extends Error {
  override readonly name = 'FactsUnreadable';
}

const TEXT: Shape = {
  xml: 'string',
  origin: { $oneOf: [{ $is: 'dumpxml' }, { $is: 'file' }, { $is: 'status' }] },
};
const FACTS: Shape = {
  schemaVersion: { $is: '1.0' },
  toolVersion: 'string',
  collectedAt: 'string',
  hostname: 'string',
  target: { $optional: 'string' },
  sources: [
    {
      kind: 'string',
      location: 'string',
      libvirtVersion: { $optional: 'string' },
    },
  ],
  host: { $nullable: HOST },
  hostNote: 'string',
  domains: [
    {
      name: 'string',
      uuid: { $optional: 'string' },
      source: 'string',
      state: fact('string'),
      persistent: fact('boolean'),
      managedSave: fact('boolean'),
      definitions: { $values: fact(TEXT) },
      savedDefinition: { $optional: fact(TEXT) },
      process: {
        $optional: fact({
          pid: 'number',
          args: ['string'],
          tz: { $nullable: 'string' },
          tzRead: { $optional: { $is: false } },
        }),
      },
      taints: { $optional: fact(['string']) },
    },
  ],
  narrowed: { $optional: { $is: true } },
  problems: [
    {
      target: 'string',
      cause: 'string',
      reason: 'string',
      line: { $optional: 'number' },
      column: { $optional: 'number' },
      libvirtError: LIBVIRT_ERROR,
    },
  ],
  notes: ['string'],
};

/** Writes facts as a JSON document. */
export function saveFacts(facts: Facts): string {
  return `${JSON.stringify(facts, null, 1)}\n`;
}

/**
 * Reads facts back.
 * @throws FactsUnreadable when the text is not what {@link saveFacts} writes
 */
export function loadFacts(text: string): Facts {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new FactsUnreadable(`is no JSON: ${(error as Error).message}`);
  }
  const host = (document as { host?: unknown } | null)?.host;
  if (typeof host === 'object' && host !== null) completeHost(host);
  const wrong = mismatch(document, FACTS);
  if (wrong) throw new FactsUnreadable(`holds no facts that this version can read: ${wrong}`);
  return document as Facts;
}
