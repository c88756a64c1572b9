/** The demo page, built to dist/demo from the built package: `saccadenet` is dist/index.js, as a user gets it. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at('.'),
  base: './',
  publicDir: false,
  resolve: { alias: { saccadenet: at('../dist/index.js') } },
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
