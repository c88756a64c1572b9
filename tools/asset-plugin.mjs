// One plugin for rollup and vitest, so that no bundler of a user ever has to find a file beside the script:
// - `.wgsl` becomes a string;
// - `.wasm` becomes a Uint8Array, from hexadecimal: bytes stay bytes to brotli, which packs them a quarter smaller
//   than base64; `.sacc`, which nothing packs further, from base64;
// - `file.ts?iife` becomes a string: the file and all it imports as one minified classic script. The worker is
//   imported this way (`import source from '../../workers/worker.ts?iife'`) and started from a Blob.
// A binary that is not there yet gives a module that throws when it is loaded, saying what to do.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { minify } from 'terser';
import { minifyWgsl } from './minify-wgsl.mjs';

const BINARY = /\.(wasm|sacc)$/;
const TEXT = /\.wgsl$/;
const IIFE = /\?iife$/;

/** After esbuild, which leaves names in the order of their coming: a twentieth less after brotli. */
const SHORTEST = { ecma: 2022, compress: { passes: 2 }, mangle: true };

/** Makes rollup's chunks as short as can be. @returns {import('rollup').Plugin} */
export function shorten() {
  return {
    name: 'saccadenet-shorten',
    async renderChunk(source) {
      const { code, map } = await minify(source, { ...SHORTEST, module: true, sourceMap: true });
      return { code, map };
    },
  };
}

/** @returns {import('rollup').Plugin & { enforce: 'pre' }} */
export function assets() {
  return {
    name: 'saccadenet-assets',
    enforce: 'pre',
    resolveId(source, importer) {
      const path = source.split('?')[0];
      if (!importer || !source.startsWith('.')) return null;
      if (!BINARY.test(path) && !TEXT.test(path) && !IIFE.test(source)) return null;
      return resolve(dirname(importer.split('?')[0]), path) + (IIFE.test(source) ? '?iife' : '');
    },
    async load(id) {
      const path = id.split('?')[0];
      if (IIFE.test(id)) {
        const { code, inputs } = await bundleIife(path);
        for (const input of inputs) this.addWatchFile?.(resolve(input));
        return `export default ${JSON.stringify(code)};`;
      }
      return assetModule(path);
    },
  };
}

/** The module's source for an asset; null for a file that is no asset. */
async function assetModule(path) {
  if (TEXT.test(path)) return `export default ${JSON.stringify(minifyWgsl(await readFile(path, 'utf8')))};`;
  if (!BINARY.test(path)) return null;
  if (!existsSync(path)) {
    const advice = path.endsWith('.wasm') ? 'run: npm run build:wasm' : 'it belongs in models/';
    const message = JSON.stringify(`${relative(process.cwd(), path)} is missing; ${advice}`);
    return `const bytes = (() => { throw new Error(${message}); })();\nexport default bytes;`;
  }
  const bytes = await readFile(path);
  if (path.endsWith('.wasm')) {
    return `const text = ${JSON.stringify(bytes.toString('hex'))};
const bytes = Uint8Array.from({ length: text.length / 2 }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
export default bytes;`;
  }
  const base64 = bytes.toString('base64');
  return `const text = atob(${JSON.stringify(base64)});
const bytes = new Uint8Array(text.length);
for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
export default bytes;`;
}

/**
 * A script and all it imports as one minified classic script (no module, no top-level names).
 * @param {string} entry
 * @returns {Promise<{ code: string, inputs: string[] }>}
 */
export async function bundleIife(entry) {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    write: false,
    metafile: true,
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [
      {
        name: 'saccadenet-assets',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^\..*\.(wasm|sacc|wgsl)$/ }, ({ path, resolveDir }) => ({
            path: resolve(resolveDir, path),
          }));
          onLoad({ filter: /\.(wasm|sacc|wgsl)$/ }, async ({ path }) => ({
            contents: await assetModule(path),
            loader: 'js',
          }));
        },
      },
    ],
  });
  const { code } = await minify(result.outputFiles[0].text, { ...SHORTEST, toplevel: true });
  return { code, inputs: Object.keys(result.metafile.inputs) };
}
