import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { requireCommand } from '../support/requirement.js';
import { projectRoot, runProcess } from '../support/runTool.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

const collection = join(projectRoot, 'ansible');
const role = join(collection, 'roles', 'virt_clock_audit');
const page = join(projectRoot, 'docs', 'ansible.md');

interface Argument {
  readonly description: readonly string[];
  readonly type: string;
  readonly choices?: readonly string[];
  readonly default: unknown;
}

const yaml = (path: string) => parse(readFileSync(path, 'utf8'));
const options: Readonly<Record<string, Argument>> = yaml(join(role, 'meta', 'argument_specs.yml'))
  .argument_specs.main.options;

describe('the Ansible collection', function () {
  this.timeout(120_000);
  let scratch: ScratchDirectory;
  before(() => {
    scratch = scratchDirectory('collection');
  });
  after(() => scratch?.remove());

  it('has a specification and a default for each variable, which agree', () => {
    const defaults = yaml(join(role, 'defaults', 'main.yml'));
    const specified = Object.fromEntries(Object.entries(options).map(([name, it]) => [name, it.default]));
    expect(specified).to.deep.equal(defaults);
  });

  it('is described by docs/ansible.md as it is', () => {
    const text = readFileSync(page, 'utf8');
    const block = /(<!-- variables -->\n).*(<!-- \/variables -->)/s;
    const current = text.replace(block, (_, start, end) => `${start}${variableTable()}${end}`);
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(page, current);
    else expect(text, 'UPDATE_GOLDEN=1 writes it').to.equal(current);
  });

  it('is content with by ansible-lint, by the rules for production', async function () {
    requireCommand(this, 'ansible-lint');
    const run = await runProcess('ansible-lint', ['--offline', '--nocolor', '-c', '.ansible-lint'], {
      cwd: collection,
      env: { HOME: scratch.path, LC_ALL: 'C.UTF-8', XDG_CACHE_HOME: scratch.path },
      timeoutMs: 110_000,
    });
    expect(run.exitCode, run.stdout + run.stderr).to.equal(0);
    expect(run.stdout + run.stderr).to.match(
      /Passed with production profile: 0 failure\(s\), 0 warning\(s\)/,
    );
  });

  it('runs no shell, and needs no modules but those that Ansible brings', () => {
    const tasks = [
      'begin',
      'install',
      'deb',
      'node',
      'place',
      'reached',
      'present',
      'configure',
      'schedule',
      'units',
      'apply',
      'run',
      'facts',
      'gather',
      'judge',
      'remove',
    ];
    for (const name of tasks) {
      const text = readFileSync(join(role, 'tasks', `${name}.yml`), 'utf8');
      expect(text, name).not.to.match(/ansible\.builtin\.(?:shell|raw|script)\b/);
      for (const [, module] of text.matchAll(/^\s+(\w+\.\w+\.\w+):/gm)) {
        expect(module, name).to.match(/^ansible\.builtin\./);
      }
    }
  });
});

function variableTable(): string {
  const rows = Object.entries(options).map(([name, it]) => {
    const kind = it.choices ? it.choices.map((choice) => `\`${choice}\``).join(', ') : it.type;
    const text = it.description.join(' ').replaceAll(/[OV]\((\w+)\)/g, '`$1`');
    return `| \`${name}\` | ${kind} | ${defaultOf(it.default)} | ${text} |\n`;
  });
  return `\n| variable | kind | default | meaning |\n|---|---|---|---|\n${rows.join('')}\n`;
}

function defaultOf(value: unknown): string {
  if (typeof value === 'string' && value.includes('{{')) return 'by the way of installing';
  return value === '' ? '' : `\`${JSON.stringify(value)}\``.replaceAll('"', '');
}
