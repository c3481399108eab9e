import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { runTool } from '../support/runTool.js';
import { expectShown, SHOWN_MACHINES, shownOnPage, shownSection, storedSections } from './verbatim.js';

describe('docs/kvm-probe.md', () => {
  before(async () => {
    if (process.env.UPDATE_GOLDEN !== '1' || !existsSync('/dev/kvm')) return;
    const { stdout, stderr, exitCode } = await runTool(['probe']);
    expectShown('test-machine', shownSection('test-machine', { stdout, stderr, exitCode: exitCode ?? 3 }));
  });

  it('shows what the probe wrote on each machine, word for word', () => {
    expect(shownOnPage()).to.equal(storedSections());
    for (const heading of Object.values(SHOWN_MACHINES)) expect(shownOnPage()).to.include(`### ${heading}\n`);
  });
});
