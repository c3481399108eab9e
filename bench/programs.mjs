/** The programs that are compared, and how each one's output shows that it did the whole of its work. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { requireCompleteAudit } from './audit-report.mjs';
import { dumpScript } from './hypervisor.mjs';
import { PYTHON } from './requirements.mjs';

export const VIRT_CLOCK_AUDIT = fileURLToPath(new URL('../bin/virt-clock-audit.js', import.meta.url));

/** 0 all well, 1 and 2 something found: the definitions of the benchmark are not all good ones. */
const AUDIT_EXIT_CODES = [0, 1, 2];

/**
 * Every row of the table, by its letter. `a` is what the others are compared with.
 * @type {Record<string, {label: string, prepare: (bench: object) => Promise<object> | object}>}
 */
const PROGRAMS = {
  a: { label: 'C: fetch every definition, one thread', prepare: fetchOnly },
  b: { label: 'Python: fetch, parse with lxml, read the clock offset', prepare: fetchAndReadClock },
  c: { label: '**virt-clock-audit**: full audit through libvirt', prepare: auditOfHypervisor },
  d: { label: '**virt-clock-audit**: full audit of the same definitions as files', prepare: auditOfFiles },
  e: { label: 'node: start and end (`node -e 0`)', prepare: emptyNode },
  f: { label: 'virsh: one process, every `dumpxml`', prepare: virshBatch },
};

export const LETTERS = Object.keys(PROGRAMS);

/**
 * @param {string[]} letters which programs
 * @param {{uri: string, definitions: string[], directory: string}} bench the hypervisor, what it has defined,
 *   and where programs and their files may be put
 */
export async function preparePrograms(letters, bench) {
  const programs = [];
  for (const letter of letters) {
    const { label, prepare } = PROGRAMS[letter];
    programs.push({ letter, label, exitCodes: [0], ...(await prepare(bench)) });
  }
  return programs;
}

async function fetchOnly({ uri, definitions, directory }) {
  const source = fileURLToPath(new URL('fetch-only.c', import.meta.url));
  const program = join(directory, 'fetch-only');
  await promisify(execFile)('cc', ['-O2', '-Wall', '-o', program, source, '-lvirt']);
  return {
    command: [program, uri],
    verify: async (run) => {
      requireCount(/^\d+/.exec(await readFile(run.stdout, 'utf8'))?.[0], definitions.length, 'definitions');
    },
  };
}

function fetchAndReadClock({ uri, definitions }) {
  return {
    command: [PYTHON, fileURLToPath(new URL('fetch-and-read-clock.py', import.meta.url)), uri],
    verify: async (run) => {
      const offsets = (await readFile(run.stdout, 'utf8')).match(/^\S+ (utc|localtime|variable)$/gm);
      requireCount(offsets?.length, definitions.length, 'clock offsets');
    },
  };
}

function auditOfHypervisor({ uri, definitions, directory }) {
  return audit(['--connect', uri], definitions.length, join(directory, 'audit-libvirt.json'));
}

async function auditOfFiles({ definitions, directory }) {
  const files = join(directory, 'domxml');
  await mkdir(files);
  for (const [index, definition] of definitions.entries()) {
    await writeFile(join(files, `${String(index).padStart(5, '0')}.xml`), `${definition}\n`);
  }
  return audit(['--domxml', files], definitions.length, join(directory, 'audit-files.json'));
}

function audit(source, count, output) {
  return {
    command: [
      process.execPath,
      VIRT_CLOCK_AUDIT,
      'audit',
      ...source,
      '--no-host',
      '--format',
      'json',
      '--output',
      output,
    ],
    exitCodes: AUDIT_EXIT_CODES,
    output,
    verify: async () => requireCompleteAudit(JSON.parse(await readFile(output, 'utf8')), count),
  };
}

function emptyNode() {
  return { command: [process.execPath, '-e', '0'], verify: async () => {} };
}

async function virshBatch({ uri, definitions, directory }) {
  const script = join(directory, 'dump.virsh');
  await writeFile(script, dumpScript(definitions.length));
  return {
    command: ['virsh', '--quiet', '--connect', uri],
    stdin: script,
    verify: async (run) => {
      const printed = (await readFile(run.stdout, 'utf8')).match(/^<\/domain>$/gm);
      requireCount(printed?.length, definitions.length, 'definitions');
    },
  };
}

function requireCount(found, expected, what) {
  if (Number(found ?? 0) !== expected) throw new Error(`${found ?? 'no'} ${what} instead of ${expected}`);
}
