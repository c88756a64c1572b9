/**
 * Convolution over a list of places, forward and backward: the training kernels that tfjs-backend-wasm lacks.
 * The module works in the memory of tfjs-backend-wasm (imported), so tensors are never copied; it owns no data:
 * every buffer, scratch included, is passed in.
 *
 * A place is one output position, p = (n * OH + oy) * OW + ox. Places not in the list are not computed and stay
 * as the caller left them (zero). A plain convolution is the list of all places.
 *
 * Letters: H W C input, OH OW N output, k kernel, s stride; Hp = H + k - 1 and Wp = W + k - 1 (+ 1 for stride 2 on
 * odd sizes is never read), Cp = C rounded up to 8 (4 where no input gradient is wanted), K = k*k*Cp, Np = N rounded
 * up to 8. f32, NHWC.
 *
 * The input is first copied into a map with a border of zeros, [n, Hp, Wp, Cp]. There the k*Cp numbers under a row of
 * the kernel lie side by side, so a place is one address and the three matrix products read the map itself, nothing
 * is gathered; P is a panel of at most PANEL places with their addresses in a table:
 *   forward        out[P,N]  = x[P; K] . w[K,N]
 *   weight grad    dw[K,N]  += x[P; K]^T . g[P,N]
 *   input grad     dx[P; K] += g[P,N] . w^T[N,K]     added into a bordered map, then copied out
 * All use a register tile of 4 x 8: 8 accumulators of 4 lanes, 2 loads of one factor and 4 splats of the other a step.
 * Loops are not unrolled by hand: V8 loads all of a body before it multiplies, so unrolled bodies spill.
 */

import { madd } from './madd';

export { join, joinGradient } from './join';

export const PANEL: i32 = 64;

/** Zeros; quicker than an engine's own filling of a typed array. */
export function clear(pointer: usize, floats: i32): void {
  memory.fill(pointer, 0, (<usize>floats) << 2);
}

// @ts-ignore: decorator
@inline
function at(base: usize, index: i32): usize {
  return base + ((<usize>index) << 2);
}

/** w[k*k*C, N] into panels of 8 columns, [Np / 8][K][8], zero padded. */
export function packForward(w: usize, packed: usize, kk: i32, C: i32, Cp: i32, N: i32, Np: i32): void {
  const K = kk * Cp;
  memory.fill(packed, 0, <usize>(K * Np) << 2);
  for (let q = 0; q < kk; q++) {
    for (let c = 0; c < C; c++) {
      const row = at(w, (q * C + c) * N);
      const k = q * Cp + c;
      for (let n = 0; n < N; n++) f32.store(at(packed, ((n >> 3) * K + k) * 8 + (n & 7)), f32.load(at(row, n)));
    }
  }
}

/** The transpose of w into panels of 8 of its rows k, [K / 8][Np][8], zero padded. */
export function packBackward(w: usize, packed: usize, kk: i32, C: i32, Cp: i32, N: i32, Np: i32): void {
  memory.fill(packed, 0, <usize>(kk * Cp * Np) << 2);
  for (let q = 0; q < kk; q++) {
    for (let c = 0; c < C; c++) {
      const row = at(w, (q * C + c) * N);
      const k = q * Cp + c;
      const to = at(packed, (k >> 3) * Np * 8 + (k & 7));
      for (let n = 0; n < N; n++) f32.store(at(to, n * 8), f32.load(at(row, n)));
    }
  }
}

/** dw[K, Np] with padded channels to dw[k*k*C, N]. */
export function unpackWeights(padded: usize, dw: usize, kk: i32, C: i32, Cp: i32, N: i32, Np: i32): void {
  for (let q = 0; q < kk; q++) {
    for (let c = 0; c < C; c++) {
      memory.copy(at(dw, (q * C + c) * N), at(padded, (q * Cp + c) * Np), <usize>N << 2);
    }
  }
}

