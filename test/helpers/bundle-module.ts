/**
 * A module of this repository as one plain ES module, for what vitest cannot transform: the code of a Node worker.
 * Written into node_modules/.cache, where its imports of packages resolve.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
// @ts-expect-error A plain script, without types.
import { assets } from '../../tools/asset-plugin.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** @param path of the module from the root of the repository */
export async function bundleModule(path: string): Promise<URL> {
  const folder = join(ROOT, 'node_modules', '.cache', 'saccadenet-test');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `${path.replaceAll(/[^a-z0-9]+/gi, '-')}-${process.pid}.mjs`);
  const { load } = assets() as unknown as { load(id: string): Promise<string> };
  await build({
    entryPoints: [join(ROOT, path)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
    external: ['jpeg-js', 'pngjs', 'webgpu'],
    plugins: [
      {
        name: 'saccadenet-node',
        setup({ onResolve, onLoad }) {
          // Not the files in their dist/ folders: Node finds none without their extensions.
          onResolve({ filter: /^@tensorflow\/[^/]*$/ }, ({ path: name }) => ({ path: name, external: true }));
          onLoad({ filter: /\.(wasm|wgsl|sacc)$/ }, async ({ path: file }) => ({
            contents: await load(file),
            loader: 'js',
          }));
        },
      },
    ],
  });
  process.once('exit', () => rmSync(outfile, { force: true }));
  return pathToFileURL(outfile);
}
