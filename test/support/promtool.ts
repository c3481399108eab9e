import { runProcess } from './runTool.js';
import { PROGRAMS } from './unpackedPrograms.js';

/** What promtool's linter says of metrics; empty when it finds nothing. */
export async function lintMetrics(text: string): Promise<string> {
  const run = await runProcess(PROGRAMS.promtool, ['check', 'metrics'], { input: text });
  return run.exitCode === 0 ? run.stdout + run.stderr : `exit ${run.exitCode}: ${run.stdout}${run.stderr}`;
}
