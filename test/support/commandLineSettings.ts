import { shellWords } from './shellWords.js';

/** What two command lines have that the other has not, in the order in which it stands there. */
export interface SettingsDifference {
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** Their properties are looked at one by one. */
const DIVIDED = new Set(['-rtc', '-cpu', '-machine']);

/**
 * A QEMU command line for a shell as its settings: the variables, and every argument behind its option, such as
 * `-rtc base=utc`. A date is told as `DATE`, since that of a variable offset depends on when it was computed.
 */
export function settingsOf(commandLine: string): string[] {
  const settings: string[] = [];
  let option = '';
  for (const word of shellWords(commandLine)) {
    if (/^--?[a-zA-Z]/.test(word)) {
      option = word.replace(/^--/, '-');
      settings.push(option);
    } else if (DIVIDED.has(option)) {
      // A comma is written twice to mean itself, but for a CPU.
      const properties = word.split(option === '-cpu' ? ',' : /(?<!,),(?!,)/).filter(Boolean);
      settings.push(...properties.map((it) => `${option} ${it.replace(/^base=\d+-\d\d-.*/, 'base=DATE')}`));
    } else {
      settings.push(option === '' ? word : `${option} ${word}`);
    }
  }
  return settings;
}

/** How the settings of two command lines differ; one that stands there twice counts twice. */
export function settingsDifference(before: readonly string[], after: readonly string[]): SettingsDifference {
  return { removed: without(before, after), added: without(after, before) };
}

function without(settings: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return settings.filter((setting) => {
    const index = left.indexOf(setting);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}
