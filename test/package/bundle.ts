/** Reads dist/ as a page would: which files a module pulls in, and their size on the wire. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

export const ROOT = resolve(import.meta.dirname, '..', '..');
export const DIST = join(ROOT, 'dist');

/** A file of dist/. @throws where it was not built. */
export function distFile(name: string): string {
  const path = join(DIST, name);
  if (!existsSync(path)) throw new Error(`dist/${name} is not built; run: npm run build`);
  return path;
}

/** Paths of the modules that `file` imports, as full paths; those of packages are left as they are named. */
export function importsOf(file: string, kind: 'static' | 'dynamic'): string[] {
  const source = readFileSync(file, 'utf8');
  const pattern =
    kind === 'static'
      ? /(?:^|[;\n}])\s*(?:import|export)\s*(?:[\w$*{}\s,]+?from\s*)?["']([^"']+)["']/g
      : /\bimport\(\s*["']([^"']+)["']\s*\)/g;
  return [...source.matchAll(pattern)].map(([, name]) =>
    name.startsWith('.') ? resolve(dirname(file), name) : name,
  );
}

/** `file` and all that loading it loads, statically. */
export function closure(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const next of importsOf(file, 'static')) if (next.startsWith('/')) closure(next, seen);
  return seen;
}

/** Every file reachable from `file`, lazily imported ones too; what `isLeft` holds for is left out, with what it needs. */
export function reachable(
  file: string,
  isLeft: (file: string) => boolean = () => false,
  seen = new Set<string>(),
): Set<string> {
  if (seen.has(file) || isLeft(file)) return seen;
  seen.add(file);
  for (const next of [...importsOf(file, 'static'), ...importsOf(file, 'dynamic')]) {
    if (next.startsWith('/')) reachable(next, isLeft, seen);
  }
  return seen;
}

/** Bytes of each file after brotli, and their sum: files travel one by one. */
export function brotliBytes(files: Iterable<string>): { total: number; each: Record<string, number> } {
  const each: Record<string, number> = {};
  for (const file of files) each[relative(DIST, file)] = brotliCompressSync(readFileSync(file)).byteLength;
  return { total: Object.values(each).reduce((sum, bytes) => sum + bytes, 0), each };
}