/** x[n, H, W, C] into the middle of a bordered map [n, H + 2 pad, W + 2 pad, Cp]. */
export function addBorder(x: usize, to: usize, n: i32, H: i32, W: i32, C: i32, Cp: i32, pad: i32): void {
  const Wp = W + 2 * pad;
  const Hp = H + 2 * pad;
  const edge = <usize>(pad * Cp) << 2;
  const row = <usize>(Wp * Cp) << 2;
  for (let i = 0; i < n; i++) {
    memory.fill(to, 0, row * pad);
    to += row * pad;
    for (let y = 0; y < H; y++) {
      memory.fill(to, 0, edge);
      to += edge;
      if (C == Cp) {
        const length = <usize>(W * C) << 2;
        memory.copy(to, x, length);
        x += length;
        to += length;
      } else {
        for (let u = 0; u < W; u++) {
          for (let c = 0; c < C; c++) f32.store(at(to, c), f32.load(at(x, c)));
          for (let c = C; c < Cp; c++) f32.store(at(to, c), 0);
          x = at(x, C);
          to = at(to, Cp);
        }
      }
      memory.fill(to, 0, edge);
      to += edge;
    }
    memory.fill(to, 0, row * pad);
    to += row * pad;
  }
}

/** The middle of a bordered map, back to [n, H, W, C]: the inverse of `addBorder`. */
export function cutBorder(from: usize, x: usize, n: i32, H: i32, W: i32, C: i32, Cp: i32, pad: i32): void {
  const Wp = W + 2 * pad;
  const Hp = H + 2 * pad;
  for (let i = 0; i < n; i++) {
    for (let y = 0; y < H; y++) {
      let source = at(from, ((i * Hp + y + pad) * Wp + pad) * Cp);
      if (C == Cp) {
        memory.copy(x, source, <usize>(W * C) << 2);
        x = at(x, W * C);
      } else {
        for (let u = 0; u < W; u++) {
          memory.copy(x, source, <usize>C << 2);
          x = at(x, C);
          source = at(source, Cp);
        }
      }
    }
  }
}

/** Addresses in a bordered map of what the kernel sees from each place; up to a multiple of 4 the last repeats. */
function locate(map: usize, places: usize, count: i32, table: usize, OH: i32, OW: i32, s: i32, Hp: i32, Wp: i32, Cp: i32): void {
  let address: usize = map;
  const rows = (count + 3) & ~3;
  for (let i = 0; i < rows; i++) {
    if (i < count) {
      const p = i32.load(at(places, i));
      const row = p / OW;
      const image = row / OH;
      address = at(map, ((image * Hp + (row - image * OH) * s) * Wp + (p - row * OW) * s) * Cp);
    }
    store<usize>(at(table, i), address);
  }
}

/**
 * y at the listed places = activation(conv(x) + bias + residual). `residual` 0 means none; xp is the bordered input.
 * Scratch: table[PANEL], out[PANEL * Np].
 */
export function forward(
  xp: usize, packed: usize, bias: usize, residual: usize, y: usize, places: usize, count: i32,
  Hp: i32, Wp: i32, Cp: i32, OH: i32, OW: i32, N: i32, k: i32, s: i32, relu: bool, table: usize, out: usize,
): void {
  const Np = (N + 7) & ~7;
  const K = k * k * Cp;
  const span = k * Cp;
  const skip = <usize>((Wp - k) * Cp) << 2;
  const outRow = <usize>Np << 2;
  for (let start = 0; start < count; start += PANEL) {
    const panel = min(PANEL, count - start);
    const list = at(places, start);
    locate(xp, list, panel, table, OH, OW, s, Hp, Wp, Cp);
    for (let j = 0; j < Np; j += 8) {
      const w = at(packed, j * K);
      for (let i = 0; i < panel; i += 4) {
        let a0 = load<usize>(at(table, i)), a1 = load<usize>(at(table, i), 4), a2 = load<usize>(at(table, i), 8), a3 = load<usize>(at(table, i), 12);
        let b = w;
        let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
        for (let ky = 0; ky < k; ky++) {
          const end = at(a0, span);
          while (a0 < end) {
            const b0 = v128.load(b), b1 = v128.load(b, 16);
            let x = v128.load32_splat(a0);
            c00 = madd(x, b0, c00);
            c01 = madd(x, b1, c01);
            x = v128.load32_splat(a1);
            c10 = madd(x, b0, c10);
            c11 = madd(x, b1, c11);
            x = v128.load32_splat(a2);
            c20 = madd(x, b0, c20);
            c21 = madd(x, b1, c21);
            x = v128.load32_splat(a3);
            c30 = madd(x, b0, c30);
            c31 = madd(x, b1, c31);
            a0 += 4; a1 += 4; a2 += 4; a3 += 4;
            b += 32;
          }
          a0 += skip; a1 += skip; a2 += skip; a3 += skip;
        }
        const c = at(out, i * Np + j);
        v128.store(c, c00); v128.store(c, c01, 16);
        v128.store(c + outRow, c10); v128.store(c + outRow, c11, 16);
        v128.store(c + 2 * outRow, c20); v128.store(c + 2 * outRow, c21, 16);
        v128.store(c + 3 * outRow, c30); v128.store(c + 3 * outRow, c31, 16);
      }
    }
    for (let i = 0; i < panel; i++) {
      const place = i32.load(at(list, i)) * N;
      const row = at(out, i * Np);
      let n = 0;
      for (; n + 4 <= N; n += 4) {
        let value = f32x4.add(v128.load(at(row, n)), v128.load(at(bias, n)));
        if (residual) value = f32x4.add(value, v128.load(at(residual, place + n)));
        if (relu) value = f32x4.max(value, f32x4.splat(0));
        v128.store(at(y, place + n), value);
      }
      for (; n < N; n++) {
        let value = f32.load(at(row, n)) + f32.load(at(bias, n));
        if (residual) value += f32.load(at(residual, place + n));
        if (relu) value = max<f32>(value, 0);
        f32.store(at(y, place + n), value);
      }
    }
  }
}

