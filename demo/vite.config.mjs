/**
 * The demo page, built to dist/demo from the built package: `saccadenet` is dist/index.js, as a user gets it. Other
 * runtimes, for the benchmark page, lie in dist/demo/other-runtimes as they are, and are loaded only where asked for.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { bundleBench, PEER_PACKAGES, peerFiles, versionOf } from '../tools/bench-bundle.mjs';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at('.'),
  base: './',
  publicDir: false,
  resolve: { alias: { saccadenet: at('../dist/index.js') } },
  plugins: [otherRuntimes()],
  build: {
    outDir: at('../dist/demo'),
    emptyOutDir: true,
    target: 'es2022',
    rollupOptions: { input: [at('./index.html'), at('./benchmark.html')] },
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
  },
  logLevel: 'warn',
});

/** `virtual:other-runtimes` (demo/virtual.d.ts), and the files that it tells of. Names carry versions, for caches. */
function otherRuntimes() {
  const id = 'virtual:other-runtimes';
  const folderOf = (peer) => {
    const name = PEER_PACKAGES[peer];
    return `other-runtimes/${name.replace('@', '').replace('/', '-')}-${versionOf(name)}/`;
  };
  return {
    name: 'other-runtimes',
    resolveId: (source) => (source === id ? `\0${id}` : null),
    async load(source) {
      if (source !== `\0${id}`) return null;
      const emitted = new Set();
      const emit = (fileName, content) => {
        if (!emitted.has(fileName)) this.emitFile({ type: 'asset', fileName, source: content });
        emitted.add(fileName);
      };
      const backends = {};
      for (const backend of ['wasm', 'webgpu']) {
        const script = await bundleBench(at('../bench/hosts/worker.ts'), {
          backend,
          format: 'iife',
          minify: true,
        });
        const hash = createHash('sha256').update(script).digest('hex').slice(0, 8);
        const name = `other-runtimes/bench-${backend}-${hash}.js`;
        emit(name, script);
        let loadBytes = Buffer.byteLength(script);
        for (const { peer, file, path, bytes, spare } of peerFiles(backend)) {
          emit(folderOf(peer) + file, readFileSync(path));
          if (!spare) loadBytes += bytes;
        }
        backends[backend] = { script: name, loadBytes };
      }
      const about = {
        version: versionOf('saccadenet'),
        liteRtVersion: versionOf(PEER_PACKAGES.litert),
        files: Object.fromEntries(Object.keys(PEER_PACKAGES).map((peer) => [peer, folderOf(peer)])),
        backends,
      };
      return `export const otherRuntimes = ${JSON.stringify(about)};`;
    },
  };
}
