import { type Fact, known, unknown } from '../../facts/fact.js';
import type { Collected } from './collected.js';
import { outputOf, writtenAtSeconds } from './commandOutput.js';

/** What `uname -a` and a few like it tell. */
export interface ReportedMachine {
  readonly hostname: string;
  readonly architecture: Fact<string>;
  readonly kernelRelease: Fact<string>;
  /** Seconds since 1970. */
  readonly recordedAtSeconds: number;
  /** True where only the files' own times tell. */
  readonly timeIsOfFiles: boolean;
}

const UNAME = 'uname -a';
/** Not longer than this after its first command sos asks for the time. */
const LONGEST_RUN_SECONDS = 1800;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const ARCHITECTURE =
  /\s(x86_64|i[3-6]86|aarch64|arm\w*|ppc64(?:le)?|s390x?|riscv64|loongarch64|mips\w*)(?=\s)/g;

/**
 * Reads whose report it is.
 * @param top - the name of the report's own directory or archive, for a report without `hostname`
 */
export function readMachine(report: Collected, top: string): ReportedMachine {
  const uname = outputOf(report, 'uname_-a')?.trim() ?? '';
  const [system, node, release = ''] = uname.split(/\s+/);
  const architectures = [...uname.matchAll(ARCHITECTURE)];
  // Of those at the end the first is the machine's; the release's name may hold one as well, but no blank before it.
  const architecture = architectures[0]?.[1];
  const isUname = system === 'Linux';
  const missing = (what: string) =>
    unknown(UNAME, 'not-in-sosreport', `the sosreport does not tell ${what}: it has no output of uname -a`);
  const time = timeOf(report);
  return {
    hostname: hostnameOf(report) ?? (isUname && node ? node : top),
    architecture: isUname && architecture ? known(architecture, UNAME) : missing("the host's architecture"),
    kernelRelease: isUname && release !== '' ? known(release, UNAME) : missing("the kernel's version"),
    ...time,
  };
}

function hostnameOf(report: Collected): string | null {
  const name = outputOf(report, 'hostname')?.trim() ?? '';
  return /^[\w.-]{1,253}$/.test(name) ? name : null;
}

/**
 * chronyd's answer ages, so that the time of asking it counts: that is when sos wrote the answer, as long as `date`
 * bears it out. Unpacking without the files' times, and obfuscating, make them younger.
 */
function timeOf(report: Collected): Pick<ReportedMachine, 'recordedAtSeconds' | 'timeIsOfFiles'> {
  const said = utcOf(outputOf(report, 'date_--utc')) ?? utcOf(outputOf(report, 'date'));
  const written = writtenAtSeconds(report, 'chronyc_tracking');
  const times = [...report.values()].map(({ modifiedSeconds }) => modifiedSeconds).filter((it) => it > 0);
  if (said === null) {
    const latest = times.reduce((one, other) => Math.max(one, other), 0);
    return { recordedAtSeconds: written || latest, timeIsOfFiles: true };
  }
  const bearsOut = written !== null && Math.abs(written - said) <= LONGEST_RUN_SECONDS;
  return { recordedAtSeconds: bearsOut ? written : said, timeIsOfFiles: false };
}

/** What `date` printed in a zone that is UTC: in the C locale, or in one that puts the day first. */
function utcOf(text: string | null): number | null {
  const words = text
    ?.trim()
    .match(
      /^\S+ +(\w+) +(\w+) +(?:(\d{4}) +)?(\d\d):(\d\d):(\d\d)(?: *([AP]M))? +(?:UTC|GMT)(?: +(\d{4}))?$/,
    );
  if (!words) return null;
  const [, one = '', other = '', early, hours = '', minutes = '', seconds = '', half, late] = words;
  const month = MONTHS.indexOf(/^\d/.test(one) ? other : one);
  const day = Number(/^\d/.test(one) ? one : other);
  const hour = (Number(hours) % (half ? 12 : 24)) + (half === 'PM' ? 12 : 0);
  const year = Number(early ?? late);
  if (month < 0 || !(day >= 1 && day <= 31) || !(year >= 1970)) return null;
  return Date.UTC(year, month, day, hour, Number(minutes), Number(seconds)) / 1000;
}
