import { join } from 'node:path';
import { projectRoot, runProcess } from '../support/runTool.js';

/**
 * A tarball of the tool as `npm run build` left it, which npm installs without a network.
 * @param directory - where it is made
 * @returns its path
 */
export async function toolTarball(directory: string): Promise<string> {
  const env = { HOME: directory, npm_config_cache: join(directory, 'npm-cache') };
  const args = ['pack', '--ignore-scripts', '--offline', '--json', '--pack-destination', directory];
  const { exitCode, stdout, stderr } = await runProcess('npm', args, { env, cwd: projectRoot });
  if (exitCode !== 0) throw new Error(`npm pack: ${stderr}`);
  const [packed]: [{ filename: string }] = JSON.parse(stdout);
  return join(directory, packed.filename);
}
