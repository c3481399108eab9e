import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect } from 'chai';
import { projectRoot } from '../support/runTool.js';

const source = join(projectRoot, 'src');

/** The modules that a module loads as soon as it is loaded itself: types and `import()` do not count. */
function loadedWith(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  if (!existsSync(join(source, file))) return found;
  const text = readFileSync(join(source, file), 'utf8');
  for (const [, path = ''] of text.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)';/gm)) {
    const inside = path.startsWith('.') && relative(source, join(source, dirname(file), path));
    loadedWith(inside ? inside.replace(/\.js$/, '.ts') : path, found);
  }
  return found;
}

describe('an audit without a configuration file', () => {
  it('loads neither YAML nor globs', () => {
    for (const command of ['audit', 'remediate', 'config']) {
      const loaded = loadedWith(`cli/commands/${command}.ts`);
      expect([...loaded])
        .to.include('cli/configuration/loadConfiguration.ts')
        .and.include('policy/resolve.ts');
      expect([...loaded]).not.to.include('yaml');
      expect([...loaded]).not.to.include('policy/yamlTree.ts');
      expect([...loaded]).not.to.include('picomatch');
    }
    expect([...loadedWith('policy/fileLayer.ts')]).to.include('yaml');
  });
});
