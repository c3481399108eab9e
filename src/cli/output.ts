import { descriptorOf, writeAllToGiven } from './descriptors.js';
import { complain } from './problems.js';
import { replaceFile } from './replacedFile.js';
import { UsageError } from './usageError.js';

/**
 * Writes a report: to standard output, to another descriptor, or to a file that is replaced as a whole. Everything is
 * written when this returns, so that the process may be ended at once.
 * @param mode - the permissions of a file that does not exist yet
 * @param exact - whether it gets them whatever the umask is
 * @returns false where the reader of a pipe went away before it had all, which is no error
 * @throws UsageError when it cannot be written; what was in the file before is then still there
 */
export function writeOutput(text: string, file: string | undefined, mode = 0o644, exact = false): boolean {
  const descriptor = file === undefined || file === '-' ? 1 : descriptorOf(file);
  try {
    if (descriptor !== null) return writeAllToGiven(descriptor, text);
    const remark = replaceFile(file ?? '', text, { mode, exact });
    if (remark !== null) complain(remark, 'warning');
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError(`cannot write ${descriptor === 1 ? 'to standard output' : file}: ${inWords(error)}`);
  }
}

/** What the errors mean that come up with files. */
const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not',
  EBADF: 'it is not open for writing',
  EEXIST: 'it exists already',
  EPERM: 'this user may not',
  EROFS: 'the file system is read-only',
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'a part of the path is no directory',
  EISDIR: 'it is a directory, and a file is wanted',
  ENOSPC: 'the device is full',
  EDQUOT: 'the quota is used up',
  EFBIG: 'it would be larger than a file may be',
  ELOOP: 'too many links lead to each other',
  ENAMETOOLONG: 'the name is too long',
};

/**
 * What a system call failed for, in words and with its code. A message of Node's own would name temporary files that
 * nobody asked for.
 */
export function inWords(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const words = code === undefined ? undefined : WORDS[code];
  return words === undefined ? message : `${words} (${code})`;
}
