/** Thrown when an answer did not come in time. The call that asked for it may still be blocked. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
}

/**
 * Waits for an answer, but no longer than the deadline. What is waited for is not cancelled: nothing can
 * cancel a native call.
 * @param seconds - the longest wait
 * @param what - names the call for the message, as in `virConnectOpenReadOnly`
 * @throws DeadlineExceeded
 */
export function withDeadline<T>(answer: Promise<T>, seconds: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new DeadlineExceeded(`${what} was not answered within ${seconds} s`)),
      seconds * 1000,
    );
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
