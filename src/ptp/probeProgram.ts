import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Where the program of the probe may lie: among the sources, which take a loader, and a room away from the bundle. */
const PLACES = ['./kvmProbeProcess.ts', '../ptp/kvmProbeProcess.js'];

/**
 * Node's arguments that run the probe's program; null when it is not there.
 * @param from - the URL of the module that looks for it
 */
export function probeProgram(from: string = import.meta.url): string[] | null {
  for (const place of PLACES) {
    const path = fileURLToPath(new URL(place, from));
    if (!existsSync(path)) continue;
    if (!path.endsWith('.ts')) return [path];
    return ['--import', pathToFileURL(createRequire(from).resolve('tsx')).href, path];
  }
  return null;
}
