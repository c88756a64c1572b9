/** Files of weights for the commands that read and write them: one sentence on stderr for what cannot be opened. */
import { readFileSync, writeFileSync } from 'node:fs';
import { SaccadeNetError } from '../src/errors/errors.ts';
import { reasonOf } from '../train/data/files.ts';
import { UsageError } from './arguments.ts';

function fail(verb: string, file: string, error: unknown): never {
  throw new Error(`cannot ${verb} ${file}: ${reasonOf(error)}; check the path`, { cause: error });
}

/** Errors of the codec, which sees bytes only, with the file's name before them. */
export async function ofFile<T>(file: string, task: () => T | Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (!(error instanceof SaccadeNetError)) throw error;
    const { code, message, details } = error;
    throw new SaccadeNetError(code, `${file}: ${message}`, { details, cause: error });
  }
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
