import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { HOST_CHECKS } from '../../src/checks/registry.js';
import { judge } from '../../src/cli/judge.js';
import { loadFacts } from '../../src/facts/store.js';
import { DEFAULT_POLICY } from '../../src/policy/policy.js';

/** A folder for each version: what its `collect` saved, and what it made of that itself. */
const folder = join(import.meta.dirname, '..', 'fixtures', 'saved');

describe('facts that an older version saved', () => {
  for (const version of readdirSync(folder)) {
    const read = (file: string) => readFileSync(join(folder, version, file), 'utf8');
    const verdicts: Readonly<Record<string, string>> = JSON.parse(read('verdicts.json'));
    const collected = Object.keys(JSON.parse(read('facts.json')).host);
    const report = judge(loadFacts(read('facts.json')), 'warn', DEFAULT_POLICY);
    const findings = [
      ...(report.host?.findings ?? []),
      ...report.domains.flatMap((domain) => domain.findings),
    ];
    const said = new Map(findings.map(({ check, outcome, code }) => [check, `${outcome} ${code}`]));

    it(`come out as they did with version ${version}`, () => {
      expect(Object.keys(verdicts)).to.have.length.above(30);
      const now = Object.fromEntries(Object.keys(verdicts).map((check) => [check, said.get(check)]));
      expect(now).to.deep.equal(verdicts);
    });

    it(`hold nothing against version ${version} that it did not collect`, () => {
      const later = HOST_CHECKS.filter(({ needs }) => needs.some((name) => !collected.includes(name)));
      expect(later.map(({ id }) => id)).to.include('host/ptp-clocks');
      for (const { id } of later) expect(said.get(id), id).to.equal('not-applicable left-out');
      const unread = findings.filter(({ outcome }) => outcome === 'unknown');
      expect(unread.map(({ check }) => check)).to.deep.equal([]);
    });
  }
});
