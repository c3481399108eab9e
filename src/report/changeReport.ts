import type { DefinitionChange } from '../apply/definitionChange.js';
import type { Problem } from '../facts/facts.js';

/** The result of `apply` or `rollback`: plain data that every format is made from. */
export interface ChangeReport {
  readonly schema: 'virt-clock-audit/changes';
  /** Additions raise the second number, everything else the first. */
  readonly schemaVersion: '1.0';
  readonly tool: { readonly name: 'virt-clock-audit'; readonly version: string };
  readonly command: 'apply' | 'rollback';
  readonly run: {
    /** ISO 8601, in UTC. */
    readonly startedAt: string;
    readonly hostname: string;
    /** The libvirt connection. */
    readonly uri: string;
    /** True when nothing was to be changed, only told. */
    readonly dryRun: boolean;
  };
  /** Whether any definition was replaced; with `dryRun`, whether one would be. */
  readonly changed: boolean;
  readonly exitCode: number;
  readonly domains: readonly DefinitionChange[];
  /** What could not be read at all. */
  readonly problems: readonly Problem[];
}
