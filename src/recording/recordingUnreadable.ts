/** Thrown for what is no recording, or one that this version cannot read; the message follows the name of its origin. */
export class RecordingUnreadable extends Error {
  override readonly name = 'RecordingUnreadable';
}
