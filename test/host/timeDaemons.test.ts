import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { runningTimeDaemons } from '../../src/host/timeDaemons.js';
import { type ScratchDirectory, scratchDirectory } from '../support/scratch.js';

describe('the time daemons that run', () => {
  let root: ScratchDirectory;

  beforeEach(() => {
    root = scratchDirectory('root');
  });
  afterEach(() => root.remove());

  function processes(names: Readonly<Record<string, string>>): void {
    for (const [pid, name] of Object.entries(names)) {
      mkdirSync(join(root.path, 'proc', pid), { recursive: true });
      writeFileSync(join(root.path, 'proc', pid, 'comm'), `${name}\n`);
    }
  }

  it('are known by their processes, each once and in the order of the alphabet', () => {
    processes({ 1: 'systemd', 70: 'ptp4l', 71: 'phc2sys', 80: 'chronyd', 81: 'chronyd', 90: 'bash' });
    expect(runningTimeDaemons(root.path)).to.deep.equal(['chronyd', 'phc2sys', 'ptp4l']);
  });

  it('are told by their full name where the kernel cuts it', () => {
    processes({ 1: 'systemd', 300: 'systemd-timesyn' });
    expect(runningTimeDaemons(root.path)).to.deep.equal(['systemd-timesyncd']);
  });

  it('are none on a machine without any', () => {
    processes({ 1: 'init', 2: 'chronyc', 3: 'ntpdate' });
    expect(runningTimeDaemons(root.path)).to.deep.equal([]);
  });

  it('do not include what is no process, or one that has just ended', () => {
    processes({ 1: 'init', self: 'chronyd' });
    mkdirSync(join(root.path, 'proc', '5'));
    expect(runningTimeDaemons(root.path)).to.deep.equal([]);
  });

  it("are not known when others' processes are hidden", () => {
    processes({ 500: 'node' });
    expect(runningTimeDaemons(root.path)).to.equal(null);
  });
});
