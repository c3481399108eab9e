import type { ReportedProblem } from './report.js';
import { pathUri, sarifPlain } from './sarifText.js';

/** A place in a file, a thing that has none, or both. */
export interface SarifLocation {
  readonly physicalLocation?: {
    readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: '%SRCROOT%' };
    readonly region: { readonly startLine: number; readonly startColumn: number };
  };
  readonly logicalLocations: readonly LogicalReference[];
}

interface LogicalReference {
  readonly index: number;
  readonly fullyQualifiedName: string;
}

interface LogicalLocation {
  readonly name: string;
  readonly fullyQualifiedName: string;
  readonly kind: string;
  readonly parentIndex?: number;
}

/** Where in a file something is; nothing for standard input, which nobody can open. */
export function fileLocation(
  path: string,
  { line, column }: { readonly line: number; readonly column: number },
): Pick<SarifLocation, 'physicalLocation'> {
  if (path === '-' || path === 'standard input' || path === '') return {};
  const uri = pathUri(path);
  // Only whoever uploads the result knows what a relative path is relative to. What is above that is not in there, and
  // the report, which may be written elsewhere, does not tell where the audit ran.
  const isBelow = !path.startsWith('/') && uri !== '..' && !uri.startsWith('../');
  return {
    physicalLocation: {
      artifactLocation: { uri, ...(isBelow && { uriBaseId: '%SRCROOT%' }) },
      region: { startLine: line, startColumn: column },
    },
  };
}

/** The things of a run that have no file, each once: connections, the domains behind them, and their clocks. */
export class LogicalLocations {
  readonly all: LogicalLocation[] = [];
  readonly #indices = new Map<string, number>();

  /** The clock of a domain of that source. */
  locationOfClock(source: string, domain: string): LogicalReference {
    const parent = this.locationOf(sarifPlain(source), 'resource');
    const name = sarifPlain(domain);
    const own = this.#add(name, `${parent.fullyQualifiedName}/${name}`, 'object', parent.index);
    return this.#add('clock', `${own.fullyQualifiedName}/clock`, 'element', own.index);
  }

  /** Something at the top; its full name is all that there is. */
  locationOf(name: string, kind: string): LogicalReference {
    return this.#add(name, name, kind);
  }

  #add(name: string, fullyQualifiedName: string, kind: string, parentIndex?: number): LogicalReference {
    const key = JSON.stringify([name, fullyQualifiedName, kind, parentIndex]);
    const index = this.#indices.get(key) ?? this.all.length;
    if (index === this.all.length) {
      this.#indices.set(key, index);
      this.all.push({ name, fullyQualifiedName, kind, ...(parentIndex !== undefined && { parentIndex }) });
    }
    return { index, fullyQualifiedName };
  }
}

/** What could not be read: a file with the place that is wrong about it, or a thing that has none. */
export function problemLocation(
  { target, line, column }: ReportedProblem,
  logical: LogicalLocations,
): SarifLocation {
  const position = line !== undefined && line > 0 ? { line, column: Math.max(column ?? 1, 1) } : undefined;
  return {
    ...(position && fileLocation(target, position)),
    logicalLocations: [logical.locationOf(sarifPlain(target), 'resource')],
  };
}
