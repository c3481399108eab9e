/** Thrown when an answer did not come in time. The native call that asked for it may block for ever. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
}

interface PendingCall {
  readonly owner: object;
  readonly what: string;
  startedAt: number;
  readonly deadlineMilliseconds: number;
  /** koffi does not keep the Buffers of an asynchronous call alive; this does until it returns. */
  readonly args: readonly unknown[];
  readonly reject: (error: DeadlineExceeded) => void;
  overdue: boolean;
}

/** Calls are kept in the order they began in; one timer for all of them is cheaper than one each. */
const pending = new Set<PendingCall>();
let timer: NodeJS.Timeout | null = null;
let timerDueAt = 0;

/** A timer later than this says that this process was not run meanwhile: stopped, or on a machine that was. */
const STALL_MILLISECONDS = 200;

/** A native function called through koffi's `.async`. */
export type NativeCall = (...argsAndCallback: unknown[]) => void;

/**
 * Makes a native call on libuv's thread pool and waits for it, but no longer than the deadline. Nothing can
 * cancel it: when it is overdue, this process can only be ended by `_exit`.
 * @param what - the function's name, for the message
 * @param owner - whose call it is, for {@link abandonCalls}
 * @throws DeadlineExceeded
 */
export function callWithDeadline<Result>(
  call: NativeCall,
  args: readonly unknown[],
  what: string,
  deadlineSeconds: number,
  owner: object,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const record: PendingCall = {
      owner,
      what,
      startedAt: performance.now(),
      deadlineMilliseconds: deadlineSeconds * 1000,
      args,
      reject,
      overdue: false,
    };
    pending.add(record);
    if (timer === null) startTimer(record.deadlineMilliseconds);
    call(...args, (error: Error | null, result: Result) => {
      pending.delete(record);
      if (pending.size === 0) stopTimer();
      if (error) reject(error);
      else resolve(result);
    });
  });
}

/**
 * Whether a native call is still waiting for a daemon that does not answer. Node's own exit would wait for it
 * too (see exit.ts).
 */
export function hasBlockedCalls(): boolean {
  return pending.size > 0;
}

/** Waits no longer for the calls of an owner that is known to get no answers. */
export function abandonCalls(owner: object, error: DeadlineExceeded): void {
  for (const call of pending) {
    if (call.owner !== owner || call.overdue) continue;
    call.overdue = true;
    call.reject(error);
  }
}

function startTimer(milliseconds: number): void {
  timerDueAt = performance.now() + milliseconds;
  timer = setTimeout(timerCame, milliseconds);
}

/**
 * Answers that arrived while this process was not run are still queued when the timer is called: they go first.
 * What a daemon still owes after such a time is given its whole deadline again, for it may have been stopped too.
 */
function timerCame(): void {
  const now = performance.now();
  if (now - timerDueAt > STALL_MILLISECONDS) for (const call of pending) call.startedAt = now;
  setImmediate(rejectOverdue);
}

function rejectOverdue(): void {
  stopTimer();
  const now = performance.now();
  let next = Number.POSITIVE_INFINITY;
  for (const call of pending) {
    if (call.overdue) continue;
    const left = call.startedAt + call.deadlineMilliseconds - now;
    if (left > 1) {
      next = Math.min(next, left);
      continue;
    }
    call.overdue = true;
    const seconds = call.deadlineMilliseconds / 1000;
    call.reject(new DeadlineExceeded(`${call.what} was not answered within ${seconds} s`));
  }
  if (next < Number.POSITIVE_INFINITY) startTimer(next);
}

function stopTimer(): void {
  if (timer) clearTimeout(timer);
  timer = null;
}
