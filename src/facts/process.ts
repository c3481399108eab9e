/** A running QEMU, reduced to what decides its guest's clock. */
export interface QemuProcess {
  readonly pid: number;
  /** The arguments with a say in the clock, without the program's name, in their order: options and their values. */
  readonly args: readonly string[];
  /** The `TZ` of its environment; null when it has none, or when nobody could read it. */
  readonly tz: string | null;
  /** Present when this user may not read the environment: then `tz` says nothing, and the definition's counts. */
  readonly tzRead?: false;
}
