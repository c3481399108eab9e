import { EXIT_USAGE } from './exitCode.js';

/**
 * What `--help` and `--version` end with: 0, but 3 where the tool is run as a monitoring plugin, whose reader would
 * take 0 for a service that is well.
 * @param args - the arguments without node's and the script's path
 * @see {@link https://www.monitoring-plugins.org/doc/guidelines.html#PLUGOPTIONS}
 */
export function documentationExitCode(args: readonly string[]): number {
  const asPlugin = args.some(
    (arg, index) =>
      /^--format=nagios(=|$)/.test(arg) || (arg === '--format' && /^nagios(=|$)/.test(args[index + 1] ?? '')),
  );
  return asPlugin ? EXIT_USAGE : 0;
}
