import { timeDaemonName } from '../../host/timeDaemons.js';
import type { RecordedEntry } from '../recording.js';
import type { Collected } from './collected.js';
import { outputOf } from './commandOutput.js';

/** What a report tells of the time daemons. */
export interface ReportedProcesses {
  /** What stands below /proc for them; empty where the report has no list of processes. */
  readonly entries: ReadonlyMap<string, RecordedEntry>;
  /** The time daemons that ran; null where the report has no list of processes. */
  readonly daemons: readonly string[] | null;
  /** Those of them of which it is not known whether they may set the clock. */
  readonly doubtful: readonly string[];
}

interface Process {
  readonly pid: string;
  readonly name: string;
  /** Empty where it is not known. */
  readonly cgroup: string;
}

const BY_NAME = 'ps_axo_pid_ppid_user_group_lwp_nlwp_start_time_comm_cgroup';
const BY_COMMAND = ['ps_auxwww', 'ps_auxwwwm'];
/** The kernel cuts a process's name after these: TASK_COMM_LEN in its include/linux/sched.h. */
const LONGEST_NAME = 15;

/**
 * Finds the time daemons in the lists of ps: sos copies no name of a process from /proc.
 * @see ps(1), the format specifiers comm and cgroup
 */
export function readProcesses(report: Collected): ReportedProcesses {
  const commands = commandLines(report);
  const processes = byName(report) ?? byCommand(commands);
  const first = processes?.find(({ pid }) => pid === '1');
  // A list without the first process was cut off, or is of a container.
  if (!processes || !first) return { entries: new Map(), daemons: null, doubtful: [] };
  const daemons = processes.flatMap((process) => {
    const daemon = timeDaemonName(process.name);
    return daemon === undefined ? [] : [{ ...process, daemon }];
  });
  const entries = new Map<string, RecordedEntry>([['/proc/1/comm', file(`${first.name}\n`)]]);
  const doubtful = new Set<string>();
  for (const { pid, name, cgroup, daemon } of daemons) {
    entries.set(`/proc/${pid}/comm`, file(`${name}\n`));
    const args = commands?.get(pid)?.trim().split(/\s+/) ?? [];
    // Blanks inside of an argument cannot be told from those between two; chronyd's arguments seldom have any.
    if (daemon === 'chronyd') entries.set(`/proc/${pid}/cmdline`, file(`${args.join('\0')}\0`));
    const status = statusOf(report, pid);
    if (status !== null) entries.set(`/proc/${pid}/status`, status);
    else if (!isServiceOfHost(cgroup) || args.some((arg) => /^-[a-zA-Z]*x/.test(arg))) doubtful.add(daemon);
  }
  return {
    entries,
    daemons: [...new Set(daemons.map(({ daemon }) => daemon))].sort(),
    doubtful: [...doubtful].sort(),
  };
}

function byName(report: Collected): Process[] | null {
  const [header = '', ...lines] = outputOf(report, BY_NAME)?.split('\n') ?? [];
  if (!/^[ \t]*PID[ \t]+PPID[ \t].*[ \t]COMMAND[ \t]+CGROUP[ \t]*$/.test(header)) return null;
  return lines.flatMap((line) => {
    // Taken apart at its blanks, for a line may be long: the name stands between the first seven and the last.
    const words = line.trim().split(/[ \t]+/);
    const [pid = '', name, cgroup] = [words[0], words.slice(7, -1).join(' '), words.at(-1)];
    return /^\d{1,10}$/.test(pid) && name && cgroup ? [{ pid, name, cgroup }] : [];
  });
}

/** The command lines by the process's number; null where there is no list of them. */
function commandLines(report: Collected): ReadonlyMap<string, string> | null {
  for (const name of BY_COMMAND) {
    const [header = '', ...lines] = outputOf(report, name)?.split('\n') ?? [];
    if (!/^USER[ \t]+PID[ \t].*[ \t]COMMAND[ \t]*$/.test(header)) continue;
    return new Map(
      lines.flatMap((line) => {
        const [, pid, command] = /^\S+[ \t]+(\d{1,10})[ \t]+(?:\S+[ \t]+){8}(\S.*)$/.exec(line) ?? [];
        return pid && command ? [[pid, command] as const] : [];
      }),
    );
  }
  return null;
}

/** A process is named after its program, unless it changes that. */
function byCommand(commands: ReadonlyMap<string, string> | null): Process[] | null {
  if (commands === null) return null;
  return [...commands].map(([pid, command]) => {
    const program = command.split(/\s/, 1)[0]?.split('/').at(-1) ?? '';
    return { pid, name: program.slice(0, LONGEST_NAME), cgroup: '' };
  });
}

/**
 * The rights of a process count on this machine only in its first user namespace, of which nothing is collected. A process
 * in a namespace of its own for process numbers is in a container, and its rights say nothing.
 * @see proc(5), /proc/pid/status, NSpid
 */
function statusOf(report: Collected, pid: string): RecordedEntry | null {
  const { entry } = report.get(`proc/${pid}/status`) ?? {};
  if (entry?.kind !== 'file') return null;
  const text = entry.bytes.toString('latin1');
  return /^NSpid:\s*\d+\s*$/m.test(text) && /^CapEff:/m.test(text) ? entry : null;
}

/**
 * What systemd starts by itself is in no container, and has the rights that its daemon needs. The whole path counts, in
 * every hierarchy: a container of LXC or systemd-nspawn has such slices as well, below its own place.
 * @see cgroups(7), "/proc/[pid]/cgroup"; ps lists all hierarchies of version 1 with commas in between
 */
function isServiceOfHost(cgroup: string): boolean {
  const paths = cgroup.split(/,(?=\d{1,5}:)/).filter((path) => !/^\d+:[^:]*:\/$/.test(path));
  return (
    paths.length > 0 &&
    paths.every((path) => /^(?:\d+:[^:]*:)?\/?system\.slice\/[^/]+\.service$/.test(path)) &&
    !/docker|libpod|crio/.test(cgroup)
  );
}

function file(text: string): RecordedEntry {
  return { kind: 'file', bytes: Buffer.from(text, 'latin1') };
}
