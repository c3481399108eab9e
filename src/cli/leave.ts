/**
 * Ends the process. Node waits for its thread pool at exit, which a native call to a stopped daemon blocks
 * for ever: then only `_exit` is left. Everything has been written by now.
 */
export async function leave(exitCode: number): Promise<void> {
  process.exitCode = exitCode;
  const { hasBlockedCalls } = await import('../libvirt/pendingCalls.js');
  if (hasBlockedCalls()) (await import('../libvirt/exit.js')).exitNow(exitCode);
}
