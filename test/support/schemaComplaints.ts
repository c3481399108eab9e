import { expect } from 'chai';
import { runCommand } from './runCommand.js';

const SCHEMA = '/usr/share/libvirt/schemas/domain.rng';

/** What libvirt's schema does not take, by file, in one go: `virt-xml-validate` runs xmllint for one. */
export async function complaintsOf(paths: readonly string[]): Promise<Map<string, string>> {
  const args = ['--noout', '--relaxng', SCHEMA, ...paths];
  const told = await runCommand('xmllint', args).then(
    () => '',
    (error: { stderr: string }) => error.stderr,
  );
  const complaints = new Map<string, string>();
  for (const path of paths) {
    const own = told.split('\n').filter((line) => line.startsWith(`${path}:`));
    if (own.length > 0) complaints.set(path, own.join('\n'));
    else expect(told === '' || told.includes(`${path} validates`), path).to.equal(true);
  }
  return complaints;
}
