import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type DefinitionText, type DomainFacts, type DomainState, domainState } from '../facts/domain.js';
import { type Fact, known, unknown } from '../facts/fact.js';
import type { Problem } from '../facts/facts.js';
import { parseDomain } from './definition.js';
import { NothingArrived } from './inputBytes.js';
import { definitionOf } from './readings.js';
import { readSourceText, TooLarge } from './sourceText.js';
import { readState } from './statusFile.js';
import { child, type XmlElement } from './tree.js';
import { XmlError } from './xmlError.js';

/** What was found in files. */
export interface FilesAnswer {
  readonly domains: readonly DomainFacts[];
  readonly problems: readonly Problem[];
}

/** libvirt's name for states in its own files (`virDomainStateTypeToString`), where virsh has another. */
const STATE_WORDS: ReadonlyMap<string, DomainState> = new Map([
  ['blocked', 'idle'],
  ['shutdown', 'in shutdown'],
  ['shutoff', 'shut off'],
]);

/**
 * Reads domains from files: `virsh dumpxml` output, `/etc/libvirt/qemu/*.xml`, `/run/libvirt/qemu/*.xml`.
 * @param paths - files, directories (their `*.xml`, not what lies deeper) or `-` for standard input
 * @param deadlineSeconds - the longest wait for a pipe among them
 */
export async function readFiles(paths: readonly string[], deadlineSeconds = 10): Promise<FilesAnswer> {
  const domains: DomainFacts[] = [];
  const problems: Problem[] = [];
  for (const path of paths) {
    for (const file of expand(path, problems)) {
      try {
        domains.push(await readDomainFile(file, deadlineSeconds));
      } catch (error) {
        problems.push(fileProblem(file, error));
      }
      // Signals are noticed between two turns only, and a directory may hold thousands of files.
      await nextTurn();
    }
  }
  return { domains, problems };
}

function expand(path: string, problems: Problem[]): string[] {
  if (path === '-') return [path];
  try {
    if (!statSync(path).isDirectory()) return [path];
    const files = readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.name.endsWith('.xml') && !entry.isDirectory())
      .map((entry) => join(path, entry.name))
      .sort();
    if (files.length === 0) {
      problems.push({
        target: path,
        cause: 'no-files',
        reason: 'has no *.xml file in it; name the files themselves',
      });
    }
    return files;
  } catch (error) {
    problems.push(fileProblem(path, error));
    return [];
  }
}

async function readDomainFile(path: string, deadlineSeconds: number): Promise<DomainFacts> {
  return readDomainText(await readSourceText(path, deadlineSeconds), path);
}

/**
 * Reads the domain in the text of a file.
 * @param path - the file's, for the facts
 * @throws XmlError when the text is malformed or no domain
 */
export async function readDomainText(xml: string, path: string): Promise<DomainFacts> {
  if (xml.trim() === '') throw new XmlError('is empty', 1, 1);
  const domain = parseDomain(xml);
  const state = domain.parent ? await readState(xml, domain) : null;
  const text: DefinitionText = { xml, origin: state === null ? 'file' : 'status' };
  // A file tells nothing of the libvirt that it is for.
  definitionOf(text, null, null, domain);
  const uuid = child(domain, 'uuid')?.text.trim();
  const notToldBy = (what: string) => unknown(path, 'not-in-file', `a file does not tell ${what}`);
  return {
    name: child(domain, 'name')?.text.trim() || (path === '-' ? 'standard input' : path),
    ...(uuid && { uuid }),
    source: path,
    state: state === null ? notToldBy('whether the domain runs') : stateOf(state, path),
    persistent: notToldBy('whether the domain is persistent'),
    managedSave: notToldBy('whether there is a managed save image'),
    definitions: { [isLive(domain) ? 'live' : 'inactive']: known(text, path) },
  };
}

/** Only the XML of a running domain has an id. */
function isLive(domain: XmlElement): boolean {
  return domain.parent !== null || domain.attributes.id !== undefined;
}

function stateOf(word: string, path: string): Fact<DomainState> {
  const state = STATE_WORDS.get(word) ?? domainState(word);
  return state !== null
    ? known(state, path)
    : unknown(path, 'unknown-state', 'the status file names no known state');
}

function fileProblem(path: string, error: unknown): Problem {
  const target = path === '-' ? 'standard input' : path;
  if (error instanceof XmlError) {
    const { message, line, column } = error;
    const reason = message === 'text data outside of root node' ? `${message}; is it domain XML?` : message;
    return { target, cause: 'malformed-xml', reason, line, column };
  }
  if (error instanceof TooLarge) return { target, cause: 'too-large', reason: error.message };
  if (error instanceof NothingArrived) {
    return { target, cause: 'deadline-exceeded', reason: 'is a pipe that nobody wrote into in time' };
  }
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'does not exist',
    EACCES: 'may not be read by this user; run as root or copy the file',
    EISDIR: 'is a directory inside a directory',
  };
  return { target, cause: 'unreadable', reason: reasons[code] ?? `cannot be read: ${message}` };
}
