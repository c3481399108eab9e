import { DEFAULT_CONFIGURATION_FILE } from '../../src/cli/configuration/configurationFile.js';
import { CONFIGURATION_VARIABLE, variableOf } from '../../src/cli/configuration/configurationVariables.js';
import { THRESHOLD_NAMES } from '../../src/policy/thresholdDescriptions.js';
import { bold, italic, paragraph, tagged, text } from './roff.js';

/** What stands before the commands. */
export const FOREWORD: readonly string[] = [
  '.SH DESCRIPTION',
  paragraph(
    'virt-clock-audit reads every domain that libvirt knows, works out the clock that its guest really gets, asks chronyd or another time daemon whether the host itself is right, and judges both by its checks.',
  ),
  paragraph(
    'It only reads, over a read-only connection; no command but apply and rollback changes anything. What cannot be looked at is reported as unknown, and the rest of the audit goes on.',
  ),
];

/** What stands behind the commands and the checks. */
export const AFTERWORD: readonly string[] = [
  '.SH EXIT STATUS',
  ...entries([
    ['0', 'Everything that applies passes.'],
    ['1', 'There are warnings.'],
    ['2', 'There are failures; for apply and rollback, a domain was refused.'],
    ['3', 'Something could not be checked, the command line or the configuration was wrong, or a crash.'],
  ]),
  paragraph('The highest one wins. --fail-on names the mildest outcome that counts.'),
  '.SH ENVIRONMENT',
  ...entries([
    ['LIBVIRT_DEFAULT_URI', 'The hypervisor, where --connect names none.'],
    [CONFIGURATION_VARIABLE, 'The configuration, where --config names none. It has to exist.'],
    [variableOf('profile'), 'The profile, where --profile names none.'],
    [variableOf('fleetTimeZone'), 'The time zone of all hypervisors.'],
    ...THRESHOLD_NAMES.map((name): [string, string] => [variableOf(name), `The limit ${name}.`]),
    ['NO_COLOR', 'No colours, where it is not empty.'],
  ]),
  paragraph('An empty variable counts as not set; one of these prefixes with an unknown name is an error.'),
  '.SH FILES',
  ...entries([
    [DEFAULT_CONFIGURATION_FILE, 'The configuration, in YAML. It need not exist.'],
    ['/var/lib/virt-clock-audit/report.json', 'The report of the last scheduled run.'],
    ['/var/lib/virt-clock-audit/state.json', 'What the last scheduled run found, to tell changes.'],
    ['/var/lib/virt-clock-audit/backups', 'The definitions that apply replaced, for rollback.'],
    [
      '/var/lib/prometheus/node-exporter/virt-clock-audit.prom',
      "The metrics of the last scheduled run, for node_exporter's textfile collector.",
    ],
  ]),
  '.SH EXAMPLES',
  ...examples([
    ['This hypervisor and its domains:', 'virt-clock-audit'],
    ['Some of them, with what passed, too:', "virt-clock-audit --domain 'instance-*' --active --verbose"],
    [
      'A report for programs, and one for people:',
      'virt-clock-audit --format json=report.json --format text',
    ],
    ['Domain XML from a file or a pipe:', 'virsh dumpxml web1 | virt-clock-audit --domxml -'],
    ['A hypervisor on which nothing is installed:', 'virt-clock-audit --ssh root@compute7'],
    ['The patches for what failed:', 'virt-clock-audit remediate'],
    ['Why a check asks, and what to do:', 'virt-clock-audit explain domain/kvmclock'],
  ]),
  '.SH SEE ALSO',
  ...['virsh 1', 'virt-xml 1', 'chronyc 1', 'virt-host-validate 1', 'systemd.timer 5']
    .map((page) => page.split(' ') as [string, string])
    .map(([name, section], index, all) => {
      const comma = index < all.length - 1 ? ',' : '';
      return `.BR ${text(name)} (${section})${comma}`;
    }),
];

function entries(pairs: readonly (readonly [string, string])[]): string[] {
  return pairs.map(([name, meaning]) => tagged(/^\//.test(name) ? italic(name) : bold(name), text(meaning)));
}

function examples(pairs: readonly (readonly [string, string])[]): string[] {
  return pairs.map(
    ([purpose, command]) => `${paragraph(purpose)}\n.PP\n.RS 4\n.nf\n${text(command)}\n.fi\n.RE`,
  );
}
