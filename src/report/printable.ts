/**
 * Makes a text from elsewhere safe to print on one line: control characters, C1 controls among them, and
 * whatever reorders or hides text become visible. Names of domains, files and sources come from others.
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (it) => `\\u{${it.codePointAt(0)?.toString(16)}}`,
  );
}

/** Makes a JSON document safe to print without changing what it says. */
export function printableJson(json: string): string {
  // Nearly every report holds nothing but letters, punctuation and arrows, which take no second look.
  if (/^[\n\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u21ff]*$/.test(json)) return json;
  // Outside of strings JSON has no such characters but line feeds.
  return json.replace(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/gu, (it) =>
    Array.from({ length: it.length }, (_, index) => escapeUnit(it.charCodeAt(index))).join(''),
  );
}

function escapeUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
