/**
 * Blocks of 8, 16 and 32 px: the same detail network over the same part of a frame, and over the blocks that hold
 * people and poles; the attention network, which gives a logit a block, drawn out or cut short to that stride. The
 * networks are not trained: this is their cost, and what an oracle would cover, not what they would find.
 */

import type { Executor, PixelFrame } from '../../src/backends/backend.ts';
import { wasmBackend } from '../../src/backends/wasm/index.ts';
import type { Size } from '../../src/network/geometry.ts';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import type { NetworkSpec } from '../../src/network/spec.ts';
import { randomModel } from '../../train/random-model.ts';
import { processorMs } from './processor-time.ts';

export const SIDES = [8, 16, 32] as const;
const WEIGHTS_SEED = 1;

/** A frame and which of its pixels are of a person or a pole. */
export interface Street {
  readonly frame: PixelFrame;
  readonly mask: Uint8Array;
}

/** The shipped network with other blocks: the stride of its attention layers follows. */
export function withBlock(side: (typeof SIDES)[number]): NetworkSpec {
  const spec = peopleVsPoles();
  const layers = spec.attention.layers.map((layer, i) => {
    if (side === 8 && i === 3) return { ...layer, stride: 1 as const };
    if (side === 32 && i === 4) return { ...layer, stride: 2 as const, residual: false };
    return layer;
  });
  return { ...spec, block: side, attention: { ...spec.attention, layers } };
}

export class SizeBench {
  readonly spec: NetworkSpec;
  readonly #executor: Executor;

  private constructor(spec: NetworkSpec, executor: Executor) {
    this.spec = spec;
    this.#executor = executor;
  }

  static async create(side: (typeof SIDES)[number]): Promise<SizeBench> {
    const spec = withBlock(side);
    return new SizeBench(spec, await wasmBackend().load(randomModel(spec, WEIGHTS_SEED)));
  }

  /** @returns ms of processor time of the attention network */
  async glance(frame: PixelFrame): Promise<number> {
    await this.#executor.upload(frame);
    const startMs = processorMs();
    await this.#executor.glance();
    return processorMs() - startMs;
  }

  /** @returns ms of processor time and MACs of the detail network */
  async inspect(gates: Uint8Array): Promise<{ ms: number; macs: number }> {
    const startMs = processorMs();
    const { macs } = await this.#executor.inspect(gates);
    return { ms: processorMs() - startMs, macs };
  }
}

/** Pixels of people and poles by block. */
export function objectPixels({ frame, mask }: Street, side: number): Float64Array {
  const columns = Math.ceil(frame.width / side);
  const counts = new Float64Array(columns * Math.ceil(frame.height / side));
  mask.forEach((value, at) => {
    if (value === 0) return;
    const [x, y] = [at % frame.width, Math.floor(at / frame.width)];
    counts[Math.floor(y / side) * columns + Math.floor(x / side)]++;
  });
  return counts;
}

/** Share of the object pixels in the blocks that hold most of them, at most `budget` of the blocks. */
export function covered(pixels: Float64Array, budget: number): number {
  const total = pixels.reduce((sum, one) => sum + one, 0);
  const most = [...pixels].sort((a, b) => b - a).slice(0, Math.floor(budget * pixels.length));
  return total === 0 ? 1 : most.reduce((sum, one) => sum + one, 0) / total;
}

/** The same part of a frame in smaller blocks. @param gates of blocks of `from` px */
export function refine(gates: Uint8Array, size: Size, from: number, to: number): Uint8Array {
  const columns = Math.ceil(size.width / from);
  const fine = Math.ceil(size.width / to);
  return Uint8Array.from({ length: fine * Math.ceil(size.height / to) }, (_, block) => {
    const [x, y] = [(block % fine) * to, Math.floor(block / fine) * to];
    return gates[Math.floor(y / from) * columns + Math.floor(x / from)];
  });
}
