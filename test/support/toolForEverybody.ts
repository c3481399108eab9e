import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { scratchDirectory } from './scratch.js';

const PARTS = ['package.json', 'bin', 'dist', 'node_modules/koffi', 'node_modules/@koromix'];

let copy: string | null = null;

/**
 * The built tool in a place that every user can reach: a checkout below root's home is closed to others.
 * @param projectRoot - the checkout to copy from
 */
export function toolForEverybody(projectRoot: string): string {
  if (copy === null) {
    const { path } = scratchDirectory('vca-tool');
    for (const part of PARTS) {
      mkdirSync(join(path, dirname(part)), { recursive: true });
      cpSync(join(projectRoot, part), join(path, part), { recursive: true, dereference: true });
    }
    copy = join(path, 'bin', 'virt-clock-audit.js');
  }
  return copy;
}
