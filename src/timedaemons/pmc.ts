import { ask, type CommandPlace } from '../commands/command.js';
import { type Fact, known, unknown } from '../facts/fact.js';
import { explainEnd, explainFailure, explainGarbled, firstLine, type Question } from './explain.js';
import type { LinuxptpProcess } from './linuxptpProcess.js';
import { type PtpStatus, parsePmc } from './pmcOutput.js';

/** How to ask ptp4l. */
export interface PmcOptions extends CommandPlace {
  /** The path of pmc; found in the usual places when absent. */
  readonly pmc?: string;
}

/** `sun_path` in unix(7), with its end. */
const LONGEST_SOCKET_NAME = 107;

/** Asks one ptp4l at its own socket, in its own domain. Never throws. */
export async function askPtp4l(process: LinuxptpProcess, options: PmcOptions): Promise<Fact<PtpStatus>> {
  const { deadlineSeconds } = options;
  const args = ['-u', '-b', '0', ...target(process), 'GET PORT_DATA_SET', 'GET TIME_STATUS_NP'];
  const source = `pmc ${args.slice(0, -2).join(' ')} GET PORT_DATA_SET, TIME_STATUS_NP`;
  const question: Question = {
    ...{ command: 'pmc', daemon: 'ptp4l', packageName: 'linuxptp' },
    ...{ source, deadlineSeconds },
  };
  const run = await ask('pmc', args, options, options.pmc);
  if (run.end !== 'finished') return explainEnd(question, run.end);
  if (run.exitCode !== 0) return explainFailure(question, run.said || run.output);
  try {
    const status = parsePmc(run.output);
    if (status) return known(status, source);
    const words = firstLine(run.said);
    const reason = `ptp4l runs but does not answer pmc${words && ` (${words})`}; run as root, where its socket is (uds_address)`;
    return unknown(source, 'ptp4l-unreachable', reason);
  } catch (error) {
    return explainGarbled(question, error);
  }
}

/** ptp4l does not answer a question that was put in another domain, such as those of the telecommunication profiles. */
function target({ setting }: LinuxptpProcess): string[] {
  const socket = setting('uds_address');
  const domain = Number(setting('domainNumber') ?? 0);
  const transport = Number(setting('transportSpecific') ?? 0);
  const isPath = socket?.startsWith('/') && socket.length <= LONGEST_SOCKET_NAME;
  return [
    ...(socket !== undefined && isPath ? ['-s', socket] : []),
    ...(domain > 0 && domain < 256 ? ['-d', String(domain)] : []),
    ...(transport > 0 && transport < 256 ? ['-t', transport.toString(16)] : []),
  ];
}
