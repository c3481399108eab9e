/**
 * Interleaved timing. A machine's speed drifts by a fifth within minutes, so every program runs once a round and
 * is compared with its neighbours of the same round; the order is shuffled, so that no program always follows
 * the one that left the caches warm.
 */
import { readFile, rm } from 'node:fs/promises';
import { runToEnd } from './process.mjs';

/**
 * @param programs what `preparePrograms` made
 * @param {{rounds: number, directory: string, signal: AbortSignal}} options
 * @returns {Promise<Map<string, number[]>>} each letter's milliseconds, one for each round
 */
export async function timeInRounds(programs, options) {
  const times = new Map(programs.map((program) => [program.letter, []]));
  for (let round = 0; round <= options.rounds; round += 1) {
    process.stderr.write(round === 0 ? 'warm-up\n' : `round ${round} of ${options.rounds}\n`);
    for (const program of shuffled(programs)) {
      const milliseconds = await timeOnce(program, options);
      if (round > 0) times.get(program.letter).push(milliseconds);
    }
  }
  return times;
}

/** Every run is checked, outside the time that counts. */
async function timeOnce(program, { directory, signal }) {
  // What an earlier run wrote must not pass for this one's.
  if (program.output !== undefined) await rm(program.output, { force: true });
  const [command, ...parameters] = program.command;
  const run = await runToEnd(command, parameters, { stdin: program.stdin, directory, signal });
  try {
    if (!program.exitCodes.includes(run.exitCode)) throw new Error(`exit code ${run.exitCode}`);
    await program.verify(run);
  } catch (error) {
    const words = (await readFile(run.stderr, 'utf8')).slice(0, 1000);
    throw new Error(`(${program.letter}) ${program.command.join(' ')}: ${error.message}\n${words}`.trimEnd());
  }
  return run.milliseconds;
}

function shuffled(programs) {
  return programs
    .map((program) => ({ program, place: Math.random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ program }) => program);
}
