/**
 * Forward and backward passes of a pruned LeNet by the weights that are left (assembly/sparse). It knows the whole
 * net; which weights there are is told by their index in its flat vector.
 */
import sparseWasm from '../../build/sparse.wasm';
import { type Architecture, parametersOf, sidesOf } from './architecture.ts';
import { CLASSES } from './digits.ts';

interface SparseExports {
  forward(...args: number[]): void;
  backward(...args: number[]): void;
  fill(to: number, value: number, floats: number): void;
  relu(y: number, floats: number): void;
  maskPositive(y: number, dy: number, floats: number): void;
  sum(from: number, floats: number): number;
  pool(y: number, out: number, O: number, B: number): void;
  unpool(y: number, out: number, dout: number, dy: number, O: number, B: number): void;
}

interface Stage {
  /** Sides of the input and of the output before pooling; channels of the output. */
  readonly H: number;
  readonly O: number;
  readonly outputs: number;
  readonly pool: boolean;
  readonly relu: boolean;
  /** Pointers of maps and gradients: input, output before pooling, output. */
  readonly x: number;
  readonly dx: number;
  readonly y: number;
  readonly dy: number;
  readonly out: number;
  readonly dout: number;
}

/** The weights of one layer that are there, and its biases: places in memory and in the caller's list. */
interface Entries {
  readonly count: number;
  readonly weights: number;
  readonly gradient: number;
  readonly xAt: number;
  readonly yAt: number;
  /** Index in the caller's list of entry e. */
  readonly from: Int32Array;
  /** Pairs of output channel and index in the caller's list. */
  readonly biases: readonly (readonly [number, number])[];
  /** Output channels that anything writes, and input channels that anything reads. */
  readonly written: readonly number[];
  readonly read: readonly number[];
}

const PAGE = 65536;

export class SparseEngine {
  readonly #exports: SparseExports;
  readonly #memory: WebAssembly.Memory;
  #floats: Float32Array;
  readonly #stages: Stage[] = [];
  readonly #net: Architecture;
  readonly #top: number;
  #entries: Entries[] = [];
  #values: Float32Array = new Float32Array();

