// Bundles src/ into dist/: one file instead of some hundred modules halves the time to start, and is in memory as a whole
// when the package below a running process is upgraded. What is imported lazily is still run lazily.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { build } = await import('esbuild').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  process.stderr.write('the packages to build with are not installed: run npm ci first\n');
  process.exit(1);
});
const { bundledPackages, thirdPartyNotices } = await import('./thirdParty.mjs');

const root = fileURLToPath(new URL('..', import.meta.url));
// A build that fails leaves what was built before.
const outdir = `${root}/dist-${process.pid}`;
process.on('exit', () => rmSync(outdir, { recursive: true, force: true }));
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['src/cli/entry.ts', 'src/ptp/kvmProbeProcess.ts'],
  outdir,
  outbase: 'src',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // koffi finds its native part beside itself.
  external: ['koffi'],
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'linked',
  // The notices hold the licences whole.
  legalComments: 'none',
  metafile: true,
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';const require = requireFrom(import.meta.url);",
  },
}).catch(() => process.exit(1));
const notices = thirdPartyNotices(bundledPackages(metafile, root));
writeFileSync(`${outdir}/THIRD-PARTY-NOTICES.txt`, notices);
rmSync(`${root}/dist`, { recursive: true, force: true });
renameSync(outdir, `${root}/dist`);
