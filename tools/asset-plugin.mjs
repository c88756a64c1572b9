// One plugin for rollup, esbuild-in-rollup and vitest: `.wgsl` becomes a string, `.wasm` and `.sacc` become
// a Uint8Array from base64, so that no bundler of a user ever has to find a file beside the script.
import { readFile } from 'node:fs/promises';

const BINARY = /\.(wasm|sacc)$/;
const TEXT = /\.wgsl$/;

/** @returns {import('rollup').Plugin} */
export function assets() {
  return {
    name: 'saccadenet-assets',
    async load(id) {
      const path = id.split('?')[0];
      if (TEXT.test(path)) return `export default ${JSON.stringify(minifyWgsl(await readFile(path, 'utf8')))};`;
      if (!BINARY.test(path)) return null;
      const base64 = (await readFile(path)).toString('base64');
      return `const text = atob(${JSON.stringify(base64)});
const bytes = new Uint8Array(text.length);
for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
export default bytes;`;
    },
  };
}

/** Drops comments and indentation; WGSL has no strings, so this cannot touch meaning. */
function minifyWgsl(source) {
  return source
    .replace(/\/\/[^\n]*/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length > 0)
    .join('\n');
}
