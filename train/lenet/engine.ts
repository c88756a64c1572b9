/**
 * Forward and backward passes of the LeNets on the project's training kernels (assembly/training) in a memory of their
 * own, without tfjs: nets this small spend more in a graph than in arithmetic.
 *
 * Maps are [n, H, W, C] with C padded to a multiple of 8 by units whose weights are zero. A first layer of one channel
 * is computed with 8x8 kernels of which 5x5 are used: the kernels want rows of a multiple of four floats.
 */
import trainingWasm from '../../build/training.wasm';
import trainingFmaWasm from '../../build/training-fma.wasm';
import { fastestOf } from '../ops/relaxed-simd.ts';
import type { TrainingExports } from '../ops/wasm-kernels.ts';
import { type Architecture, parametersOf, sidesOf } from './architecture.ts';

interface Stage {
  /** Kernel, padded inputs and outputs, sides of the bordered input and of the output before pooling. */
  readonly k: number;
  readonly Cp: number;
  readonly Np: number;
  readonly H: number;
  readonly Hp: number;
  readonly O: number;
  readonly pool: boolean;
  readonly relu: boolean;
  /** Pointers. */
  readonly x: number;
  readonly w: number;
  readonly b: number;
  readonly y: number;
  readonly pooled: number;
  readonly dw: number;
  readonly db: number;
  readonly dy: number;
  readonly places: number;
}

const PAGE = 65536;

function up8(n: number): number {
  return (n + 7) & ~7;
}

