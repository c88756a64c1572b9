/** What the wasm backend does where wasm or memory is missing, and that frames allocate no memory. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Arena } from '../../src/backends/wasm/arena.ts';
import { wasmBackend } from '../../src/backends/wasm/index.ts';
import { padChannels } from '../../src/backends/wasm/layout.ts';
import { randomModel } from '../../train/random-model.ts';
import { EVEN_NET } from '../conformance/nets.ts';
import { randomFrame, randomGates } from '../conformance/random.ts';

afterEach(() => vi.unstubAllGlobals());

/** Counts the buffers and typed arrays made from now on; views of a buffer by `subarray` are none. */
function countBuffers(): () => number {
  let made = 0;
  for (const name of ['ArrayBuffer', 'Uint8Array', 'Int32Array', 'Uint32Array', 'Float32Array'] as const) {
    const construct = (...args: Parameters<typeof Reflect.construct>) => {
      made++;
      return Reflect.construct(...args);
    };
    vi.stubGlobal(name, new Proxy(globalThis[name], { construct }));
  }
  return () => made;
}

describe('where wasm is missing', () => {
  it.each([
    ['no WebAssembly at all', undefined, /no WebAssembly/],
    ['no SIMD', { validate: () => false }, /SIMD/],
  ])('%s: says so, and refuses to load with UNSUPPORTED', async (_, stub, sentence) => {
    vi.stubGlobal('WebAssembly', stub);
    expect(await wasmBackend().unavailable()).toMatch(sentence);
    await expect(wasmBackend().load(randomModel(EVEN_NET, 1))).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('memory', () => {
  it('that cannot grow gives OUT_OF_MEMORY and stays as it was', () => {
    const arena = new Arena();
    const mark = arena.mark;
    arena.allocate(5 * 2 ** 30);
    expect(() => arena.commit(mark)).toThrowError(expect.objectContaining({ code: 'OUT_OF_MEMORY' }));
    expect(arena.memory.buffer.byteLength).toBe(65536);
    arena.reset(mark);
    const address = arena.allocate(100_000);
    arena.commit(mark);
    expect(arena.memory.buffer.byteLength).toBeGreaterThanOrEqual(address + 100_000);
  });

  it('does not grow from frame to frame, nor for a smaller frame', async () => {
    const executor = await wasmBackend().load(randomModel(EVEN_NET, 1));
    const bytes: number[] = [];
    for (const size of [
      { width: 96, height: 64 },
      { width: 96, height: 64 },
      { width: 32, height: 32 },
      { width: 96, height: 64 },
    ]) {
      await executor.upload(randomFrame(size, 1));
      const { columns, rows } = await executor.glance();
      await executor.inspect(randomGates(columns * rows, [0, 1, 2], bytes.length));
      bytes.push(executor.memoryBytes());
    }
    expect(new Set(bytes).size).toBe(1);
    executor.dispose();
    expect(executor.memoryBytes()).toBe(0);
  });

  it('is not allocated by frames in steady state: no buffer is made, whatever the gates', async () => {
    const executor = await wasmBackend().load(randomModel(EVEN_NET, 1));
    const frame = randomFrame({ width: 96, height: 64 }, 1);
    const run = async (seed: number) => {
      await executor.upload(frame);
      const { columns, rows } = await executor.glance();
      const gates = randomGates(columns * rows, [0, 1, 2], seed);
      const count = countBuffers();
      await executor.inspect(gates);
      await executor.upload(frame);
      await executor.glance();
      const made = count();
      vi.unstubAllGlobals();
      return made;
    };
    await run(1);
    expect([await run(2), await run(3), await run(4)]).toEqual([0, 0, 0]);
    const other = randomFrame({ width: 64, height: 64 }, 1);
    const count = countBuffers();
    await executor.upload(other);
    expect(count(), 'another size makes buffers, and they are counted').toBeGreaterThan(0);
    executor.dispose();
  });

  it('pads channels to whole vectors', () => {
    expect([1, 4, 5, 48].map(padChannels)).toEqual([4, 4, 8, 48]);
  });
});
