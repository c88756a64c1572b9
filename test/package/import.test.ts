/** Importing the package touches nothing: in plain Node, and where every browser global would throw if read. */
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { distFile } from './bundle.ts';

/** Runs in a child process: this one has vitest's globals. */
const SCRIPT = `
const touched = [];
for (const name of ['window', 'document', 'self', 'navigator', 'location', 'Worker', 'GPUDevice', 'ImageData',
  'OffscreenCanvas', 'fetch', 'Blob', 'localStorage', 'requestAnimationFrame']) {
  Object.defineProperty(globalThis, name, { configurable: true, get() { touched.push(name); return undefined; } });
}
const before = Object.getOwnPropertyNames(globalThis).sort().join();
const names = [];
for (const url of process.argv.slice(1)) names.push(Object.keys(await import(url)).sort());
const added = Object.getOwnPropertyNames(globalThis).sort().join() !== before;
console.log(JSON.stringify({ touched, added, names }));
`;

function importInChild(...files: string[]): { touched: string[]; added: boolean; names: string[][] } {
  const urls = files.map((file) => pathToFileURL(file).href);
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', SCRIPT, ...urls], {
    encoding: 'utf8',
  });
  return JSON.parse(output);
}

describe('import in plain Node', () => {
  it('of saccadenet reads and adds no global', () => {
    const { touched, added, names } = importInChild(distFile('index.js'));
    expect(touched).toEqual([]);
    expect(added).toBe(false);
    expect(names[0]).toEqual(expect.arrayContaining(['SaccadeNetError', 'checkSupport', 'createSaccadeNet']));
  });

  it('of saccadenet/codec reads and adds no global', () => {
    const { touched, added } = importInChild(distFile('codec.js'));
    expect(touched).toEqual([]);
    expect(added).toBe(false);
  });
});
