// npm test: installs what the tests need, then formatting and lint, types, unit and integration tests.
import { build, installPackages, ROOT, run, tell } from './prepare.mjs';

installPackages();
const { installPrograms } = await import('./requirements.mjs');
installPrograms();
build();
const bin = `${ROOT}/node_modules/.bin`;
const steps = [
  ['formatting and lint', `${bin}/biome`, ['check', '--error-on-warnings', '.']],
  ['types', `${bin}/tsc`, ['-p', 'tsconfig.test.json']],
  ['tests', `${bin}/mocha`, process.argv.slice(2)],
];
for (const [name, command, args] of steps) {
  tell(`\n== ${name}`);
  if (!run(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })) {
    tell(`\n${name}: failed`);
    process.exit(1);
  }
}
