/**
 * dist/: the package (index.js, codec.js, worker.js and lazily imported chunks), their types, and the command
 * line (cli.js). Built by tools/build.mjs, which also compiles the wasm that is inlined here.
 */
import { existsSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import commonjs from '@rollup/plugin-commonjs';
import nodeResolve from '@rollup/plugin-node-resolve';
import dts from 'rollup-plugin-dts';
import esbuild, { minify } from 'rollup-plugin-esbuild';
import { assets, bundleIife } from './tools/asset-plugin.mjs';

const TARGET = 'es2022';
const WORKER_ENTRY = 'workers/worker.ts';

/** Too large or native: what the command line needs of these is installed beside it. */
const CLI_EXTERNAL = [
  /^node:/,
  ...builtinModules,
  /^@tensorflow\//,
  /^onnxruntime-web/,
  /^playwright/,
  /^vite$/,
  /^esbuild$/,
  /^rollup/,
  'webgpu',
];

const libraryEntries = present({ index: 'src/index.ts', codec: 'src/codec.ts' });
const cliEntry = present({ cli: 'cli/main.ts' });

const transpile = () => esbuild({ target: TARGET, tsconfig: 'tsconfig.json', loaders: { '.json': 'json' } });

export default [
  {
    input: libraryEntries,
    output: {
      dir: 'dist',
      format: 'es',
      sourcemap: true,
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name]-[hash].js',
    },
    plugins: [
      missingParts(),
      assets(),
      nodeResolve({ browser: true }),
      transpile(),
      minify({ target: TARGET }),
      workerFile(),
    ],
  },
  {
    input: libraryEntries,
    output: { dir: 'dist', format: 'es', entryFileNames: '[name].d.ts', chunkFileNames: 'types/[name].d.ts' },
    plugins: [dts()],
    external: [/\.(wasm|sacc|wgsl)$/, /\?iife$/],
  },
  {
    input: cliEntry,
    output: {
      dir: 'dist',
      format: 'es',
      entryFileNames: '[name].js',
      // Beside cli.js: a command finds models/ one folder up, from cli/ as from dist/.
      chunkFileNames: 'cli-[name]-[hash].js',
    },
    external: CLI_EXTERNAL,
    plugins: [missingParts(), assets(), nodeResolve({ preferBuiltins: true }), commonjs(), transpile()],
  },
].filter(({ input }) => Object.keys(input).length > 0);

/** Entries whose file exists. */
function present(entries) {
  return Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file)));
}

/** dist/worker.js: the same worker as a file of its own, for pages whose CSP forbids Blob workers. */
function workerFile() {
  return {
    name: 'saccadenet-worker-file',
    async generateBundle() {
      if (!existsSync(WORKER_ENTRY)) return;
      this.emitFile({ type: 'asset', fileName: 'worker.js', source: (await bundleIife(WORKER_ENTRY)).code });
    },
  };
}

/** A file of ours that is imported but not written yet becomes a module that throws when it is loaded. */
function missingParts() {
  const PREFIX = '\0missing:';
  return {
    name: 'saccadenet-missing-parts',
    resolveId(source, importer) {
      if (!importer || importer.includes('node_modules') || !/^\..*\.ts$/.test(source)) return null;
      const path = resolve(dirname(importer), source);
      if (existsSync(path)) return null;
      this.warn(`${relative('.', path)} is not there`);
      return { id: PREFIX + relative('.', path), syntheticNamedExports: true };
    },
    load(id) {
      if (!id.startsWith(PREFIX)) return null;
      const message = JSON.stringify(`${id.slice(PREFIX.length)} is not part of this build`);
      return `throw new Error(${message});\nexport default {};`;
    },
  };
}
