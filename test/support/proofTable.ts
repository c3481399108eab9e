import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

/** How many definitions each kind of finding was proven with, by column. */
export type ProofTable = Readonly<Record<string, Readonly<Record<string, number>>>>;

const path = join(import.meta.dirname, '..', 'golden', 'remediation-proof.json');

/** Counts what was proven while the tests run. */
export class ProofCounter {
  readonly #counts = new Map<string, Map<string, number>>();

  constructor(readonly columns: readonly string[]) {}

  count(column: string, kinds: Iterable<string>): void {
    if (!this.columns.includes(column)) throw new Error(`no such column: ${column}`);
    for (const kind of kinds) {
      const row = this.#counts.get(kind) ?? new Map<string, number>();
      this.#counts.set(kind, row.set(column, (row.get(column) ?? 0) + 1));
    }
  }

  /** Compares with what is written down, as far as these columns go. UPDATE_GOLDEN=1 writes it down anew. */
  expectWrittenDown(): void {
    const counted = Object.fromEntries(
      [...this.#counts].map(([kind, row]) => [kind, Object.fromEntries(row)]),
    );
    const table = readProofTable();
    if (process.env.UPDATE_GOLDEN === '1') {
      writeFileSync(path, `${JSON.stringify(this.#merged(table, counted), null, 2)}\n`);
      return;
    }
    expect(counted, 'UPDATE_GOLDEN=1 writes it anew').to.deep.equal(this.#own(table));
  }

  #own(table: ProofTable): ProofTable {
    const rows = Object.entries(table).map(([kind, row]) => {
      const own = Object.entries(row).filter(([column]) => this.columns.includes(column));
      return [kind, Object.fromEntries(own)] as const;
    });
    return Object.fromEntries(rows.filter(([, row]) => Object.keys(row).length > 0));
  }

  #merged(table: ProofTable, counted: ProofTable): ProofTable {
    const kinds = [...new Set([...Object.keys(table), ...Object.keys(counted)])].sort();
    const rows = kinds.map((kind) => {
      const others = Object.entries(table[kind] ?? {}).filter(([column]) => !this.columns.includes(column));
      const own = this.columns.flatMap((column) => {
        const count = counted[kind]?.[column];
        return count === undefined ? [] : [[column, count] as const];
      });
      return [kind, Object.fromEntries([...own, ...others])] as const;
    });
    return Object.fromEntries(rows.filter(([, row]) => Object.keys(row).length > 0));
  }
}

/** The table that the tests wrote down last; empty before the first time. */
export function readProofTable(): ProofTable {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
