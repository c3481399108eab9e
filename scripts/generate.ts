// Writes the documentation that comes from declarations. A test fails when it is stale.
import { writeFileSync } from 'node:fs';
import { documents } from './documents.js';

for (const [path, text] of documents()) writeFileSync(new URL(`../${path}`, import.meta.url), text);
