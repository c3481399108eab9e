import { inputBytes } from '../domxml/inputBytes.js';
import type { Facts } from '../facts/facts.js';
import { FactsUnreadable, loadFacts } from '../facts/store.js';
import { RecordingNotLaidOut, RecordingUnreadable } from '../recording/recordingUnreadable.js';
import type { SourceOptions } from './options.js';
import { inWords } from './output.js';
import { notLaidOut } from './recordedReasons.js';
import { UsageError } from './usageError.js';

/** A recording of a thousand domains has some 30 MiB. */
const MOST_BYTES = 512 * 1024 * 1024;

/**
 * Reads what `--from` names: facts that `collect` saved, a recording of the shell collector, or a report of sos. Which of
 * them it is, its content tells.
 * @throws UsageError when it cannot be read, or is nothing that an audit can be made from
 */
export async function loadFrom(path: string, options: SourceOptions): Promise<Facts> {
  const name = path === '-' ? 'standard input' : path;
  try {
    const { looksLikeSosreport, readSosreport } = await import('../recording/sosreport/sosreport.js');
    if (looksLikeSosreport(path)) {
      const { gatherRecording } = await import('./gatherRecording.js');
      return await gatherRecording(await readSosreport(path), options);
    }
    const bytes = await unpacked(await readAll(path));
    const { looksLikeRecording, readRecording } = await import('../recording/stream.js');
    if (looksLikeRecording(bytes)) {
      const { gatherRecording } = await import('./gatherRecording.js');
      return await gatherRecording(readRecording(bytes, name), options);
    }
    return savedFacts(bytes, path);
  } catch (error) {
    if (error instanceof FactsUnreadable || error instanceof RecordingUnreadable) {
      throw new UsageError(`${name} ${error.message}`);
    }
    if (error instanceof RecordingNotLaidOut) throw new UsageError(`${name} ${notLaidOut(error)}`);
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      code === 'ENOENT' ? `${path} does not exist` : `${name} cannot be read: ${inWords(error)}`,
    );
  }
}

/** @throws FactsUnreadable, which says what it is instead where that can be told */
function savedFacts(bytes: Buffer, path: string): Facts {
  const text = bytes.toString('utf8');
  try {
    return loadFacts(text);
  } catch (error) {
    if (!(error instanceof FactsUnreadable)) throw error;
    throw new FactsUnreadable(insteadOfFacts(text, path) ?? error.message);
  }
}

/** null for what was meant to be facts. */
function insteadOfFacts(text: string, path: string): string | null {
  if (text.trim() === '') return 'is empty';
  const unknown = 'is neither saved facts, a recording nor a sosreport';
  if (!/^\s*\{/.test(text)) return unknown;
  let document: { schema?: unknown; schemaVersion?: unknown };
  try {
    document = JSON.parse(text);
  } catch {
    return null;
  }
  if (document.schema === 'virt-clock-audit/report' || document.schema === 'virt-clock-audit/reports') {
    return `is a report, and holds no facts to judge: report --from ${path} renders it`;
  }
  return document.schema === undefined && document.schemaVersion !== undefined ? null : unknown;
}

/** A recording may be kept as `collect.sh | gzip` leaves it. */
async function unpacked(bytes: Buffer): Promise<Buffer> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const { gunzipSync } = await import('node:zlib');
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new RecordingUnreadable(`cannot be unpacked: ${message}; copy it again`);
  }
}

async function readAll(path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of inputBytes(path)) {
    length += chunk.length;
    if (length > MOST_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function tooLarge(): RecordingUnreadable {
  return new RecordingUnreadable(
    `holds more than ${MOST_BYTES / 1024 / 1024} MiB, far more than any host's facts`,
  );
}
