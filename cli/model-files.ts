/** Files of weights for the commands that read and write them: one sentence on stderr for what cannot be opened. */
import { readFileSync, writeFileSync } from 'node:fs';
import { UsageError } from './arguments.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission is denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  ENOSPC: 'the disk is full',
};

function fail(verb: string, file: string, error: unknown): never {
  const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message;
  throw new Error(`cannot ${verb} ${file}: ${reason}`, { cause: error });
}

export function readBytes(file: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (error) {
    return fail('read', file, error);
  }
}

export function writeBytes(file: string, bytes: Uint8Array): void {
  try {
    writeFileSync(file, bytes);
  } catch (error) {
    fail('write', file, error);
  }
}

/** The only positional argument. @throws UsageError where there is none or another */
export function onlyFile(positionals: readonly string[], what: string): string {
  if (positionals.length === 0) throw new UsageError(`no ${what} given`);
  if (positionals.length > 1) throw new UsageError(`takes one ${what}, not also '${positionals[1]}'`);
  return positionals[0];
}

/** '12,345'. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
