/**
 * dist/: the package (index.js, codec.js, worker.js and lazily imported chunks), their types, and the command
 * line (cli.js). Built by tools/build.mjs, which also compiles the wasm that is inlined here.
 */
import { builtinModules } from 'node:module';
import commonjs from '@rollup/plugin-commonjs';
import nodeResolve from '@rollup/plugin-node-resolve';
import dts from 'rollup-plugin-dts';
import esbuild, { minify } from 'rollup-plugin-esbuild';
import { assets, bundleIife, shorten } from './tools/asset-plugin.mjs';

const TARGET = 'es2022';
const WORKER_ENTRY = 'workers/worker.ts';

/** Too large or native: what the command line needs of these is installed beside it. */
const CLI_EXTERNAL = [
  /^node:/,
  ...builtinModules,
  /^@tensorflow\/[^/]+$/, // not its dist/ folder: Node finds no files without their extensions
  /^onnxruntime-web/,
  /^playwright/,
  /^vite$/,
  /^esbuild$/,
  /^terser$/,
  /^rollup/,
  'webgpu',
];

const LIBRARY_ENTRIES = { index: 'src/index.ts', codec: 'src/codec.ts' };

const transpile = () => esbuild({ target: TARGET, tsconfig: 'tsconfig.json', loaders: { '.json': 'json' } });

export default [
  {
    input: LIBRARY_ENTRIES,
    output: {
      dir: 'dist',
      format: 'es',
      sourcemap: true,
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name]-[hash].js',
    },
    plugins: [
      assets(),
      nodeResolve({ browser: true }),
      transpile(),
      minify({ target: TARGET }),
      shorten(),
      workerFile(),
    ],
  },
  {
    input: LIBRARY_ENTRIES,
    output: { dir: 'dist', format: 'es', entryFileNames: '[name].d.ts', chunkFileNames: 'types/[name].d.ts' },
    plugins: [dts()],
    external: [/\.(wasm|sacc|wgsl)$/, /\?iife$/],
  },
  {
    input: { cli: 'cli/main.ts' },
    output: {
      dir: 'dist',
      format: 'es',
      entryFileNames: '[name].js',
      // Beside cli.js: a command finds models/ one folder up, from cli/ as from dist/.
      chunkFileNames: 'cli-[name]-[hash].js',
    },
    external: CLI_EXTERNAL,
    plugins: [assets(), nodeResolve({ preferBuiltins: true }), commonjs(), transpile()],
  },
];

/** dist/worker.js: the same worker as a file of its own, for pages whose CSP forbids Blob workers. */
function workerFile() {
  return {
    name: 'saccadenet-worker-file',
    async generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'worker.js', source: (await bundleIife(WORKER_ENTRY)).code });
    },
  };
}
