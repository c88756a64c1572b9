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
  forwardPooled(...args: number[]): void;
  backwardPooled(...args: number[]): number;
}

interface Stage {
  /** Sides of the input and of the output before pooling; channels of both. */
  readonly H: number;
  readonly O: number;
  readonly outputs: number;
  readonly pool: boolean;
  readonly relu: boolean;
  /** Pointers of maps and gradients, and, where it pools, of the corners that were the greatest. */
  readonly x: number;
  readonly dx: number;
  readonly y: number;
  readonly dy: number;
  readonly picks: number;
  /** Floats of a channel of the output. */
  readonly plane: number;
}

/** The weights of one layer that are there, and its biases: places in memory and in the caller's list. */
interface Entries {
  readonly count: number;
  readonly weights: number;
  readonly gradient: number;
  readonly xAt: number;
  readonly yAt: number;
  /** Four floats an entry. */
  readonly sums: number;
  /** Index in the caller's list of entry e. */
  readonly from: Int32Array;
  /** Where the entries of an output channel end; they begin where the channel's before end. */
  readonly ends: Int32Array;
  /** Index in the caller's list of an output channel's bias, -1 where it has none. */
  readonly biases: Int32Array;
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

  /** @param batch a multiple of 8 */
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
      const side = pool ? O / 2 : O;
      const plane = side * side * batch;
      const [y, dy] = [take(outputs * plane), take(outputs * plane)];
      const picks = pool ? take(outputs * plane) : 0;
      this.#stages.push({ H, O, outputs, pool, relu, x, dx, y, dy, picks, plane });
      [x, dx] = [y, dy];
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
    const needed = this.#top + indices.length * 32 + this.#stages.length * 64;
    const missing = needed - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
    this.#floats = new Float32Array(this.#memory.buffer);
    const ints = new Int32Array(this.#memory.buffer);
    let top = this.#top;
    let next = 0;
    this.#values = new Float32Array(indices.length);
    this.#entries = this.#stages.map(({ H, plane, outputs }, i) => {
      const [w, b] = [list[2 * i], list[2 * i + 1]];
      const [k, , inputs] = w.shape;
      const first = next;
      while (next < indices.length && indices[next] < w.offset + w.size) next++;
      const count = next - first;
      const outputOf = (at: number) => (indices[at] - w.offset) % outputs;
      // By output channel, so that a channel's sum is made in one go.
      const from = Int32Array.from({ length: count }, (_, e) => first + e).sort(
        (one, other) => outputOf(one) - outputOf(other) || one - other,
      );
      const [weights, gradient, xAt, yAt, sums] = [0, 1, 2, 3, 4].map((n) => top + n * count * 4);
      top += count * 32;
      const ends = new Int32Array(outputs);
      const read = new Set<number>();
      for (const [e, at] of from.entries()) {
        const place = Math.floor((indices[at] - w.offset) / outputs);
        const [q, c] = [Math.floor(place / inputs), place % inputs];
        ints[(xAt >> 2) + e] = ((c * H + Math.floor(q / k)) * H + (q % k)) * this.batch;
        ints[(yAt >> 2) + e] = outputOf(at) * plane;
        ends[outputOf(at)] = e + 1;
        read.add(c);
      }
      for (let n = 1; n < outputs; n++) ends[n] = Math.max(ends[n], ends[n - 1]);
      const biases = new Int32Array(outputs).fill(-1);
      for (; next < indices.length && indices[next] < b.offset + b.size; next++) {
        biases[indices[next] - b.offset] = next;
      }
      // The answers are read whole.
      const all = i === this.#stages.length - 1;
      const written = [...biases.keys()].filter(
        (n) => all || biases[n] >= 0 || ends[n] > (n > 0 ? ends[n - 1] : 0),
      );
      return {
        count,
        weights,
        gradient,
        xAt,
        yAt,
        sums,
        from,
        ends,
        biases,
        written,
        read: [...read],
      };
    });
    // What nothing writes must read as zero.
    for (const { y, outputs, plane } of this.#stages) this.#exports.fill(y, 0, outputs * plane);
  }

  /** Values of the weights that there are, in the order of `setEntries`. */
  setWeights(values: Float32Array): void {
    this.#values.set(values);
    for (const { weights, from } of this.#entries) {
      for (let e = 0, at = weights >> 2; e < from.length; e++, at++) this.#floats[at] = values[from[e]];
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
      const { count, weights, xAt, yAt, ends, biases, written } = this.#entries[i];
      const bias = (n: number) => (biases[n] < 0 ? 0 : this.#values[biases[n]]);
      if (s.pool) {
        for (const n of written) {
          const [y, picks] = [s.y + n * s.plane * 4, s.picks + n * s.plane * 4];
          const begin = n > 0 ? ends[n - 1] : 0;
          this.#exports.forwardPooled(s.x, y, picks, weights, xAt, begin, ends[n], bias(n), s.O, s.H * B, B);
        }
        continue;
      }
      for (const n of written) this.#exports.fill(s.y + n * s.plane * 4, bias(n), s.plane);
      this.#exports.forward(s.x, s.y, weights, xAt, yAt, count, s.O, s.H * B, s.O * B);
      if (s.relu) for (const n of written) this.#exports.relu(s.y + n * s.plane * 4, s.plane);
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
      const {
        count,
        weights,
        gradient: made,
        xAt,
        yAt,
        sums,
        from,
        ends,
        biases,
        written,
        read,
      } = this.#entries[i];
      if (i > 0) {
        const inputPlane = this.#stages[i - 1].plane;
        for (const c of read) this.#exports.fill(s.dx + c * inputPlane * 4, 0, inputPlane);
        // Channels that nothing reads have no gradient.
        for (const c of this.#entries[i - 1].written) {
          if (!read.includes(c)) this.#exports.fill(s.dx + c * inputPlane * 4, 0, inputPlane);
        }
      }
      for (const n of written) {
        const [y, dy] = [s.y + n * s.plane * 4, s.dy + n * s.plane * 4];
        let sum: number;
        if (s.pool) {
          const begin = n > 0 ? ends[n - 1] : 0;
          sum = this.#exports.backwardPooled(
            s.x,
            s.dx,
            dy,
            s.picks + n * s.plane * 4,
            weights,
            made,
            xAt,
            sums,
            begin,
            ends[n],
            s.O,
            s.H * B,
            B,
          );
        } else {
          if (s.relu) this.#exports.maskPositive(y, dy, s.plane);
          sum = this.#exports.sum(dy, s.plane);
        }
        if (biases[n] >= 0) gradient[biases[n]] = sum;
      }
      if (!s.pool)
        this.#exports.backward(s.x, s.dy, s.dx, weights, made, xAt, yAt, count, s.O, s.H * B, s.O * B);
      for (let e = 0, at = made >> 2; e < count; e++, at++) gradient[from[e]] = this.#floats[at];
    }
  }
}
