import { readFileSync } from 'node:fs';

/** The package's manifest: as far above src/cli as above dist/cli. */
const MANIFEST = '../../package.json';

/** This tool's version, from its package.json. */
export function toolVersion(): string {
  try {
    return JSON.parse(readFileSync(new URL(MANIFEST, import.meta.url), 'utf8')).version;
  } catch {
    return 'unknown';
  }
}
