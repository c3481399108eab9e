import type { Report } from './report.js';

/** The forms that a report can be written in. */
export const FORMAT_NAMES = ['text', 'json', 'markdown', 'junit', 'sarif', 'nagios', 'prometheus'] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

/** How a report looks, where its form leaves a choice. */
export interface RenderOptions {
  readonly colour: boolean;
  /** Shows what passed and what does not apply, too. */
  readonly verbose: boolean;
}

/** A run that came to no report, for forms whose readers would take silence for the last result. */
export interface FailedRun {
  /** What went wrong, one sentence each. */
  readonly messages: readonly string[];
  readonly toolVersion: string;
  /** In seconds since 1970. */
  readonly endedAtSeconds: number;
}

/** A run that came to a report, but could not write it everywhere. */
export interface IncompleteRun extends FailedRun {
  /** How many outputs could not be written. */
  readonly failedOutputs: number;
}

/** One form: a function from reports to a text. */
export interface Format {
  /** @param reports - at least one; one for each host */
  render(reports: readonly Report[], options: RenderOptions): string;
  /** The text that stands for a run without a report; absent where what was written before is to stay. */
  renderFailure?(failed: FailedRun): string;
  /** What stands for the reports where another output could not be written; absent where that is not told. */
  renderIncomplete?(reports: readonly Report[], incomplete: IncompleteRun): string;
  /** The permissions of a new file whatever the umask is; absent where the umask has its say. */
  readonly newFileMode?: number;
  /** Present where the form has no place for a second host. */
  readonly oneHostOnly?: true;
}

/** Loads a form; no run needs them all. */
export async function loadFormat(name: FormatName): Promise<Format> {
  switch (name) {
    case 'text':
      return (await import('./text.js')).text;
    case 'json':
      return (await import('./json.js')).json;
    case 'markdown':
      return (await import('./markdown.js')).markdown;
    case 'junit':
      return (await import('./junit.js')).junit;
    case 'sarif':
      return (await import('./sarif.js')).sarif;
    case 'nagios':
      return (await import('./nagios.js')).nagios;
    case 'prometheus':
      return (await import('./prometheus.js')).prometheus;
  }
}
