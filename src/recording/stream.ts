import { machineOf } from './recordedMachine.js';
import type { Recording } from './recording.js';
import { RecordingUnreadable } from './recordingUnreadable.js';
import { splitRecords } from './records.js';
import { withoutUnseenLocaltime } from './unseenZones.js';

export { RecordingUnreadable } from './recordingUnreadable.js';
export { looksLikeRecording } from './records.js';

/** Both of them are ten times what a host with a thousand domains has. A body's lines are kept until its end. */
const MOST_LINES = 4_000_000;
const MOST_RECORDS = 100_000;

/**
 * Reads what the shell collector printed. A stream that was cut off gives what there is, with a problem that says so:
 * what comes after the last whole record was not read.
 * @param bytes - not to be trusted
 * @param origin - where it comes from, for people: `root@compute7` or a path
 * @throws RecordingUnreadable for what is no recording, and for one of another version
 */
export function readRecording(bytes: Buffer, origin: string): Recording {
  expectBounded(bytes);
  return withoutUnseenLocaltime(machineOf(splitRecords(bytes), origin));
}

function expectBounded(bytes: Buffer): void {
  let [lines, records] = [0, 0];
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    if (bytes[at + 1] === 0x40) records++;
    if (++lines > MOST_LINES || records > MOST_RECORDS) {
      const what = records > MOST_RECORDS ? `${MOST_RECORDS} records` : `${MOST_LINES} lines`;
      throw new RecordingUnreadable(`holds more than ${what}, which no host has; who recorded it?`);
    }
  }
}