  /** @param batch a multiple of 4 */
  constructor(
    net: Architecture,
    readonly batch: number,
  ) {
    this.#net = net;
    const sides = sidesOf(net);
    let top = 16;
    const take = (floats: number) => {
      const at = top;
      top += (floats * 4 + 31) & ~15;
      return at;
    };
    let x = take(net.layers[0].inputs * net.side ** 2 * batch);
    let dx = 0;
    for (const [i, { kernel, outputs, pool, relu }] of net.layers.entries()) {
      const H = sides[i];
      const O = H - kernel + 1;
      const floats = outputs * O * O * batch;
      const [y, dy] = [take(floats), take(floats)];
      const [out, dout] = pool ? [take(floats / 4), take(floats / 4)] : [y, dy];
      this.#stages.push({ H, O, outputs, pool, relu, x, dx, y, dy, out, dout });
      [x, dx] = [out, dout];
    }
    this.#top = top;
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil(top / PAGE) + 1 });
    const module = new WebAssembly.Module(sparseWasm);
    this.#exports = new WebAssembly.Instance(module, { env: { memory: this.#memory } })
      .exports as unknown as SparseExports;
    this.#floats = new Float32Array(this.#memory.buffer);
  }

  /** Input maps, [channel, y, x, batch]. A view until weights are set the next time. */
  get images(): Float32Array {
    const at = this.#stages[0].x >> 2;
    return this.#floats.subarray(at, at + this.#net.layers[0].inputs * this.#net.side ** 2 * this.batch);
  }

  /** Says which weights there are. @param indices of the whole net's vector, ascending */
  setEntries(indices: Int32Array): void {
    const { list } = parametersOf(this.#net);
    const needed = this.#top + indices.length * 16 + this.#stages.length * 64;
    const missing = needed - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
    this.#floats = new Float32Array(this.#memory.buffer);
    const ints = new Int32Array(this.#memory.buffer);
    let top = this.#top;
    let next = 0;
    this.#values = new Float32Array(indices.length);
    this.#entries = this.#stages.map(({ H, O }, i) => {
      const [w, b] = [list[2 * i], list[2 * i + 1]];
      const [k, , inputs, outputs] = w.shape;
      const first = next;
      while (next < indices.length && indices[next] < w.offset + w.size) next++;
      const count = next - first;
      const [weights, gradient, xAt, yAt] = [0, 1, 2, 3].map((n) => top + n * count * 4);
      top += count * 16;
      const written = new Set<number>();
      const read = new Set<number>();
      for (let e = 0; e < count; e++) {
        const index = indices[first + e] - w.offset;
        const n = index % outputs;
        const c = Math.floor(index / outputs) % inputs;
        const q = Math.floor(index / outputs / inputs);
        ints[(xAt >> 2) + e] = ((c * H + Math.floor(q / k)) * H + (q % k)) * this.batch;
        ints[(yAt >> 2) + e] = n * O * O * this.batch;
        written.add(n);
        read.add(c);
      }
      const biases: [number, number][] = [];
      for (; next < indices.length && indices[next] < b.offset + b.size; next++) {
        biases.push([indices[next] - b.offset, next]);
        written.add(indices[next] - b.offset);
      }
      // The answers are read whole.
      if (i === this.#stages.length - 1) for (let n = 0; n < outputs; n++) written.add(n);
      const from = Int32Array.from({ length: count }, (_, e) => first + e);
      return { count, weights, gradient, xAt, yAt, from, biases, written: [...written], read: [...read] };
    });
    // What nothing writes must read as zero.
    for (const { y, out, outputs, O } of this.#stages) {
      this.#exports.fill(y, 0, outputs * O * O * this.batch);
      if (out !== y) this.#exports.fill(out, 0, (outputs * O * O * this.batch) / 4);
    }
  }

  /** Values of the weights that there are, in the order of `setEntries`. */
  setWeights(values: Float32Array): void {
    this.#values.set(values);
    for (const { count, weights, from } of this.#entries) {
      if (count > 0) this.#floats.set(values.subarray(from[0], from[0] + count), weights >> 2);
    }
  }

  /** Channels of the input that anything reads. */
  get inputsRead(): readonly number[] {
    return this.#entries[0].read;
  }

  /** Answers, [10, batch]: a view until the next pass. */
  forward(): Float32Array {
    const B = this.batch;
    for (const [i, s] of this.#stages.entries()) {
      const { count, weights, xAt, yAt, biases, written } = this.#entries[i];
      const plane = s.O * s.O * B;
      for (const n of written) this.#exports.fill(s.y + n * plane * 4, 0, plane);
      for (const [n, at] of biases) this.#exports.fill(s.y + n * plane * 4, this.#values[at], plane);
      this.#exports.forward(s.x, s.y, weights, xAt, yAt, count, s.O, s.H * B, s.O * B);
      for (const n of written) {
        const y = s.y + n * plane * 4;
        if (s.relu) this.#exports.relu(y, plane);
        if (s.pool) this.#exports.pool(y, s.out + n * plane, s.O, B);
      }
    }
    const last = this.#stages[this.#stages.length - 1];
    return this.#floats.subarray(last.y >> 2, (last.y >> 2) + CLASSES * B);
  }

  /** The gradient by the weights that there are, by that of the answers [10, batch] of the last forward pass. */
  backward(answers: Float32Array, gradient: Float32Array): void {
    const B = this.batch;
    this.#floats.set(answers, this.#stages[this.#stages.length - 1].dy >> 2);
    for (let i = this.#stages.length - 1; i >= 0; i--) {
      const s = this.#stages[i];
      const { count, weights, gradient: made, xAt, yAt, from, biases, written, read } = this.#entries[i];
      const plane = s.O * s.O * B;
      for (const n of written) {
        const [y, dy] = [s.y + n * plane * 4, s.dy + n * plane * 4];
        if (s.pool) this.#exports.unpool(y, s.out + n * plane, s.dout + n * plane, dy, s.O, B);
        if (s.relu) this.#exports.maskPositive(y, dy, plane);
      }
      for (const [n, at] of biases) gradient[at] = this.#exports.sum(s.dy + n * plane * 4, plane);
      const inputPlane = s.H * s.H * B;
      if (i > 0) {
        for (const c of read) this.#exports.fill(s.dx + c * inputPlane * 4, 0, inputPlane);
        // Channels that nothing reads have no gradient.
        for (const c of this.#entries[i - 1].written) {
          if (!read.includes(c)) this.#exports.fill(s.dx + c * inputPlane * 4, 0, inputPlane);
        }
      }
      this.#exports.backward(s.x, s.dy, s.dx, weights, made, xAt, yAt, count, s.O, s.H * B, s.O * B);
      if (count > 0) gradient.set(this.#floats.subarray(made >> 2, (made >> 2) + count), from[0]);
    }
  }
}
