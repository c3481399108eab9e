import { type Command, Option } from 'commander';
import { addPolicyOptions, collect, formatOption, outputOption, seconds, text } from '../options.js';
import type { Ending } from '../program.js';

/** Declares the two commands that write to libvirt. */
export function addChangingCommands(program: Command, end: (ending: Ending) => void): void {
  const apply = program
    .command('apply')
    .description('mend the persistent definitions of domains: WRITES to libvirt')
    .argument('[domain...]', "names, UUIDs or globs; '*' for all; those of --reviewed without any")
    .addHelpText('after', CHANGE_HELP);
  apply
    .optionsGroup('What to change:')
    .option('-c, --connect <uri>', 'hypervisor (default: LIBVIRT_DEFAULT_URI, then qemu:///system)', text)
    .addOption(
      new Option('--no-host', "do without this machine's time zone and clocksource").default(undefined),
    )
    .option('--only <check>', 'mend only this check, by its id or a glob (repeatable)', collect)
    .option(
      '--reviewed <manifest>',
      'only the patches that remediate --output wrote, as its manifest tells',
      text,
    )
    .option('--temporary', 'also what nova, oVirt or KubeVirt own and will undo', false);
  addPolicyOptions(addConsentOptions(apply))
    .optionsGroup('How to report:')
    .addOption(formatOption())
    .addOption(outputOption())
    .action(async (domains: string[], options) =>
      end(await (await import('../commands/apply.js')).apply(domains, options)),
    );

  const rollback = program
    .command('rollback')
    .description('put the definition back that apply replaced: WRITES to libvirt')
    .argument('<backup>', 'the file that apply wrote')
    .addHelpText('after', CHANGE_HELP);
  rollback
    .optionsGroup('What to change:')
    .option('-c, --connect <uri>', 'hypervisor (default: the one that the backup is from)', text)
    .option('--force', 'also when the definition was changed since', false);
  addConsentOptions(rollback)
    .optionsGroup('How to report:')
    .addOption(formatOption())
    .addOption(outputOption())
    .action(async (backup: string, options) =>
      end(await (await import('../commands/rollback.js')).rollback(backup, options)),
    );
}

function addConsentOptions(command: Command): Command {
  return command
    .optionsGroup('How to change it:')
    .option('-n, --dry-run', 'change nothing, tell what would be changed', false)
    .option('-y, --yes', 'change without asking', false)
    .option(
      '--backup-dir <directory>',
      'for the old definitions (default: /var/lib/virt-clock-audit/backups for root)',
      text,
    )
    .option('--timeout <seconds>', 'longest wait for any one answer, and for another run', seconds, 10);
}

const CHANGE_HELP = `
Exit codes: 0 done or nothing to do, 2 a domain was refused, 3 something
failed or was not tried, bad usage or a crash.`;
