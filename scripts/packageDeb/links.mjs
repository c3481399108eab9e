// Links of documents, which lie elsewhere in the package than in the project.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/**
 * Makes the links of the tree's Markdown documents lead to where the package has what they lead to.
 * @param tree - into which everything has been copied
 * @param copied - what was copied: paths in the tree by those in the project
 */
export function relinkDocuments(tree, copied) {
  for (const [from, to] of Object.entries(copied)) {
    const inside = from.endsWith('.md')
      ? ['']
      : readdirOf(join(tree, to)).filter((path) => path.endsWith('.md'));
    for (const path of inside) {
      const file = join(tree, to, path);
      const document = { project: posix.join(from, path), tree: posix.join(to, path) };
      writeFileSync(file, relinked(readFileSync(file, 'utf8'), document, copied));
    }
  }
}

function readdirOf(path) {
  try {
    return readdirSync(path, { recursive: true, encoding: 'utf8' });
  } catch (error) {
    if (error.code === 'ENOTDIR') return [];
    throw error;
  }
}

function relinked(text, document, copied) {
  return text.replace(/\]\((?![a-z]+:|#)([^)#]+)(#[^)]*)?\)/g, (_, target, place = '') => {
    const wanted = posix.join(dirname(document.project), target).replace(/\/$/, '');
    const origin = Object.keys(copied).find((from) => wanted === from || wanted.startsWith(`${from}/`));
    if (origin === undefined) {
      throw new Error(`${document.project} links to ${wanted}, which is not in the package`);
    }
    const there = posix.join(copied[origin], wanted.slice(origin.length));
    return `](${posix.relative(dirname(document.tree), there)}${place})`;
  });
}
