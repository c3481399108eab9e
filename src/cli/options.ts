import { type Command, InvalidArgumentError, Option } from 'commander';
import { PROFILE_NAMES } from '../policy/profiles.js';
import { GUEST_FAMILIES } from '../policy/statedGuest.js';
import { PATCH_FORMATS } from '../remediation/forms/form.js';
import { DEFAULT_CONFIGURATION_FILE } from './configuration/configurationFile.js';
import type { DomainSelection } from './domainSelection.js';
import { FAIL_ON, type FailOn } from './exitCode.js';
import { formatsOption, type OutputOptions } from './outputs.js';
import { refuseOptionsOfSsh } from './outputWithSsh.js';
import { UsageError } from './usageError.js';

/** Where facts come from, and which of them are wanted. */
export interface SourceOptions {
  readonly connect?: string;
  readonly domxml?: readonly string[];
  readonly from?: string;
  /** Hypervisors to record through ssh, as ssh takes them. */
  readonly ssh?: readonly string[];
  /** What `ssh -F` takes, for `--ssh`. */
  readonly sshConfig?: string;
  /** Whether the collector of `--ssh` runs as root by way of sudo. */
  readonly sshSudo?: true;
  /** undefined when neither `--host` nor `--no-host` was given. */
  readonly host?: boolean;
  readonly domains?: boolean;
  readonly selection: DomainSelection;
  /** Seconds. */
  readonly timeout: number;
  readonly chronyc?: string;
  readonly chronyHost?: string;
  /** False when KVM is not to be tried out in a virtual machine. */
  readonly probe?: boolean;
}

/** How a report is written, and what it makes of the exit code. */
export interface ReportOptions extends OutputOptions {
  readonly failOn: FailOn;
}

/** Adds the options that say what to look at. */
export function addSourceOptions(command: Command): Command {
  return refuseOptionsOfSsh(refuseBoth(command, 'host'))
    .optionsGroup('What to audit:')
    .option('-c, --connect <uri>', 'hypervisor (default: LIBVIRT_DEFAULT_URI, then qemu:///system)', address)
    .option('--domxml <path>', 'domain XML: a file, a directory or - (repeatable)', collect)
    .option('--from <file>', 'saved facts, a recording or a sosreport; - for standard input', text)
    .option(
      '--ssh <host>',
      'a hypervisor to record through ssh, with nothing installed there (repeatable)',
      collect,
    )
    .option('--ssh-config <file>', 'the ssh_config for --ssh, instead of the own one', text)
    .option('--ssh-sudo', 'record through --ssh as root, with sudo -n there')
    .option('--domain <name>', 'only this name, UUID or glob (repeatable)', collect)
    .option('--active', 'only domains that run')
    .option('--inactive', 'only domains that do not run')
    .option('--host', "this machine's clock, also for --domxml and test://")
    .addOption(new Option('--no-host', 'leave the host out').default(undefined))
    .option('--no-domains', 'leave the domains out')
    .option('--timeout <seconds>', 'longest wait for any one answer', seconds, 10)
    .option('--chronyc <path>', 'the chronyc to run', text)
    .option('--chrony-host <address>', "chronyd's address or the absolute path of its socket", address)
    .option('--no-probe', 'do not try KVM out, which makes a virtual machine for some ms');
}

/** Refuses an option together with its negation, of which commander would take the later one. */
function refuseBoth(command: Command, name: string): Command {
  const given = new Set<string>();
  for (const it of [name, `no-${name}`]) command.on(`option:${it}`, () => given.add(it));
  return command.hook('preAction', () => {
    if (given.size > 1) throw new UsageError(`--${name} and --no-${name} contradict each other`);
  });
}

