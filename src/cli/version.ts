import { readFileSync } from 'node:fs';

/** The package's manifest: as far above this file, whether it runs from src/cli or from dist/cli/chunks. */
const MANIFESTS = ['../../package.json', '../../../package.json'];

/** This tool's version, from its package.json. */
export function toolVersion(): string {
  for (const path of MANIFESTS) {
    try {
      const manifest = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
      if (manifest.name === 'virt-clock-audit') return manifest.version;
    } catch {
      // Not at that height.
    }
  }
  return 'unknown';
}
