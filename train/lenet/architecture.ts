/**
 * The two nets that the compression literature measures itself by, in Caffe's variants: LeNet-300-100 (266,610
 * parameters) and LeNet-5 (431,080), with ReLU after every layer but the last, as in that literature. And smaller
 * nets of the same form: what is left of them when dead units are taken out.
 */
import type { CodedLayer } from '../compress/layers.ts';
import { CLASSES, SIDE } from './digits.ts';

export type NetName = 'lenet-300-100' | 'lenet-5';

/** A layer computes relu(conv(x)) without padding, then, where `pool`, the greatest of 2x2. */
export interface LenetLayer {
  /** Side of the kernel; the map's own where the layer is fully connected. */
  readonly kernel: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly pool: boolean;
  readonly relu: boolean;
}

export interface Architecture {
  readonly name: NetName;
  /** Side of the input map: 28 pixels, or 1 where pixels are channels. */
  readonly side: number;
  readonly layers: readonly LenetLayer[];
}

function chain(
  name: NetName,
  side: number,
  widths: readonly number[],
  kernels: readonly number[],
  pools: number,
): Architecture {
  const layers = kernels.map((kernel, i) => ({
    kernel,
    inputs: widths[i],
    outputs: widths[i + 1],
    pool: i < pools,
    relu: i < kernels.length - 1,
  }));
  return { name, side, layers };
}

/** @param widths inputs, then the outputs of every layer; default: the whole net */
export function architecture(name: NetName, widths?: readonly number[]): Architecture {
  if (name === 'lenet-5') return chain(name, SIDE, widths ?? [1, 20, 50, 500, CLASSES], [5, 5, 4, 1], 2);
  return chain(name, 1, widths ?? [SIDE * SIDE, 300, 100, CLASSES], [1, 1, 1], 0);
}

/** Side of the map that a layer reads, for each layer and of the answer. */
export function sidesOf({ side, layers }: Architecture): number[] {
  const sides = [side];
  for (const { kernel, pool } of layers) {
    const out = sides[sides.length - 1] - kernel + 1;
    sides.push(pool ? out / 2 : out);
  }
  return sides;
}

/** Where weights and biases lie in a flat vector: w1, b1, w2, b2, ... */
export function parametersOf({ layers }: Architecture): { list: CodedLayer[]; size: number } {
  let offset = 0;
  const list: CodedLayer[] = [];
  const add = (name: string, shape: number[]) => {
    const size = shape.reduce((product, n) => product * n, 1);
    list.push({ name, shape, offset, size });
    offset += size;
  };
  for (const [i, { kernel, inputs, outputs }] of layers.entries()) {
    add(`w${i + 1}`, [kernel, kernel, inputs, outputs]);
    add(`b${i + 1}`, [outputs]);
  }
  return { list, size: offset };
}
