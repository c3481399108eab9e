import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * Where the program of the probe may lie, seen from this module: beside it among the sources, which take a loader; a
 * room away from a bundled command; and two from what bundled commands share.
 */
const PLACES = ['./kvmProbeProcess.ts', '../ptp/kvmProbeProcess.js', '../../ptp/kvmProbeProcess.js'];

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
