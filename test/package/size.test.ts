/**
 * What a page loads to use the package, beside the model: at most 100 kB after brotli, and nothing twice. A page takes
 * one of two ways, by a worker or in its own thread, and never loads the chunks of the other.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { brotliBytes, closure, distFile, importsOf, reachable } from './bundle.ts';

const LIMIT_BYTES = 100_000;
/** Lazily imported chunks are named after the module they were made from. */
const isModel = (file: string) => basename(file).startsWith('default-model');
const isWorker = (file: string) => basename(file).startsWith('inline-worker');
/** The entry of each way, and with it what only it loads. */
const WAYS = {
  'by the worker': ['engine-'],
  'in the page’s thread': ['inline-worker', 'worker-engine', 'client'],
};

const index = distFile('index.js');
const eager = closure(index);
const lazy = [...reachable(index)]
  .flatMap((file) => importsOf(file, 'dynamic'))
  .filter((file) => file.startsWith('/'));

describe('size on the wire', () => {
  it('the worker and the model are chunks of their own, loaded when they are needed', () => {
    expect(lazy.filter(isWorker)).toHaveLength(1);
    expect(lazy.filter(isModel)).toHaveLength(1);
    expect([...eager].filter((file) => isWorker(file) || isModel(file))).toEqual([]);
  });

  it.each(Object.entries(WAYS))('everything but the model, %s, is within the limit', (_, others) => {
    const isOther = (file: string) => others.some((name) => basename(file).startsWith(name));
    const files = [...reachable(index, isOther)].filter((file) => !isModel(file));
    expect(files.length).toBeLessThan([...reachable(index)].length - 1);
    const { total, each } = brotliBytes(files);
    expect(total, JSON.stringify(each)).toBeLessThanOrEqual(LIMIT_BYTES);
  });

  it('what a page loads first holds no wasm, no shader and no worker', () => {
    for (const file of eager) {
      const source = readFileSync(file, 'utf8');
      expect(source).not.toMatch(/0061736d/); // the first bytes of every wasm module, '\0asm'
      expect(source).not.toMatch(/@compute/);
    }
  });
});
