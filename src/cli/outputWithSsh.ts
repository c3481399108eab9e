import type { Command } from 'commander';
import { UsageError } from './usageError.js';

/**
 * Refuses `--ssh HOST -o ConnectTimeout=3`, which is meant for ssh and would make a file of that name.
 * @throws UsageError before anything is looked at
 */
export function refuseOptionsOfSsh(command: Command): Command {
  return command.hook('preAction', (it) => {
    const { ssh, output } = it.opts<{ ssh?: readonly string[]; output?: string }>();
    if (ssh === undefined || output === undefined || !/^[A-Za-z]+=[^/.]*$/.test(output)) return;
    throw new UsageError(
      `-o ${output} is --output here, with what looks like an option of ssh; those belong into ssh_config (a file of that name is --output ./${output})`,
    );
  });
}
