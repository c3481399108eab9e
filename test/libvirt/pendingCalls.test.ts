import { stat } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { callWithDeadline, DeadlineExceeded, hasBlockedCalls } from '../../src/libvirt/pendingCalls.js';

const OWNER = {};

/** Answers from libuv's thread pool, as koffi's asynchronous calls do. */
const answered = (...args: unknown[]) => stat('/proc', args.at(-1) as () => void);

describe('a call with a deadline', () => {
  it('is answered although this process was not run until after the deadline', async () => {
    const call = callWithDeadline(answered, [], 'virDomainGetXMLDesc', 0.05, OWNER);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    await call;
    expect(hasBlockedCalls()).to.equal(false);
  });

  it('is given the time that this process was not run', async () => {
    const late = (...args: unknown[]) => setTimeout(args.at(-1) as () => void, 650);
    const call = callWithDeadline(late, [], 'virDomainGetXMLDesc', 0.4, OWNER);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 620);
    await sleep(1);
    await call;
  });

  it('is overdue when its answer does not come', async () => {
    const startedAt = performance.now();
    let answer = () => undefined as unknown;
    const never = (...args: unknown[]) => {
      answer = args.at(-1) as () => unknown;
    };
    try {
      await callWithDeadline(never, [], 'virDomainGetXMLDesc', 0.1, OWNER);
      expect.fail('it came');
    } catch (error) {
      expect(error).to.be.instanceOf(DeadlineExceeded);
      expect((error as Error).message).to.equal('virDomainGetXMLDesc was not answered within 0.1 s');
    }
    expect(performance.now() - startedAt).to.be.within(99, 300);
    expect(hasBlockedCalls()).to.equal(true);
    answer();
    expect(hasBlockedCalls()).to.equal(false);
  });
});
