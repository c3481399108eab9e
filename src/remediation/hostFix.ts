/** What an operator can paste to mend something about the hypervisor itself; nothing here is ever written by this tool. */
export interface HostFix {
  /** The id of the check that it is for. */
  readonly check: string;
  /** One sentence without a full stop: what it does. */
  readonly about: string;
  /** The file that the lines belong in; null for commands. */
  readonly file: string | null;
  readonly lines: readonly string[];
  /** What makes it effective, as a shell command; null where nothing has to be done. */
  readonly activate: string | null;
}
