/**
 * The name that a time zone goes by now, such as `Asia/Kolkata` for `Asia/Calcutta`; whatever the case it is written in.
 * @returns null for what is no name of the IANA database
 */
export function canonicalZone(timeZone: string): string | null {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}
