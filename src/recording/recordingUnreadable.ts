/** Thrown for what is no recording, or one that this version cannot read; the message follows the name of its origin. */
export class RecordingUnreadable extends Error {
  override readonly name = 'RecordingUnreadable';
}

/** Thrown where the recorded files cannot be laid out to be read, which is nothing that the recording is to blame for. */
export class RecordingNotLaidOut extends Error {
  override readonly name = 'RecordingNotLaidOut';
  /** The directory for temporary files. */
  readonly directory: string;

  /** @param cause - the file system's error */
  constructor(directory: string, cause: unknown) {
    super(`the recorded files cannot be laid out in ${directory}`, { cause });
    this.directory = directory;
  }
}