/** Adds the options that say how to judge. */
export function addPolicyOptions(command: Command): Command {
  return command
    .optionsGroup('How to judge:')
    .option('--config <file>', `configuration (default: ${DEFAULT_CONFIGURATION_FILE}, if there)`, text)
    .addOption(new Option('--no-config', 'read no configuration file').default(undefined))
    .option('--profile <name>', `limits and severities: ${PROFILE_NAMES.join(', ')}`, text)
    .option('--set <name=value>', 'a limit or fleetTimeZone (repeatable)', collect)
    .option('--disable <check>', 'leave a check out, by its id or a glob (repeatable)', collect)
    .option(
      '--guest-os <name=os>',
      `what a guest runs, by name, UUID or glob: ${GUEST_FAMILIES.join(', ')}; with ,rtc=utc behind it, a Windows that reads its RTC as UTC (repeatable)`,
      collect,
    );
}

/** Adds the options that say how to report. */
export function addReportOptions(command: Command): Command {
  return command
    .optionsGroup('How to report:')
    .addOption(formatsOption())
    .addOption(outputOption())
    .option('-v, --verbose', 'show what passed, too', false)
    .addOption(failOnOption());
}

/** Adds the options for runs that nobody watches. */
export function addScheduleOptions(command: Command): Command {
  return command
    .optionsGroup('In cron and timers:')
    .option(
      '--state <file>',
      'print nothing but a line when the result changed since the last run, which left it there',
      text,
    )
    .option(
      '--jitter <seconds>',
      'wait a random time up to that before anything is looked at; 0 for none',
      secondsOrNone,
    );
}

/** `--format` of the commands that know two forms. */
export function formatOption(): Option {
  return new Option('--format <format>', 'the form').choices(['text', 'json']).default('text');
}

/** `--output`, which every command that reports understands. */
export function outputOption(): Option {
  const description = 'write there, all or nothing, instead of standard output';
  return new Option('-o, --output <file>', description).argParser(text);
}

/** Adds the options that say what to patch and how the patches are written. */
export function addPatchOptions(command: Command): Command {
  return command
    .optionsGroup('What to mend:')
    .addOption(onlyOption())
    .option('--security-info', 'keep the passwords of VNC and SPICE in the text (needs the right to write)')
    .optionsGroup('How to report:')
    .addOption(
      new Option('--format <format>', 'the form of the patches').choices(PATCH_FORMATS).default('diff'),
    )
    .addOption(
      new Option(
        '-o, --output <directory>',
        'write a file for each domain and manifest.json there, instead of standard output',
      ).argParser(text),
    )
    .addOption(failOnOption());
}

/** `--only`, which every command that mends understands. */
export function onlyOption(): Option {
  return new Option('--only <check>', 'mend only this, by its id or a glob (repeatable)').argParser(collect);
}

/** `--fail-on`, which every command that judges understands. */
export function failOnOption(): Option {
  return new Option('--fail-on <outcome>', 'mildest outcome that makes the exit code non-zero')
    .choices(FAIL_ON)
    .default('warn');
}

/** Whether options leave some domains out, so that what would match those is not known. */
export function narrowsDomains({ domains, selection }: SourceOptions): boolean {
  return domains === false || selection.patterns.length > 0 || selection.active !== selection.inactive;
}

/** Turns what commander parsed into the options of {@link gatherFacts}. */
export function sourceOptions(parsed: Record<string, unknown>): SourceOptions {
  const { domain, active, inactive, ...rest } = parsed;
  const patterns = (domain as string[] | undefined) ?? [];
  const selection = { patterns, active: active === true, inactive: inactive === true };
  return { ...(rest as unknown as SourceOptions), selection };
}

/** Collects the values of a repeatable option. */
export function collect(value: string, previous: string[] = []): string[] {
  return [...previous, text(value)];
}

/** An empty value is a variable that was not set, not a wish. */
export function text(value: string): string {
  if (value === '') throw new InvalidArgumentError('It is empty.');
  return value;
}

/** What is sent to other machines in one line, and shown. */
function address(value: string): string {
  if (/\p{Cc}/u.test(value)) throw new InvalidArgumentError('It holds a control character.');
  return text(value);
}

/** Understands a number of seconds that may be 0; an empty text is none. */
function secondsOrNone(text: string): number {
  return text.trim() !== '' && Number(text) === 0 ? 0 : seconds(text);
}

/** Understands a number of seconds. */
export function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 3600)) throw new InvalidArgumentError('Give a number of seconds up to 3600.');
  return value;
}
