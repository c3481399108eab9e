import { findValidator, runValidator } from './validator.js';

/** What libvirt's own schema says about a definition. */
export type SchemaVerdict =
  | { readonly kind: 'valid' }
  /** The complaint that tells most, in one line; names of the document may be in it, so it is not to be trusted. */
  | { readonly kind: 'invalid'; readonly reason: string }
  /** Why nothing can be said: the program is not installed, or it did not answer. */
  | { readonly kind: 'not-checked'; readonly because: string };

/** How to ask. */
export interface SchemaOptions {
  /** The path of virt-xml-validate; found in `PATH` and the usual places when absent, null for none. */
  readonly validator?: string | null;
  /** The longest wait for the answer; 10 without it. */
  readonly deadlineSeconds?: number;
}

const MAX_REASON_LENGTH = 300;
/** xmllint takes about half a second for that; definitions have a few kilobytes, and a hundred with many disks. */
const MAX_CHARACTERS = 1024 * 1024;

/**
 * Compares a definition with the RELAX NG schema that came with libvirt, as `virsh define --validate` does.
 * Never throws.
 * @see virt-xml-validate(1), {@link https://libvirt.org/format.html#command-line-validation}
 */
export async function validateDefinition(
  xml: string,
  { validator = findValidator(), deadlineSeconds = 10 }: SchemaOptions = {},
): Promise<SchemaVerdict> {
  if (validator === null) {
    const because =
      'virt-xml-validate is not installed (libvirt-clients on Debian, libvirt-client on RHEL and SUSE)';
    return { kind: 'not-checked', because };
  }
  if (xml.length > MAX_CHARACTERS) {
    const because = 'the definition is larger than 1 MiB, which would take virt-xml-validate too long';
    return { kind: 'not-checked', because };
  }
  const run = await runValidator(validator, xml, deadlineSeconds);
  if (run.end === 'failed') return { kind: 'not-checked', because: `${validator}: ${run.because}` };
  if (run.exitCode === 0) return { kind: 'valid' };
  // The script has exit codes of its own, which are those of xmllint for something else: its words decide.
  const complaint = complaintIn(run.output);
  if (complaint !== null) return { kind: 'invalid', reason: complaint };
  const [said = ''] = run.output.trim().split('\n');
  const because = `${validator} ended with exit code ${run.exitCode}: ${shortened(said) || 'it says nothing'}`;
  return { kind: 'not-checked', because };
}

const COMPLAINT =
  /^\/dev\/stdin:(?<line>\d+): (?:element (?<element>[^\n]*?): )?(?<kind>Relax-NG validity|parser|namespace) error : (?<what>[^\n]*)$/gm;

/**
 * The most telling of xmllint's complaints. While it tries one order of the elements after the other it complains of
 * some that are right; only the last complaint surely names the element that is wrong, and those inside that tell why.
 */
function complaintIn(output: string): string | null {
  const complaints = Array.from(output.matchAll(COMPLAINT), ({ groups = {} }) => groups);
  const last = complaints.at(-1);
  if (!last) return /^\/dev\/stdin fails to validate$/m.test(output) ? 'it fails to validate' : null;
  const isInside = ({ line }: Record<string, string>) => Number(line) >= Number(last.line);
  const { line, element, what } =
    complaints.find((it) => it.kind !== 'Relax-NG validity' || isInside(it)) ?? last;
  return shortened(`line ${line}${element === undefined ? '' : `, element ${element}`}: ${what}`);
}

function shortened(text: string): string {
  const line = text.trim();
  return line.length > MAX_REASON_LENGTH ? `${line.slice(0, MAX_REASON_LENGTH)}…` : line;
}
