import { machineOf } from './recordedMachine.js';
import type { Recording } from './recording.js';
import { splitRecords } from './records.js';

export { RecordingUnreadable } from './recordingUnreadable.js';
export { looksLikeRecording } from './records.js';

/**
 * Reads what the shell collector printed. A stream that was cut off gives what there is, with a problem that says so:
 * what comes after the last whole record was not read.
 * @param bytes - not to be trusted
 * @param origin - where it comes from, for people: `root@compute7` or a path
 * @throws RecordingUnreadable for what is no recording, and for one of another version
 */
export function readRecording(bytes: Buffer, origin: string): Recording {
  return machineOf(splitRecords(bytes), origin);
}