/** A net for batches of up to `batch` images. */
export class LenetEngine {
  readonly #exports: TrainingExports;
  readonly #floats: Float32Array;
  readonly #ints: Int32Array;
  readonly #stages: Stage[] = [];
  /** For each parameter its place in memory (an index of floats), and of its gradient. */
  readonly #home: Int32Array;
  readonly #gradientHome: Int32Array;
  readonly #scratch: { packed: number; table: number; rows: number; dx: number };
  readonly #winners: Int32Array[] = [];
  readonly #zero: readonly [number, number];
  readonly inputFloats: number;
  readonly #input: number;
  readonly #net: Architecture;

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
    const onePixel = net.layers[0].inputs === 1;
    let x = 0;
    let packed = 0;
    let rows = 0;
    let widest = 0;
    const weightsFrom = top;
    for (const [i, layer] of net.layers.entries()) {
      const wide = i === 0 && onePixel;
      const k = wide ? 8 : layer.kernel;
      const Cp = wide ? 1 : up8(layer.inputs);
      const H = sides[i];
      const Hp = wide ? H + k - layer.kernel : H;
      const O = H - layer.kernel + 1;
      const Np = up8(layer.outputs);
      if (i === 0) x = take(batch * Hp * Hp * Cp + 64);
      const y = take(batch * O * O * Np);
      const pooled = layer.pool ? take((batch * O * O * Np) / 4) : y;
      const weights = k * k * Cp * Np;
      this.#stages.push({
        k,
        Cp,
        Np,
        H,
        Hp,
        O,
        pool: layer.pool,
        relu: layer.relu,
        x,
        y,
        pooled,
        w: take(weights),
        b: take(Np),
        dw: take(weights),
        db: take(Np),
        dy: take(batch * O * O * Np),
        places: take(batch * O * O + 64),
      });
      if (layer.pool) this.#winners.push(new Int32Array((batch * O * O * Np) / 4));
      x = pooled;
      packed = Math.max(packed, weights);
      rows = Math.max(rows, Np);
      if (i > 0) widest = Math.max(widest, batch * H * H * Cp);
    }
    this.#scratch = {
      packed: take(packed),
      table: take(64 + 64),
      rows: take(64 * rows),
      dx: take(widest + 64),
    };
    this.#zero = [weightsFrom, top];
    const memory = new WebAssembly.Memory({ initial: Math.ceil(top / PAGE) + 1 });
    const module = new WebAssembly.Module(fastestOf(trainingFmaWasm, trainingWasm));
    this.#exports = new WebAssembly.Instance(module, { env: { memory } })
      .exports as unknown as TrainingExports;
    this.#floats = new Float32Array(memory.buffer);
    this.#ints = new Int32Array(memory.buffer);
    for (const { places, O } of this.#stages) {
      for (let i = 0; i < batch * O * O; i++) this.#ints[(places >> 2) + i] = i;
    }
    [this.#home, this.#gradientHome] = this.#homes();
    this.#input = this.#stages[0].x >> 2;
    this.inputFloats = this.#stages[0].Hp ** 2 * this.#stages[0].Cp;
  }

  #homes(): [Int32Array, Int32Array] {
    const { size } = parametersOf(this.#net);
    const home = new Int32Array(size);
    const gradientHome = new Int32Array(size);
    let at = 0;
    for (const [i, { kernel, inputs, outputs }] of this.#net.layers.entries()) {
      const { k, Cp, Np, w, b, dw, db } = this.#stages[i];
      for (let ky = 0; ky < kernel; ky++)
        for (let kx = 0; kx < kernel; kx++)
          for (let c = 0; c < inputs; c++)
            for (let n = 0; n < outputs; n++, at++) {
              const to = ((ky * k + kx) * Cp + c) * Np + n;
              home[at] = (w >> 2) + to;
              gradientHome[at] = (dw >> 2) + to;
            }
      for (let n = 0; n < outputs; n++, at++) {
        home[at] = (b >> 2) + n;
        gradientHome[at] = (db >> 2) + n;
      }
    }
    return [home, gradientHome];
  }

  setWeights(vector: Float32Array): void {
    for (let i = 0; i < vector.length; i++) this.#floats[this.#home[i]] = vector[i];
  }

  /** Where the images of a batch are written: `inputFloats` each, rows of Hp pixels, or of padded channels. */
  get images(): Float32Array {
    return this.#floats.subarray(this.#input, this.#input + this.batch * this.inputFloats);
  }

  /** Floats from one row of pixels of an image to the next. */
  get rowFloats(): number {
    return this.#stages[0].Hp * this.#stages[0].Cp;
  }

  /** Answers of the first `count` images: [count, 16], of which 10 count. A view until the next pass. */
  forward(count: number): Float32Array {
    const { packed, table, rows } = this.#scratch;
    for (const [i, s] of this.#stages.entries()) {
      this.#exports.packForward(s.w, packed, s.k * s.k, s.Cp, s.Cp, s.Np, s.Np);
      this.#exports.forward(
        s.x,
        packed,
        s.b,
        0,
        s.y,
        s.places,
        count * s.O * s.O,
        s.Hp,
        s.Hp,
        s.Cp,
        s.O,
        s.O,
        s.Np,
        s.k,
        1,
        Number(s.relu),
        table,
        rows,
      );
      if (s.pool) this.#pool(s, this.#winners[i], count);
    }
    const last = this.#stages[this.#stages.length - 1];
    return this.#floats.subarray(last.y >> 2, (last.y >> 2) + count * last.Np);
  }

  /** The gradient of all parameters by that of the answers, [count, 16], of the last forward pass. */
  backward(answers: Float32Array, count: number, gradient: Float32Array): void {
    const { packed, table, rows, dx } = this.#scratch;
    const last = this.#stages[this.#stages.length - 1];
    this.#floats.set(answers, last.dy >> 2);
    for (let i = this.#stages.length - 1; i >= 0; i--) {
      const s = this.#stages[i];
      const weights = s.k * s.k * s.Cp * s.Np;
      this.#exports.clear(s.dw, weights);
      this.#exports.clear(s.db, s.Np);
      const before = i > 0 ? this.#stages[i - 1] : undefined;
      // The gradient by a map that was not pooled is that of the outputs before it.
      const to = before ? (before.pool ? dx : before.dy) : 0;
      if (before) {
        this.#exports.clear(to, count * s.Hp * s.Hp * s.Cp);
        this.#exports.packBackward(s.w, packed, s.k * s.k, s.Cp, s.Cp, s.Np, s.Np);
      }
      this.#exports.backward(
        s.x,
        s.y,
        s.dy,
        packed,
        to,
        s.dw,
        s.db,
        0,
        s.places,
        count * s.O * s.O,
        s.Hp,
        s.Hp,
        s.Cp,
        s.O,
        s.O,
        s.Np,
        s.k,
        1,
        Number(s.relu),
        0,
        table,
        rows,
      );
      if (before?.pool) this.#unpool(before, this.#winners[i - 1], dx, count);
    }
    for (let i = 0; i < gradient.length; i++) gradient[i] = this.#floats[this.#gradientHome[i]];
  }

  #pool({ y, pooled, O, Np }: Stage, winners: Int32Array, count: number): void {
    const f = this.#floats;
    const half = O / 2;
    let to = pooled >> 2;
    let w = 0;
    for (let n = 0; n < count; n++) {
      for (let oy = 0; oy < half; oy++) {
        for (let ox = 0; ox < half; ox++) {
          const corner = (y >> 2) + ((n * O + 2 * oy) * O + 2 * ox) * Np;
          const below = corner + O * Np;
          for (let c = 0; c < Np; c++) {
            let at = corner + c;
            let best = f[at];
            if (f[corner + Np + c] > best) best = f[(at = corner + Np + c)];
            if (f[below + c] > best) best = f[(at = below + c)];
            if (f[below + Np + c] > best) best = f[(at = below + Np + c)];
            f[to++] = best;
            winners[w++] = at;
          }
        }
      }
    }
  }

  #unpool({ y, dy, O, Np }: Stage, winners: Int32Array, dx: number, count: number): void {
    this.#exports.clear(dy, count * O * O * Np);
    const shift = (dy - y) >> 2;
    const all = (count * O * O * Np) / 4;
    for (let i = 0, from = dx >> 2; i < all; i++, from++)
      this.#floats[winners[i] + shift] = this.#floats[from];
  }

  /** Bytes of memory, for the curious. */
  get bytes(): number {
    return this.#zero[1];
  }
}
