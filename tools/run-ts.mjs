// Runs a TypeScript file of the repository in Node, bundled in memory-like fashion to out/run/<name>.mjs first, assets inlined:
//   node tools/run-ts.mjs train/lenet/run.ts [options of the script]
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';
import esbuild from 'rollup-plugin-esbuild';
import { assets } from './asset-plugin.mjs';

const [file, ...rest] = process.argv.slice(2);
if (!file?.endsWith('.ts')) {
  console.error('give a .ts file: node tools/run-ts.mjs FILE.ts [options]');
  process.exit(2);
}
const out = join('out', 'run', `${basename(file, '.ts')}.mjs`);
mkdirSync(join('out', 'run'), { recursive: true });
const bundle = await rollup({
  input: file,
  external: [/^node:/, /^@tensorflow\//],
  plugins: [assets(), nodeResolve({ preferBuiltins: true }), esbuild({ target: 'es2022' })],
});
await bundle.write({ file: out, format: 'es', inlineDynamicImports: true });
await bundle.close();
process.argv = [process.argv[0], file, ...rest];
await import(pathToFileURL(out).href);