/**
 * Gradients at the listed places, added to what dxp, dw, db hold (the caller zeroes them); `dxp` 0 and `dresidual` 0
 * mean not wanted. xp and dxp are bordered, dw is [K, Np]; y is the forward output (its sign is the relu's mask).
 * `through`: the residual was x itself (stride 1, N = C), so its gradient goes to dxp too.
 * Scratch: table[PANEL], grad[PANEL * Np].
 */
export function backward(
  xp: usize, y: usize, dy: usize, packedT: usize, dxp: usize, dw: usize, db: usize, dresidual: usize, places: usize, count: i32,
  Hp: i32, Wp: i32, Cp: i32, OH: i32, OW: i32, N: i32, k: i32, s: i32, relu: bool, through: bool, table: usize, grad: usize,
): void {
  const Np = (N + 7) & ~7;
  for (let start = 0; start < count; start += PANEL) {
    const panel = min(PANEL, count - start);
    const list = at(places, start);
    outputGradient(y, dy, db, dresidual, list, panel, N, Np, relu, grad);
    locate(xp, list, panel, table, OH, OW, s, Hp, Wp, Cp);
    weightGradient(table, grad, dw, panel, Wp, Cp, Np, k);
    if (!dxp) continue;
    locate(dxp, list, panel, table, OH, OW, s, Hp, Wp, Cp);
    inputGradient(table, grad, packedT, panel, Wp, Cp, Np, k);
    if (through) addRows(table, grad, panel, at(0, ((k - 1) >> 1) * (Wp + 1) * Cp), N, Np);
  }
}

/** Adds the rows of grad to the middles of what the places see. */
function addRows(table: usize, grad: usize, panel: i32, middle: usize, N: i32, Np: i32): void {
  for (let i = 0; i < panel; i++) {
    const to = load<usize>(at(table, i)) + middle;
    const row = at(grad, i * Np);
    let n = 0;
    for (; n + 4 <= N; n += 4) v128.store(at(to, n), f32x4.add(v128.load(at(to, n)), v128.load(at(row, n))));
    for (; n < N; n++) f32.store(at(to, n), f32.load(at(to, n)) + f32.load(at(row, n)));
  }
}

/** Rows of dy at the places with the relu's mask, zero up to a multiple of 4; adds their sum to db. */
function outputGradient(y: usize, dy: usize, db: usize, dresidual: usize, list: usize, panel: i32, N: i32, Np: i32, relu: bool, grad: usize): void {
  memory.fill(grad, 0, <usize>(((panel + 3) & ~3) * Np) << 2);
  for (let i = 0; i < panel; i++) {
    const place = i32.load(at(list, i)) * N;
    const row = at(grad, i * Np);
    let n = 0;
    for (; n + 4 <= N; n += 4) {
      let value = v128.load(at(dy, place + n));
      if (relu) value = v128.and(value, f32x4.gt(v128.load(at(y, place + n)), f32x4.splat(0)));
      v128.store(at(row, n), value);
      v128.store(at(db, n), f32x4.add(v128.load(at(db, n)), value));
      if (dresidual) v128.store(at(dresidual, place + n), value);
    }
    for (; n < N; n++) {
      let value = f32.load(at(dy, place + n));
      if (relu && !(f32.load(at(y, place + n)) > 0)) value = 0;
      f32.store(at(row, n), value);
      f32.store(at(db, n), f32.load(at(db, n)) + value);
      if (dresidual) f32.store(at(dresidual, place + n), value);
    }
  }
}

