import { build } from 'esbuild';
import { assets } from '/work/main/tools/asset-plugin.mjs';

const a = assets();
await build({
  entryPoints: [process.argv[2]],
  outfile: process.argv[3],
  bundle: true,
  platform: 'node',
  format: 'esm',
  external: ['jpeg-js', 'pngjs'],
  plugins: [
    {
      name: 'tf',
      setup(b) {
        b.onResolve({ filter: /^@tensorflow\/[^/]*$/ }, ({ path }) => ({ path, external: true }));
      },
    },
    {
      name: 'a',
      setup(b) {
        b.onLoad({ filter: /\.(wasm|wgsl|sacc)$/ }, async ({ path }) => ({
          contents: await a.load(path),
          loader: 'js',
        }));
      },
    },
  ],
});
