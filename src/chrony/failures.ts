import { accessSync, constants } from 'node:fs';
import type { ChronyAnswer } from '../facts/chrony.js';
import { type Fact, known, unknown } from '../facts/fact.js';
import type { ChronycOptions } from './chronyc.js';

/** Lists the time daemons that run, or null when processes are hidden. */
export type RunningDaemons = () => readonly string[] | null;

/** Daemons that are asked by other means: see the facts timesyncd, ntpd and linuxptp. */
const ASKED_OTHERWISE = new Set(['systemd-timesyncd', 'ntpd', 'ptp4l', 'phc2sys', 'ts2phc', 'timemaster']);

/** Whether chronyc's complaint is that nobody answers it; then asking again is in vain. */
export function isSilence(said: string): boolean {
  return /\b506\b|Cannot talk to daemon|Could not (open|connect)/i.test(said);
}

/** What it means that there is no chronyc. */
export function explainMissing(
  source: string,
  { chronyc }: ChronycOptions,
  running: RunningDaemons,
): Fact<ChronyAnswer> {
  const missing = (reason: string) => unknown(source, 'chronyc-missing', reason);
  if (chronyc !== undefined) return missing(`${chronyc} does not exist; check --chronyc`);
  const daemons = running();
  if (daemons === null || daemons.includes('chronyd'))
    return missing('chronyc is not installed; install chrony, or name its path with --chronyc');
  return withoutChronyd(source, daemons, 'chrony is not installed');
}

/** chronyc tells its failures apart by words only; see `request_reply` in chrony's client.c for the numbers. */
export function explainFailure(
  source: string,
  said: string,
  options: ChronycOptions,
  running: RunningDaemons,
): Fact<ChronyAnswer> {
  if (/\b501\b/.test(said)) {
    const reason = `chronyd refuses to answer this user (${said}); run as root or as chrony's own user`;
    return unknown(source, 'chrony-not-authorised', reason);
  }
  if (!isSilence(said)) {
    const old = /\b(option|usage)\b/i.test(said) ? '; its option -c takes chrony 2.4 or later' : '';
    return unknown(source, 'chronyc-failed', `chronyc failed: ${said || 'it said nothing'}${old}`);
  }
  if (options.chronyHost?.startsWith('/')) {
    if (!options.recorded && isDenied(options.chronyHost)) return denied(source, options.chronyHost);
    return known({ daemon: 'absent', evidence: `nothing answers at ${options.chronyHost}` }, source);
  }
  if (options.chronyHost !== undefined) {
    const reason = `nothing answers at ${options.chronyHost}; check --chrony-host, and cmdport and cmdallow in chrony.conf`;
    return unknown(source, 'chronyd-unreachable', reason);
  }
  const daemons = running();
  if (daemons === null) {
    const reason = 'chronyd does not answer, and processes are hidden from this user; run as root';
    return unknown(source, 'chronyd-not-visible', reason);
  }
  if (daemons.includes('chronyd')) {
    if ((options.uid ?? process.geteuid?.()) !== 0) return denied(source, '/run/chrony/chronyd.sock');
    const reason = 'chronyd runs but does not answer; look at bindcmdaddress and cmdport in chrony.conf';
    return unknown(source, 'chronyd-unreachable', reason);
  }
  return withoutChronyd(source, daemons, 'chronyd does not answer');
}

function withoutChronyd(source: string, daemons: readonly string[], seen: string): Fact<ChronyAnswer> {
  if (daemons.length === 0)
    return known({ daemon: 'absent', evidence: `${seen} and no time daemon runs` }, source);
  const others = daemons.join(' and ');
  if (!daemons.some((name) => ASKED_OTHERWISE.has(name))) {
    const does = daemons.length === 1 ? 'does' : 'do';
    const reason = `chronyd does not run; ${others} ${does}, which this audit cannot ask`;
    return unknown(source, 'other-time-daemon', reason);
  }
  return known(
    { daemon: 'absent', evidence: `${seen}; ${others} ${daemons.length === 1 ? 'runs' : 'run'}` },
    source,
  );
}

function denied(source: string, socket: string): Fact<ChronyAnswer> {
  const reason = `chronyd's command socket ${socket} may not be used by this user; run as root or as chrony's own user`;
  return unknown(source, 'socket-denied', reason);
}

function isDenied(socket: string): boolean {
  try {
    accessSync(socket, constants.R_OK | constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}
