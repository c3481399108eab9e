import { spawn } from 'node:child_process';
import { searchPath } from './commandPath.js';

/** A virsh that stays connected and takes one command after the other. */
export interface VirshSession {
  /** What a command writes to standard output and standard error, in that order of time, without virsh's prompts. */
  run(command: string): Promise<string>;
  stop(): Promise<void>;
}

const PROMPT = 'virsh # ';

/**
 * Starts virsh on a pipe: to connect takes a second, a command a millisecond or two.
 * @param deadlineMs - for one command; then virsh is killed and the command rejects
 */
export function startVirshSession(uri: string, deadlineMs = 60_000): VirshSession {
  // Both outputs go through one pipe, which keeps their order; only a shell can arrange that.
  const virsh = spawn('sh', ['-c', `exec virsh -q -c "$0" 2>&1`, uri], {
    env: { ...process.env, PATH: searchPath, LC_ALL: 'C', TERM: 'dumb' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  let ended = false;
  let arrived = () => {};
  const closed = new Promise<void>((resolve) => {
    virsh.on('close', () => {
      ended = true;
      arrived();
      resolve();
    });
  });
  virsh.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    arrived();
  });
  virsh.stdin.on('error', () => undefined);
  let count = 0;
  let last: Promise<unknown> = Promise.resolve();

  async function run(command: string): Promise<string> {
    // Only with the next prompt has everything arrived.
    const end = `end-of-answer-${++count}-${PROMPT}`;
    output = '';
    // virsh repeats the commands it reads; the quotes tell that line from the answer to it.
    virsh.stdin.write(`${command}\necho "end-of"-answer-${count}-\n`);
    const timer = setTimeout(() => virsh.kill('SIGKILL'), deadlineMs);
    while (!output.includes(end)) {
      if (ended) throw new Error(`virsh ended before it answered '${command}':\n${output.slice(-2000)}`);
      await new Promise<void>((resolve) => {
        arrived = resolve;
      });
    }
    clearTimeout(timer);
    const lines = output.slice(0, output.indexOf(end)).split('\n');
    const own = (line: string, index: number) =>
      line.startsWith(PROMPT) || (index === 0 && line.includes(command));
    return lines.filter((line, index) => !own(line, index)).join('\n');
  }

  return {
    run(command) {
      const answer = last.then(() => run(command));
      last = answer.catch(() => undefined);
      return answer;
    },
    async stop() {
      await last;
      virsh.stdin.end('quit\n');
      await closed;
    },
  };
}
