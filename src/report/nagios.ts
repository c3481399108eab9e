import type { FailedRun, Format } from './formats.js';
import { performanceData } from './nagiosPerformanceData.js';
import { plural } from './plural.js';
import { printable } from './printable.js';
import type { Report } from './report.js';

/** What Nagios makes of exit codes 0 to 3, which are the audit's own. */
const STATES = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;
/** What decides first: a failure is more certain than what could not be looked at. */
const WORST_FIRST = ['fail', 'unknown', 'warn'] as const;

/** A line of a terminal. */
const WIDTH = 80;
const CUT = '...';

/**
 * The form for Nagios, Icinga and whatever else runs monitoring plugins: one line, the word and the exit code of the
 * worst host.
 * @see {@link https://www.monitoring-plugins.org/doc/guidelines.html}
 */
export const nagios: Format = {
  render: (reports) => {
    const exitCode = Math.max(...reports.map(({ summary }) => summary.exitCode));
    const begin = beginning(STATES[exitCode] ?? 'UNKNOWN');
    return `${begin}${summarise(reports, WIDTH - begin.length)} | ${performanceData(reports)}\n`;
  },
  renderFailure: failureLine,
  renderIncomplete: (_, incomplete) => failureLine(incomplete),
};

function failureLine({ messages }: FailedRun): string {
  const [first = 'the audit failed', ...others] = messages;
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  const whole = beginning('UNKNOWN') + plain(first);
  const room = WIDTH - more.length;
  return `${whole.length <= room ? whole : whole.slice(0, room - CUT.length) + CUT}${more}\n`;
}

function beginning(state: (typeof STATES)[number]): string {
  return `VIRT-CLOCK-AUDIT ${state} - `;
}

/** A pipe begins the performance data, and plugins had better write ASCII, as no reader says what it expects. */
function plain(text: string): string {
  return printable(text)
    .replaceAll('|', '/')
    .replace(/[^ -~]/g, '?');
}

/** @param room - how many characters there are for it */
function summarise(reports: readonly Report[], room: number): string {
  const sum = (count: (summary: Report['summary']) => number) =>
    reports.reduce((total, { summary }) => total + count(summary), 0);
  const found = [
    [sum(({ findings }) => findings.fail), 'fail'],
    [sum(({ findings, problems }) => findings.unknown + problems), 'unknown'],
    [sum(({ findings }) => findings.warn), 'warn'],
  ] as const;
  const counts = found.filter(([count]) => count > 0).map(([count, outcome]) => `${count} ${outcome}`);
  const hosts = reports.length > 1 ? `${reports.length} hosts, ` : '';
  if (counts.length === 0) {
    const domains = sum((summary) => summary.domains);
    return `${hosts}${domains} ${plural(domains, 'domain')}, nothing to act on`;
  }
  const checks = worstChecks(reports);
  const problems = reports.flatMap((report) => report.problems);
  const namesChecks = problems.length === 0 || sum(({ findings }) => findings.fail) > 0;
  const notAnswered = sum(({ findings }) => findings.unknown) > 0 ? checks : [];
  // Behind the colon, and before the number of those that there is no room for.
  const rest = problems.length + notAnswered.length;
  const around = ': '.length + (rest > 1 ? ` +${rest}`.length : 0);
  // Rather a name than the milder counts, which are behind the pipe as well.
  for (let told = counts.length; told > 0; told--) {
    const begin = `${hosts}${counts.slice(0, told).join(', ')}`;
    const missing = () => [...problemNames(problems, room - begin.length - around), ...notAnswered];
    const text = listed(begin, namesChecks ? checks : missing(), room);
    if (text !== null) return text;
  }
  return `${hosts}${counts.join(', ')}`;
}

/**
 * What could not be read, and why, one of each. What they are about loses its beginning where the line has no room
 * for it: files are told apart by how their paths end.
 * @param longest - how many characters one may have
 */
function problemNames(problems: Report['problems'], longest: number): string[] {
  const names = problems.map(({ target, cause }) => {
    const why = ` (${plain(cause)})`;
    const what = plain(target);
    const space = longest - why.length;
    return `${what.length <= space ? what : CUT + what.slice(what.length - Math.max(0, space - CUT.length))}${why}`;
  });
  return [...new Set(names)];
}

/** The checks that came out worst, which is what somebody wants to know first. */
function worstChecks(reports: readonly Report[]): string[] {
  const open = reports
    .flatMap(({ host, domains }) => [host?.findings ?? [], ...domains.map(({ findings }) => findings)].flat())
    .filter(({ waiver }) => !waiver);
  const worst = WORST_FIRST.find((it) => open.some(({ outcome }) => outcome === it));
  return [...new Set(open.filter(({ outcome }) => outcome === worst).map(({ check }) => plain(check)))];
}

/** `begin: one, two +3`, with as many whole names as there is room for; null when that is none. */
function listed(begin: string, names: readonly string[], room: number): string | null {
  for (let count = names.length; count > 0; count--) {
    const rest = count < names.length ? ` +${names.length - count}` : '';
    const text = `${begin}: ${names.slice(0, count).join(', ')}${rest}`;
    if (text.length <= room) return text;
  }
  return null;
}
