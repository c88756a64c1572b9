/** Products of float32 matrices of any size on one thread (assembly/gemm), and the patches of a convolution. */
import wasmBytes from '../../../build/gemm.wasm';

const START = 1024;
const PAGE = 65536;

/** One place of a map after another [height][width][channels]. */
export interface FeatureMap {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Float32Array;
}

function upTo(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

export class Matrices {
  readonly #memory = new WebAssembly.Memory({ initial: 16 });
  readonly #gemm: (...args: number[]) => void;

  constructor() {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(wasmBytes), {
      env: { memory: this.#memory },
    });
    this.#gemm = instance.exports.gemm as (...args: number[]) => void;
  }

  /** a [rows][inner] x b [inner][columns] -> [rows][columns]. */
  multiply(a: Float32Array, b: Float32Array, rows: number, columns: number, inner: number): Float32Array {
    const [m, n] = [upTo(rows, 4), upTo(columns, 8)];
    const [atA, atB, atC] = [START / 4, START / 4 + m * inner, START / 4 + m * inner + inner * n];
    const floats = this.#floats(atC + m * n);
    floats.set(a.subarray(0, rows * inner), atA);
    floats.fill(0, atA + rows * inner, atB);
    if (n === columns) floats.set(b.subarray(0, inner * columns), atB);
    else {
      floats.fill(0, atB, atC);
      for (let k = 0; k < inner; k++) floats.set(b.subarray(k * columns, (k + 1) * columns), atB + k * n);
    }
    this.#gemm(4 * atA, 4 * atB, 4 * atC, m, n, inner);
    if (n === columns) return floats.slice(atC, atC + rows * columns);
    const product = new Float32Array(rows * columns);
    for (let i = 0; i < rows; i++) {
      product.set(floats.subarray(atC + i * n, atC + i * n + columns), i * columns);
    }
    return product;
  }

  #floats(needed: number): Float32Array {
    const missing = needed * 4 - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
    return new Float32Array(this.#memory.buffer);
  }
}

/** [rows][columns] -> [columns][rows]. */
export function transpose(data: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) turned[j * rows + i] = data[i * columns + j];
  }
  return turned;
}

/** What lies under a kernel of `size` x `size` at every place, zeros beyond the edge: [places][size * size * channels]. */
export function patchesOf({ height, width, channels, data }: FeatureMap, size: number): Float32Array {
  if (size === 1) return data;
  const reach = size >> 1;
  const columns = size * size * channels;
  const patches = new Float32Array(height * width * columns);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = (y * width + x) * columns;
      const first = Math.max(0, reach - x);
      const last = Math.min(size, width + reach - x);
      for (let row = 0; row < size; row++) {
        const from = y + row - reach;
        if (from < 0 || from >= height) continue;
        const at = (from * width + x - reach + first) * channels;
        patches.set(data.subarray(at, at + (last - first) * channels), to + (row * size + first) * channels);
      }
    }
  }
  return patches;
}
