import { execFileSync } from 'node:child_process';
import { closeSync, constants, cpSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readFiles } from '../../src/domxml/files.js';
import { hasUnfinishedReads, inputBytes, NothingArrived } from '../../src/domxml/inputBytes.js';
import { projectRoot } from '../support/runTool.js';
import { scratchDirectory } from '../support/scratch.js';

const guest = join(projectRoot, 'test/fixtures/domxml/rtc-track-guest.xml');

describe('input that is read piece by piece', () => {
  const scratch = scratchDirectory('inputBytes');
  let count = 0;
  after(() => scratch.remove());

  function namedPipe(): string {
    const pipe = join(scratch.path, `pipe-${count++}`);
    execFileSync('mkfifo', [pipe]);
    return pipe;
  }

  /** Opens a pipe that somebody reads already. */
  const openForWriting = (pipe: string) => openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);

  async function textOf(path: string, deadlineSeconds?: number): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of inputBytes(path, deadlineSeconds)) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }

  it('is a file whole, also one that is larger than a piece', async () => {
    const text = 'x'.repeat(3 * 1024 * 1024 + 1);
    const file = join(scratch.path, 'large');
    writeFileSync(file, text);
    expect((await textOf(file)) === text).to.equal(true);
  });

  it('is what a writer gives that comes late and pauses, and lets others go on meanwhile', async () => {
    const pipe = namedPipe();
    const read = textOf(pipe);
    expect(hasUnfinishedReads()).to.equal(true);
    await new Promise(setImmediate);
    const writer = openForWriting(pipe);
    await new Promise(setImmediate);
    writeSync(writer, 'one ');
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    writeSync(writer, 'two');
    closeSync(writer);
    expect(await read).to.equal('one two');
    expect(hasUnfinishedReads()).to.equal(false);
  });

  it('ends with a writer that goes without a word', async () => {
    const pipe = namedPipe();
    const read = textOf(pipe);
    await new Promise(setImmediate);
    closeSync(openForWriting(pipe));
    expect(await read).to.equal('');
  });

  it('is not waited for beyond the deadline, whether nobody comes or nothing', async () => {
    for (const begin of [() => null, openForWriting]) {
      const pipe = namedPipe();
      const read = textOf(pipe, 0.05).catch((error) => error);
      const writer = begin(pipe);
      expect(await read).to.be.instanceOf(NothingArrived);
      expect(hasUnfinishedReads()).to.equal(false);
      if (writer !== null) closeSync(writer);
    }
  });

  it('is there where it came before the deadline, though this process did not run then', async () => {
    const pipe = namedPipe();
    const read = textOf(pipe, 0.05);
    const writer = openForWriting(pipe);
    writeSync(writer, 'in time');
    closeSync(writer);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    expect(await read).to.equal('in time');
  });

  it('is given up as soon as its reader has enough, for pipes and devices', async () => {
    for await (const chunk of inputBytes('/dev/zero')) {
      expect(chunk.length).to.be.greaterThan(0);
      break;
    }
    expect(await textOf('/dev/null')).to.equal('');
    const pipe = namedPipe();
    const writer = openSync(pipe, constants.O_RDWR);
    writeSync(writer, 'enough');
    for await (const chunk of inputBytes(pipe)) {
      expect(chunk.toString()).to.equal('enough');
      break;
    }
    expect(hasUnfinishedReads()).to.equal(false);
    closeSync(writer);
  });

  it('lets signals be noticed between the files of a directory, and keeps their order', async () => {
    const directory = join(scratch.path, 'directory');
    mkdirSync(directory);
    const names = ['a.xml', 'b.xml', 'c.xml'];
    for (const name of names) cpSync(guest, join(directory, name));
    let turns = 0;
    let next = setImmediate(function turn() {
      turns++;
      next = setImmediate(turn);
    });
    const { domains } = await readFiles([directory]);
    clearImmediate(next);
    expect(turns).to.be.at.least(2);
    expect(domains.map(({ source }) => source)).to.deep.equal(names.map((name) => join(directory, name)));
  });
});
