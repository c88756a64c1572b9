/** Files and folders that cannot be read or made, in a person's words. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SaccadeNetError } from '../../src/errors/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the disk is read-only',
  EISDIR: 'it is a folder',
  EEXIST: 'it is a file',
  ENOTDIR: 'a part of the path is no folder',
  ENOSPC: 'the disk is full',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
};

/** Why the operating system refused, without its codes; other errors' own message. */
export function reasonOf(error: unknown): string {
  const { code = '', message = String(error) } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? message;
}

/**
 * Makes a folder and those above it, where they are missing. Not `mkdirSync(..., { recursive: true })`, which never
 * returns below a folder that refuses with ENOENT, as /proc does (Node 20).
 * @throws SaccadeNetError INVALID_OPTION where it cannot be made or is a file
 */
export function makeFolder(folder: string): void {
  const missing: string[] = [];
  for (let at = resolve(folder); !existsSync(at); at = dirname(at)) missing.push(at);
  try {
    for (const one of missing.reverse()) makeOne(one);
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error(), { code: 'EEXIST' });
  } catch (cause) {
    throw new SaccadeNetError(
      'INVALID_OPTION',
      `cannot make the folder ${folder}: ${reasonOf(cause)}; name another place to write to`,
      { cause },
    );
  }
}

/** Another process may have made it meanwhile. */
function makeOne(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
