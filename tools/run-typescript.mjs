// Runs one TypeScript file of the repository in Node: `node tools/run-typescript.mjs bench/codec/main.ts [arguments]`.
// esbuild bundles it to build/scripts/; packages stay imports, .wasm and .sacc become bytes.
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** @returns {Promise<string>} path of the bundle */
export async function bundleScript(entry) {
  const outfile = join(ROOT, 'build', 'scripts', `${basename(entry, '.ts')}.mjs`);
  await build({
    entryPoints: [resolve(ROOT, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    loader: { '.wasm': 'binary', '.sacc': 'binary', '.wgsl': 'text' },
    logLevel: 'warning',
  });
  return outfile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , entry, ...rest] = process.argv;
  if (entry === undefined || !existsSync(resolve(ROOT, entry))) {
    console.error('usage: node tools/run-typescript.mjs <file.ts> [arguments]');
    process.exit(2);
  }
  const path = await bundleScript(entry);
  process.argv = [process.argv[0], path, ...rest];
  await import(pathToFileURL(path).href);
}
