/** Any error as the one line that a command ends with: what happened, and what to do. */
import { readFileSync } from 'node:fs';
import { SaccadeNetError } from '../src/errors/errors.ts';
import { reasonOf } from '../train/data/files.ts';
import { UsageError } from './arguments.ts';

/** package.json lies one folder up, from cli/ as from dist/. */
const MANIFEST: { devDependencies?: Record<string, string> } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);

export function describeError(error: unknown): string {
  return sentence(error).replace(/\s*\n\s*/g, ' ');
}

function sentence(error: unknown): string {
  if (error instanceof UsageError || error instanceof SaccadeNetError) return error.message;
  const missing = missingPackage(error);
  if (missing !== undefined) {
    return `this needs the package ${missing}, which is not installed; run: npm install ${withVersion(missing)}`;
  }
  const { syscall, path, message } = error as NodeJS.ErrnoException;
  if (syscall !== undefined && path !== undefined) {
    return `cannot ${syscall === 'mkdir' ? 'make the folder' : 'open'} ${path}: ${reasonOf(error)}; check the path, or name another`;
  }
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError) {
    return `failed unexpectedly (${message}); check the input files, and report this with what SACCADENET_DEBUG=1 prints`;
  }
  return error instanceof Error ? message || error.name : String(error);
}

/** What the library does not need is left to those who use it: tfjs to train, onnxruntime-web for --peers. */
function missingPackage(error: unknown): string | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== 'ERR_MODULE_NOT_FOUND') return undefined;
  return /Cannot find package '((?:@[^/']+\/)?[^/']+)/.exec(message)?.[1];
}

function withVersion(name: string): string {
  const version = MANIFEST.devDependencies?.[name];
  return version === undefined ? name : `"${name}@${version}"`;
}