/** dw[K, Np] += x[panel; K]^T . grad[panel, Np]: tiles of 4 k and 8 n, over the places. */
function weightGradient(table: usize, grad: usize, dw: usize, panel: i32, Wp: i32, Cp: i32, Np: i32, k: i32): void {
  const row = <usize>Np << 2;
  const last = at(table, panel);
  for (let ky = 0; ky < k; ky++) {
    for (let r = 0; r < k * Cp; r += 4) {
      const offset = at(0, ky * Wp * Cp + r);
      for (let j = 0; j < Np; j += 8) {
        const c = at(dw, (ky * k * Cp + r) * Np + j);
        let c00 = v128.load(c), c01 = v128.load(c, 16), c10 = v128.load(c + row), c11 = v128.load(c + row, 16);
        let c20 = v128.load(c + 2 * row), c21 = v128.load(c + 2 * row, 16), c30 = v128.load(c + 3 * row), c31 = v128.load(c + 3 * row, 16);
        let b = at(grad, j);
        for (let p = table; p < last; p += 4) {
          const a = load<usize>(p) + offset;
          const b0 = v128.load(b), b1 = v128.load(b, 16);
          let x = v128.load32_splat(a);
          c00 = madd(x, b0, c00);
          c01 = madd(x, b1, c01);
          x = v128.load32_splat(a, 4);
          c10 = madd(x, b0, c10);
          c11 = madd(x, b1, c11);
          x = v128.load32_splat(a, 8);
          c20 = madd(x, b0, c20);
          c21 = madd(x, b1, c21);
          x = v128.load32_splat(a, 12);
          c30 = madd(x, b0, c30);
          c31 = madd(x, b1, c31);
          b += row;
        }
        v128.store(c, c00); v128.store(c, c01, 16);
        v128.store(c + row, c10); v128.store(c + row, c11, 16);
        v128.store(c + 2 * row, c20); v128.store(c + 2 * row, c21, 16);
        v128.store(c + 3 * row, c30); v128.store(c + 3 * row, c31, 16);
      }
    }
  }
}

/** dx[panel; K] += grad[panel, Np] . w^T: tiles of 4 places and 8 k, over the outputs. Rows past the panel add zero. */
function inputGradient(table: usize, grad: usize, packedT: usize, panel: i32, Wp: i32, Cp: i32, Np: i32, k: i32): void {
  const row = <usize>Np << 2;
  let w = packedT;
  for (let ky = 0; ky < k; ky++) {
    for (let r = 0; r < k * Cp; r += 8) {
      const offset = at(0, ky * Wp * Cp + r);
      for (let i = 0; i < panel; i += 4) {
        let a0 = at(grad, i * Np), a1 = a0 + row, a2 = a1 + row, a3 = a2 + row;
        let b = w;
        let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
        const end = a0 + row;
        while (a0 < end) {
          const b0 = v128.load(b), b1 = v128.load(b, 16);
          let x = v128.load32_splat(a0);
          c00 = madd(x, b0, c00);
          c01 = madd(x, b1, c01);
          x = v128.load32_splat(a1);
          c10 = madd(x, b0, c10);
          c11 = madd(x, b1, c11);
          x = v128.load32_splat(a2);
          c20 = madd(x, b0, c20);
          c21 = madd(x, b1, c21);
          x = v128.load32_splat(a3);
          c30 = madd(x, b0, c30);
          c31 = madd(x, b1, c31);
          a0 += 4; a1 += 4; a2 += 4; a3 += 4;
          b += 32;
        }
        accumulate(load<usize>(at(table, i)) + offset, c00, c01);
        accumulate(load<usize>(at(table, i), 4) + offset, c10, c11);
        accumulate(load<usize>(at(table, i), 8) + offset, c20, c21);
        accumulate(load<usize>(at(table, i), 12) + offset, c30, c31);
      }
      w = at(w, Np * 8);
    }
  }
}

// @ts-ignore: decorator
@inline
function accumulate(c: usize, first: v128, second: v128): void {
  v128.store(c, f32x4.add(v128.load(c), first));
  v128.store(c, f32x4.add(v128.load(c, 16), second), 16);
}
