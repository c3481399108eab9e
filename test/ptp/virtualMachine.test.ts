import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { projectRoot, runProcess } from '../support/runTool.js';

const url = (name: string) => JSON.stringify(pathToFileURL(join(projectRoot, 'src', name)).href);

describe("the alarm of a guest's run", () => {
  it('comes again when the first came too early, and not after it was taken back', async () => {
    // A call that is entered late stands for a vCPU that is: poll(2) of an empty pipe is interrupted like KVM_RUN.
    const code = `
      import { systemCalls } from ${url('kernel/systemCalls.ts')};
      process.on('SIGALRM', () => undefined);
      const calls = systemCalls();
      const libc = calls.koffi.load('libc.so.6');
      const pipe = libc.func('int pipe(void *descriptors)');
      const poll = libc.func('int poll(void *descriptors, unsigned long count, int milliseconds)');
      const descriptors = Buffer.alloc(8);
      pipe(descriptors);
      const wait = (milliseconds) => {
        const entry = Buffer.alloc(8);
        entry.writeInt32LE(descriptors.readInt32LE(0), 0);
        entry.writeInt16LE(1, 4);
        const startedAt = performance.now();
        return [poll(entry, 1, milliseconds), performance.now() - startedAt];
      };
      calls.alarm(0.05);
      const late = performance.now() + 70;
      while (performance.now() < late);
      const [interrupted] = wait(2000);
      calls.alarm(0);
      const [undisturbed] = wait(200);
      console.log(JSON.stringify({ interrupted, undisturbed }));
      process.exit(0);`;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', code];
    const { stdout, stderr } = await runProcess(process.execPath, args, { cwd: projectRoot });
    expect(stderr).to.equal('');
    expect(JSON.parse(stdout)).to.deep.equal({ interrupted: -1, undisturbed: 0 });
  });
});
