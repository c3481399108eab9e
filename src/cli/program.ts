import { Command } from 'commander';
import { addChangingCommands } from './changing/changingCommands.js';
import { optionDescription } from './optionDescription.js';
import {
  addPatchOptions,
  addPolicyOptions,
  addReportOptions,
  addScheduleOptions,
  addSourceOptions,
  collect,
  failOnOption,
  formatOption,
  outputOption,
  seconds,
  text,
} from './options.js';
import { formatsOption } from './outputs.js';
import { ageSeconds } from './reportAge.js';
import { toolVersion } from './version.js';

/** How a command ended. */
export interface Ending {
  readonly exitCode: number;
  /** False when a command only printed documentation. */
  readonly audited: boolean;
}

/**
 * Declares the command line. Each command's code is only loaded when it runs.
 * @param end - receives how the command ended
 */
export function makeProgram(end: (ending: Ending) => void): Command {
  const program = new Command('virt-clock-audit')
    .description('Audits guest timekeeping on KVM/QEMU hypervisors. Only apply and rollback change anything.')
    .version(toolVersion(), '-V, --version')
    .configureHelp({ optionDescription })
    .showHelpAfterError('(--help tells the options)')
    .addHelpText('after', EXIT_CODE_HELP);

  const audit = program
    .command('audit', { isDefault: true })
    .description('audit the host and its domains (the default)')
    .addHelpText('after', EXIT_CODE_HELP);
  addReportOptions(addPolicyOptions(addSourceOptions(audit))).option(
    '--patch <directory>',
    'write the diffs of remediate there, and manifest.json',
    text,
  );
  addScheduleOptions(audit).action(async (options) =>
    end(await (await import('./commands/audit.js')).audit(options)),
  );

  const report = program
    .command('report')
    .description('write saved reports in another form')
    .addHelpText('after', EXIT_CODE_HELP);
  report
    .optionsGroup('What to report:')
    .requiredOption(
      '--from <file>',
      'a report that --format json wrote, or - (repeatable: one list of hosts)',
      collect,
    )
    .option('--as <name>', 'what to call the host of that file (repeatable: one for each --from)', collect)
    .option('--max-age <seconds>', 'take no report of an audit that was longer ago', ageSeconds)
    .optionsGroup('How to report:')
    .addOption(formatsOption())
    .addOption(outputOption())
    .option('-v, --verbose', 'show what passed, too', false)
    .addOption(failOnOption().default(undefined, "the audit's own"))
    .action(async (options) => end(await (await import('./commands/report.js')).report(options)));

  const remediate = program
    .command('remediate')
    .description('print the patches that make the failed checks pass; changes nothing')
    .addHelpText('after', EXIT_CODE_HELP);
  addPatchOptions(addPolicyOptions(addSourceOptions(remediate))).action(async (options) =>
    end(await (await import('./commands/remediate.js')).remediate(options)),
  );

  addChangingCommands(program, end);

  const collecting = program.command('collect').description('save the facts of an audit as JSON, for --from');
  addSourceOptions(collecting)
    .option('--script', 'print a shell script instead, which records a host that this tool is not on', false)
    .optionsGroup('How to report:')
    .addOption(outputOption())
    .addOption(failOnOption())
    .action(async (options) => end(await (await import('./commands/collect.js')).collect(options)));

  program
    .command('probe')
    .description("try out what this host's KVM offers to guests' clocks, in a virtual machine of its own")
    .option('--kvm <path>', 'the device', text, '/dev/kvm')
    .option('--timeout <seconds>', 'kill the probe after that', seconds, 2)
    .addOption(formatOption())
    .addOption(outputOption())
    .addHelpText('after', PROBE_EXIT_CODE_HELP)
    .action(async (options) => end(await (await import('./commands/probe.js')).probe(options)));

  const config = program.command('config').description('check the configuration, or print what it comes to');
  addPolicyOptions(config)
    .optionsGroup('How to report:')
    .option('--effective', 'print each value and where it comes from', false)
    .addOption(formatOption())
    .action(async (options) => end(await (await import('./commands/config.js')).config(options)));

  program
    .command('checks')
    .description('list the checks')
    .action(async () => end((await import('./commands/checks.js')).listChecks()));

  program
    .command('explain')
    .description("tell a check's rationale, outcomes, fix and references")
    .argument('<check>', 'its id, such as domain/rtc-track')
    .action(async (id: string) => end((await import('./commands/explain.js')).explain(id)));

  return program;
}

const EXIT_CODE_HELP = `
Exit codes: 0 all pass, 1 warnings, 2 failures, 3 something could not be
checked, bad usage or a crash. --fail-on raises what counts.`;

const PROBE_EXIT_CODE_HELP = `
Exit codes: 0 all proven, 1 something inconclusive, 2 something refused,
3 KVM could not be tried out, bad usage or a crash.`;
