#!/usr/bin/env node
/**
 * `npm run bench`: how long a full audit of many domains takes, beside what reading them costs anybody.
 * Exit codes: 0 measured, 1 slower than --max-ratio allows, 3 could not measure, 130 interrupted.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { replaceBetweenMarkers, requireMarkers } from './document.mjs';
import { startHypervisor } from './hypervisor.mjs';
import { LETTERS, preparePrograms, VIRT_CLOCK_AUDIT } from './programs.mjs';
import { provideRequirements, versions } from './requirements.mjs';
import { markdown, stagesMarkdown, summarise } from './results.mjs';
import { timeInRounds } from './rounds.mjs';

const USAGE = `Usage: npm run bench -- [--domains 1000] [--rounds 15] [--only a,c,…] [--write FILE] [--max-ratio N]

  --domains N     how many domains to define
  --rounds N      how many rounds count, after one that does not
  --only LETTERS  which rows of the table to measure; a, the base of the ratios, always is
  --write FILE    put the table between the markers of this Markdown file
  --max-ratio N   exit code 1 when the median ratio of (c) to (a) is above N
`;

const BASE = 'a';
const AUDIT = 'c';
const AUDITS = [AUDIT, 'd'];

process.exitCode = await main().catch((error) => {
  process.stderr.write(`bench: ${error.message}\n`);
  return 3;
});

async function main() {
  const options = readOptions();
  if (options === null) {
    process.stdout.write(USAGE);
    return 0;
  }
  // An ordinary user's PATH has no libvirtd.
  process.env.PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
  await requireReadiness(options);

  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, () => interruption.abort());
  try {
    return await measure(options, interruption.signal);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    return 130;
  }
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      domains: { type: 'string', default: '1000' },
      rounds: { type: 'string', default: '15' },
      only: { type: 'string', default: LETTERS.join() },
      write: { type: 'string' },
      'max-ratio': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const asked = values.only.split(',');
  const unknown = asked.find((letter) => !LETTERS.includes(letter));
  if (unknown !== undefined) throw new Error(`--only takes ${LETTERS.join()}, not '${unknown}'`);
  const maxRatio = values['max-ratio'] === undefined ? null : Number(values['max-ratio']);
  if (Number.isNaN(maxRatio)) throw new Error('--max-ratio takes a number');
  if (maxRatio !== null && !asked.includes(AUDIT)) throw new Error(`--max-ratio needs row ${AUDIT}`);
  return {
    domains: positiveInteger('--domains', values.domains),
    rounds: positiveInteger('--rounds', values.rounds),
    letters: LETTERS.filter((letter) => letter === BASE || asked.includes(letter)),
    write: values.write ?? null,
    maxRatio,
  };
}

function positiveInteger(option, text) {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`${option} takes a positive whole number, not '${text}'`);
  return Number(text);
}

async function requireReadiness({ letters, write }) {
  if (write !== null) await requireMarkers(write);
  const dist = new URL('../dist', import.meta.url);
  if (
    letters.some((letter) => AUDITS.includes(letter)) &&
    !(existsSync(VIRT_CLOCK_AUDIT) && existsSync(dist))
  ) {
    throw new Error('there is no dist/ to measure: npm run build comes first');
  }
  const missing = provideRequirements();
  if (missing.length > 0) {
    const list = missing.map(({ what, packages }) => `  ${what} (Debian: ${packages.join(' ')})`);
    throw new Error(`this is not installed:\n${list.join('\n')}`);
  }
}

async function measure({ domains, rounds, letters, write, maxRatio }, signal) {
  const directory = await mkdtemp(join(tmpdir(), 'virt-clock-bench-'));
  let hypervisor = null;
  try {
    hypervisor = await startHypervisor(signal);
    process.stderr.write(`defining ${domains} domains\n`);
    const definitions = await hypervisor.define(domains);
    const programs = await preparePrograms(letters, { uri: hypervisor.uri, definitions, directory });
    const times = await timeInRounds(programs, { rounds, directory, signal });

    const rows = summarise(programs, times, BASE);
    const stages = stagesMarkdown(await measureStages(hypervisor.uri, rounds, signal));
    const table = `${markdown(rows, { versions: versions(), definitions, rounds, base: BASE })}\n${stages}`;
    process.stdout.write(table);
    if (write !== null) await replaceBetweenMarkers(write, table);
    return isTooSlow(rows, maxRatio) ? 1 : 0;
  } finally {
    await hypervisor?.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** The stages of an audit, timed apart inside one process. */
async function measureStages(uri, rounds, signal) {
  const program = fileURLToPath(new URL('stages.ts', import.meta.url));
  const args = ['--import', 'tsx', program, uri, String(rounds)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { signal });
  return JSON.parse(stdout);
}

function isTooSlow(rows, maxRatio) {
  if (maxRatio === null) return false;
  const { median } = rows.find(({ letter }) => letter === AUDIT).ratio;
  if (median <= maxRatio) return false;
  process.stderr.write(`bench: the audit's median ratio is ${median.toFixed(2)}, allowed is ${maxRatio}\n`);
  return true;
}
