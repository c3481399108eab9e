// npm run package:deb: makes dist-packages/virt-clock-audit_VERSION_ARCHITECTURE.deb of what npm run build left.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { addControlFiles } from './packageDeb/controlFiles.mjs';
import { addFiles } from './packageDeb/files.mjs';
import { nativePart } from './packageDeb/nativePart.mjs';
import { ROOT, run, tell } from './prepare.mjs';

const { values } = parseArgs({
  options: {
    /** Debian's name of the machine's kind. */
    arch: { type: 'string', default: process.arch === 'arm64' ? 'arm64' : 'amd64' },
    output: { type: 'string', default: `${ROOT}/dist-packages` },
  },
});
const { version } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8'));
const scratch = mkdtempSync(join(tmpdir(), 'virt-clock-audit-deb-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
try {
  const changelog = readFileSync(`${ROOT}/packaging/debian/changelog`, 'utf8');
  const [, dated] = /^ -- .*> {2}(.+)$/m.exec(changelog);
  // The same files make the same package, byte by byte, whenever and wherever it is made.
  const epochSeconds = Number(process.env.SOURCE_DATE_EPOCH ?? Date.parse(dated) / 1000);
  const tree = join(scratch, 'tree');
  addFiles(tree, nativePart(values.arch, scratch));
  addControlFiles(tree, { architecture: values.arch, version, changelog, epochSeconds });
  mkdirSync(values.output, { recursive: true });
  const file = join(resolve(values.output), `virt-clock-audit_${version}_${values.arch}.deb`);
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(epochSeconds), LC_ALL: 'C', TZ: 'UTC' };
  // Older versions of dpkg do not know zstd, and xz is what they all know.
  if (!run('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', tree, file], { env })) {
    throw new Error("dpkg-deb failed; see above (it is in Debian's package dpkg)");
  }
  process.stdout.write(`${file}\n`);
} catch (error) {
  tell(`the package could not be made: ${error.message}`);
  process.exitCode = 1;
}
