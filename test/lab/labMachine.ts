import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../support/runCommand.js';
import { scratchDirectory } from '../support/scratch.js';

/** What a machine of the laboratory is started with. */
export interface LabMachine {
  /** The emulator with what makes the board and its devices, without kernel, consoles and initrd. */
  readonly command: readonly string[];
  readonly kernel: string;
  readonly initrd: string;
  /** What the kernel is told besides its console. */
  readonly kernelParameters: readonly string[];
  /** The character devices that its second console is made of; `%` stands for the file that it ends up in. */
  readonly resultsConsole: readonly string[];
  readonly console: string;
}

/** What a command left behind inside of the machine. */
export interface LabRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** What a machine has sent before it switched itself off. */
export interface LabResults {
  /** What a command left behind; throws when the machine did not run it. */
  run(name: string): LabRun;
  readonly seconds: number;
  /** What was written to the first console, such as the kernel's complaints. */
  readonly console: string;
}

/** No machine takes longer, on however slow a host; then it is killed. In milliseconds. */
const DEADLINE = 180_000;
/** A guest inside of an emulated machine stands still now and then, whatever is tested; the emulator is started anew then. */
const TRIES = 2;

/**
 * Its clocks count its own instructions, 500 million a second: those that count its host's time make a kernel misjudge
 * its TSC's frequency, and its programs miss their limits, as soon as the host has something else to do.
 */
const OWN_TIME = ['-icount', 'shift=1,sleep=off', '-rtc', 'clock=vm'];

/** Runs a machine as {@link runOnce} does, once more where it stood still. */
export async function runLabMachine(machine: LabMachine): Promise<LabResults> {
  for (let left = TRIES - 1; ; left--) {
    try {
      return await runOnce(machine);
    } catch (error) {
      if (left === 0 || !/: no answer in time\n/.test((error as Error).message)) throw error;
      process.stderr.write('a machine of the laboratory stood still, and is started anew\n');
    }
  }
}

/**
 * Starts the machine under TCG, waits until it has switched itself off and returns what it sent. It has neither a
 * disk nor a network that leads anywhere, and ends with the test process.
 * @throws with the text of the console when it does not switch off in time or sends nothing
 */
async function runOnce(machine: LabMachine): Promise<LabResults> {
  const scratch = scratchDirectory('vca-lab');
  const sent = join(scratch.path, 'results.tar.gz');
  const startedAt = performance.now();
  const [emulator = '', ...board] = machine.command;
  const parameters = [`console=${machine.console}`, 'quiet', 'panic=-1', ...machine.kernelParameters];
  try {
    const text = await runCommand(
      'setpriv',
      [
        ...['--pdeathsig', 'KILL', '--', emulator, '-accel', 'tcg', ...board, ...OWN_TIME],
        ...['-nodefaults', '-display', 'none', '-no-reboot', '-smp', '1', '-m', '1536'],
        ...['-kernel', machine.kernel, '-initrd', machine.initrd, '-append', parameters.join(' ')],
        ...['-serial', 'stdio', ...machine.resultsConsole.map((word) => word.replace('%', sent))],
      ],
      { timeoutMs: DEADLINE },
    );
    const seconds = (performance.now() - startedAt) / 1000;
    return { run: reader(await unpack(sent, text, scratch.path)), seconds, console: text };
  } finally {
    await scratch.remove();
  }
}

async function unpack(sent: string, text: string, home: string): Promise<ReadonlyMap<string, string>> {
  if (statSync(sent).size === 0) throw new Error(`the machine switched off without results:\n${text}`);
  await runCommand('tar', ['-x', '-z', '-f', sent, '-C', home]);
  const names = readdirSync(home).filter((name) => name !== 'results.tar.gz');
  return new Map(names.map((name) => [name, readFileSync(join(home, name), 'utf8')]));
}

function reader(files: ReadonlyMap<string, string>): (name: string) => LabRun {
  return (name) => {
    const exit = files.get(`${name}.exit`);
    if (exit === undefined) throw new Error(`the machine did not run '${name}'`);
    const text = (stream: string) => files.get(`${name}.${stream}`) ?? '';
    return { stdout: text('stdout'), stderr: text('stderr'), exitCode: Number(exit) };
  };
}
