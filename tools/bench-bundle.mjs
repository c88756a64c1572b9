// The benchmark as one script for a page or a worker, and the files that other runtimes load beside it. Used by
// bench/hosts/chromium.ts, which serves those files from node_modules, and by demo/vite.config.mjs, which copies them.
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { assets } from './asset-plugin.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Peers that load files, by the name that a page asks for them under. */
export const PEER_PACKAGES = {
  onnx: 'onnxruntime-web',
  tfjs: '@tensorflow/tfjs-backend-wasm',
  litert: '@litertjs/core',
};
/** Where those files lie. */
export const PEER_FOLDERS = {
  onnx: 'node_modules/onnxruntime-web/dist',
  tfjs: 'node_modules/@tensorflow/tfjs-backend-wasm/dist',
  litert: 'node_modules/@litertjs/core/wasm',
};

/** onnxruntime-web's build of a backend: that with webgpu computes in wasm too, but is twice the size. */
const ONNX_BUILDS = {
  wasm: { module: 'onnxruntime-web/wasm', files: 'ort-wasm-simd-threaded' },
  webgpu: { module: 'onnxruntime-web/webgpu', files: 'ort-wasm-simd-threaded.asyncify' },
};
/** LiteRT.js takes the first where the browser has relaxed SIMD, else the second. */
const LITERT_FILES = ['litert_wasm_internal', 'litert_wasm_compat_internal'];

/**
 * What is loaded from PEER_FOLDERS for a backend.
 * @param {'wasm' | 'webgpu'} backend
 * @returns {{ peer: keyof PEER_PACKAGES, file: string, path: string, bytes: number, spare: boolean }[]} `spare`: loaded
 *   in place of another, by browsers that cannot run that
 */
export function peerFiles(backend) {
  const { files } = ONNX_BUILDS[backend];
  const wanted = {
    onnx: [`${files}.mjs`, `${files}.wasm`],
    tfjs: backend === 'wasm' ? ['tfjs-backend-wasm-simd.wasm'] : [],
    litert: LITERT_FILES.flatMap((name) => [`${name}.js`, `${name}.wasm`]),
  };
  return Object.entries(wanted).flatMap(([peer, names]) =>
    names.map((file) => {
      const path = join(ROOT, PEER_FOLDERS[peer], file);
      return { peer, file, path, bytes: statSync(path).size, spare: file.startsWith(LITERT_FILES[1]) };
    }),
  );
}

/** Of a package of this repository, or of itself. */
export function versionOf(name) {
  const folder = name === 'saccadenet' ? ROOT : join(ROOT, 'node_modules', name);
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
}

/**
 * A module and all it imports as one script, with the repository's own way with .wasm, .wgsl and .sacc.
 * @param {string} entry
 * @param {{ backend: 'wasm' | 'webgpu', format: 'esm' | 'iife', minify?: boolean }} options iife: a classic script, as
 *   LiteRT.js wants its worker to be
 * @returns {Promise<string>}
 */
export async function bundleBench(entry, { backend, format, minify = false }) {
  const { load } = assets();
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format,
    minify,
    platform: 'browser',
    target: 'es2022',
    write: false,
    legalComments: 'eof',
    logLevel: 'silent',
    alias: { 'onnxruntime-web': ONNX_BUILDS[backend].module },
    ...(format === 'iife' ? { define: { 'import.meta.url': 'self.location.href' } } : {}),
    plugins: [
      {
        name: 'assets',
        setup({ onLoad }) {
          onLoad({ filter: /\.(wasm|sacc|wgsl)$/ }, async ({ path }) => ({
            contents: await load.call({}, path),
            loader: 'js',
          }));
        },
      },
    ],
  });
  return outputFiles[0].text;
}
