import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { SCHEMAS } from './unpackedPrograms.js';

const path = join(SCHEMAS, 'sarif-2.1.0.json');

/** What is missing for {@link sarifComplaint}, or null. */
export function missingSarifSchema(): string | null {
  return existsSync(path) ? null : 'the schema of SARIF 2.1.0';
}

let validate: ReturnType<Ajv['compile']> | undefined;

/** The first thing about a document that the published schema of SARIF 2.1.0 does not take, or null. */
export function sarifComplaint(document: unknown): string | null {
  if (!validate) {
    // One of its patterns is none in Unicode mode.
    const ajv = new Ajv({ strict: false, unicodeRegExp: false });
    addFormats.default(ajv);
    validate = ajv.compile(JSON.parse(readFileSync(path, 'utf8')));
  }
  return validate(document) ? null : JSON.stringify(validate.errors?.[0]);
}
