import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The links of Markdown documents below a directory that lead to nothing there, each as `document: target`. */
export function brokenLinks(directory: string): { documents: number; broken: readonly string[] } {
  const documents = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.md') && !path.includes('node_modules/'),
  );
  const broken = documents.flatMap((path) => {
    const text = readFileSync(join(directory, path), 'utf8');
    const targets = [...text.matchAll(/\]\((?![a-z]+:|#)([^)#]+)/g)].map(([, target = '']) => target);
    return targets
      .filter((target) => !existsSync(join(directory, dirname(path), target)))
      .map((target) => `${path}: ${target}`);
  });
  return { documents: documents.length, broken };
}
