import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Outcome } from '../../src/checks/check.js';
import { DEFINITION_CHECKS } from '../../src/checks/registry.js';
import { FIXTURES } from '../support/fixtures.js';

/** What only a host can decide: these files are judged without one. */
const NEEDS_HOST: Readonly<Record<string, readonly Outcome[]>> = {
  'domain/host-timezone': ['info', 'warn', 'unknown'],
  'domain/tsc-frequency': ['pass', 'warn', 'fail', 'unknown'],
  'domain/clock-offset': ['info'],
  'domain/ptp-kvm': ['fail', 'unknown'],
};

const findings = readdirSync(FIXTURES)
  .filter((file) => file.endsWith('.expect.json'))
  .flatMap((file) => Object.entries(JSON.parse(readFileSync(join(FIXTURES, file), 'utf8')).findings ?? {}));

describe('each check of a definition', () => {
  for (const { id, outcomes } of DEFINITION_CHECKS) {
    it(`${id} has a fixture for each outcome that it documents`, () => {
      const found = findings
        .filter(([check]) => check === id)
        .map(([, verdict]) => String(verdict).split(' ')[0]);
      const promised = Object.keys(outcomes).filter((it) => !NEEDS_HOST[id]?.includes(it as Outcome));
      expect([...new Set(found)]).to.include.members(promised);
    });
  }
});
