/**
 * Convolution over a list of places, forward and backward: the training kernels that tfjs-backend-wasm lacks.
 * The module works in the memory of tfjs-backend-wasm (imported), so tensors are never copied; it owns no data:
 * every buffer, scratch included, is passed in.
 *
 * A place is one output position, p = (n * OH + oy) * OW + ox. Places not in the list are not computed and stay
 * as the caller left them (zero). A plain convolution is the list of all places.
 *
 * Letters: H W C input, OH OW N output, k kernel, s stride, K = k*k*C and Kp = K rounded up to 8, Np = N rounded
 * up to 8, P places of a panel (at most PANEL). f32, NHWC, weights [K, N].
 * Panels are gathered (im2col) so that the matrix products run over PANEL rows whatever the list looks like:
 *   forward        out[P,Np]  = col[P,Kp] . w[Kp,Np]
 *   weight grad    dw[Kp,Np] += col[P,Kp]^T . dy[P,Np]
 *   input grad     dcol[P,Kp] = dy[P,Np] . w^T[Np,Kp], scattered back (col2im)
 * All use one register tile, 4 rows x 8 columns: 8 accumulators of 4 lanes, 2 loads of B, 4 splats of A a step.
 */

export const PANEL: i32 = 64;

// @ts-ignore: decorator
@inline
function at(base: usize, index: i32): usize {
  return base + ((<usize>index) << 2);
}

/** c[4, 8] (+)= a[4, depth] . b[depth, 8]; strides in bytes. */
// @ts-ignore: decorator
@inline
function tile(a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, c: usize, cRow: usize, depth: i32, add: bool): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  for (let k = 0; k < depth; k++) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(x, b0));
    c01 = f32x4.add(c01, f32x4.mul(x, b1));
    x = v128.load32_splat(a + aRow);
    c10 = f32x4.add(c10, f32x4.mul(x, b0));
    c11 = f32x4.add(c11, f32x4.mul(x, b1));
    x = v128.load32_splat(a + 2 * aRow);
    c20 = f32x4.add(c20, f32x4.mul(x, b0));
    c21 = f32x4.add(c21, f32x4.mul(x, b1));
    x = v128.load32_splat(a + 3 * aRow);
    c30 = f32x4.add(c30, f32x4.mul(x, b0));
    c31 = f32x4.add(c31, f32x4.mul(x, b1));
    a += aStep;
    b += bStep;
  }
  if (add) {
    c00 = f32x4.add(c00, v128.load(c)); c01 = f32x4.add(c01, v128.load(c, 16));
    c10 = f32x4.add(c10, v128.load(c + cRow)); c11 = f32x4.add(c11, v128.load(c + cRow, 16));
    c20 = f32x4.add(c20, v128.load(c + 2 * cRow)); c21 = f32x4.add(c21, v128.load(c + 2 * cRow, 16));
    c30 = f32x4.add(c30, v128.load(c + 3 * cRow)); c31 = f32x4.add(c31, v128.load(c + 3 * cRow, 16));
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  v128.store(c + cRow, c10); v128.store(c + cRow, c11, 16);
  v128.store(c + 2 * cRow, c20); v128.store(c + 2 * cRow, c21, 16);
  v128.store(c + 3 * cRow, c30); v128.store(c + 3 * cRow, c31, 16);
}

/** w[K, N] into panels of 8 columns, [Np / 8][Kp][8], zero padded. */
export function packForward(w: usize, packed: usize, K: i32, N: i32, Kp: i32, Np: i32): void {
  memory.fill(packed, 0, <usize>(Kp * Np) << 2);
  for (let k = 0; k < K; k++) {
    for (let n = 0; n < N; n++) f32.store(at(packed, ((n >> 3) * Kp + k) * 8 + (n & 7)), f32.load(at(w, k * N + n)));
  }
}

/** The transpose of w[K, N] into panels of 8 of its columns k, [Kp / 8][Np][8], zero padded. */
export function packBackward(w: usize, packed: usize, K: i32, N: i32, Kp: i32, Np: i32): void {
  memory.fill(packed, 0, <usize>(Kp * Np) << 2);
  for (let k = 0; k < K; k++) {
    for (let n = 0; n < N; n++) f32.store(at(packed, ((k >> 3) * Np + n) * 8 + (k & 7)), f32.load(at(w, k * N + n)));
  }
}

/** Input patches of `count` places into col[count, Kp]; outside the map zero. */
function gather(x: usize, col: usize, places: usize, count: i32, H: i32, W: i32, C: i32, OH: i32, OW: i32, k: i32, s: i32, Kp: i32): void {
  const pad = (k - 1) >> 1;
  const pixel = <usize>C << 2;
  const tail = <usize>(Kp - k * k * C) << 2;
  for (let i = 0; i < count; i++) {
    const p = i32.load(at(places, i));
    const ox = p % OW;
    const row = p / OW;
    const oy = row % OH;
    const image = x + <usize>(row / OH) * <usize>(H * W) * pixel;
    const x0 = ox * s - pad;
    let to = at(col, i * Kp);
    for (let ky = 0; ky < k; ky++) {
      const iy = oy * s + ky - pad;
      if (iy < 0 || iy >= H) {
        memory.fill(to, 0, pixel * k);
        to += pixel * k;
      } else if (x0 >= 0 && x0 + k <= W) {
        memory.copy(to, image + <usize>(iy * W + x0) * pixel, pixel * k);
        to += pixel * k;
      } else {
        for (let kx = 0; kx < k; kx++) {
          const ix = x0 + kx;
          if (ix < 0 || ix >= W) memory.fill(to, 0, pixel);
          else memory.copy(to, image + <usize>(iy * W + ix) * pixel, pixel);
          to += pixel;
        }
      }
    }
    if (tail) memory.fill(to, 0, tail);
  }
}

/** Adds dcol[count, Kp] back to dx: the transpose of `gather`. */
function scatter(dcol: usize, dx: usize, places: usize, count: i32, H: i32, W: i32, C: i32, OH: i32, OW: i32, k: i32, s: i32, Kp: i32): void {
  const pad = (k - 1) >> 1;
  for (let i = 0; i < count; i++) {
    const p = i32.load(at(places, i));
    const ox = p % OW;
    const row = p / OW;
    const oy = row % OH;
    const image = at(dx, (row / OH) * H * W * C);
    let from = at(dcol, i * Kp);
    for (let ky = 0; ky < k; ky++) {
      const iy = oy * s + ky - pad;
      if (iy < 0 || iy >= H) {
        from = at(from, k * C);
        continue;
      }
      const first = max(0, pad - ox * s);
      const last = min(k, W - ox * s + pad);
      let to = at(image, (iy * W + ox * s - pad + first) * C);
      const length = (last - first) * C;
      const source = at(from, first * C);
      let c = 0;
      for (; c + 4 <= length; c += 4) {
        v128.store(at(to, c), f32x4.add(v128.load(at(to, c)), v128.load(at(source, c))));
      }
      for (; c < length; c++) f32.store(at(to, c), f32.load(at(to, c)) + f32.load(at(source, c)));
      from = at(from, k * C);
    }
  }
}

/**
 * y at the listed places = activation(conv(x) + bias + residual). `residual` 0 means none.
 * Scratch: col[PANEL * Kp], out[PANEL * Np].
 */
export function forward(
  x: usize, packed: usize, bias: usize, residual: usize, y: usize, places: usize, count: i32,
  H: i32, W: i32, C: i32, OH: i32, OW: i32, N: i32, k: i32, s: i32, relu: bool, col: usize, out: usize,
): void {
  const Kp = (k * k * C + 7) & ~7;
  const Np = (N + 7) & ~7;
  const colRow = <usize>Kp << 2, outRow = <usize>Np << 2;
  for (let start = 0; start < count; start += PANEL) {
    const panel = min(PANEL, count - start);
    const rows = (panel + 3) & ~3;
    const list = at(places, start);
    gather(x, col, list, panel, H, W, C, OH, OW, k, s, Kp);
    for (let j = 0; j < Np; j += 8) {
      const b = at(packed, j * Kp);
      for (let i = 0; i < rows; i += 4) {
        tile(at(col, i * Kp), colRow, 4, b, 32, at(out, i * Np + j), outRow, Kp, false);
      }
    }
    for (let i = 0; i < panel; i++) {
      const place = i32.load(at(list, i)) * N;
      const row = at(out, i * Np);
      for (let n = 0; n < N; n++) {
        let value = f32.load(at(row, n)) + f32.load(at(bias, n));
        if (residual) value += f32.load(at(residual, place + n));
        if (relu) value = max<f32>(value, 0);
        f32.store(at(y, place + n), value);
      }
    }
  }
}

/**
 * Gradients at the listed places, added to what dx, dw, db hold (the caller zeroes them); `dx` 0 and `dresidual` 0
 * mean not wanted. dwPadded is [Kp, Np]; y is the forward output (its sign is the relu's mask).
 * Scratch: col[PANEL * Kp], grad[PANEL * Np], dcol[PANEL * Kp].
 */
export function backward(
  x: usize, y: usize, dy: usize, packedT: usize, dx: usize, dwPadded: usize, db: usize, dresidual: usize, places: usize, count: i32,
  H: i32, W: i32, C: i32, OH: i32, OW: i32, N: i32, k: i32, s: i32, relu: bool, col: usize, grad: usize, dcol: usize,
): void {
  const Kp = (k * k * C + 7) & ~7;
  const Np = (N + 7) & ~7;
  const colRow = <usize>Kp << 2, gradRow = <usize>Np << 2;
  for (let start = 0; start < count; start += PANEL) {
    const panel = min(PANEL, count - start);
    const rows = (panel + 3) & ~3;
    const list = at(places, start);
    memory.fill(grad, 0, <usize>(rows * Np) << 2);
    for (let i = 0; i < panel; i++) {
      const place = i32.load(at(list, i)) * N;
      const row = at(grad, i * Np);
      for (let n = 0; n < N; n++) {
        let value = f32.load(at(dy, place + n));
        if (relu && !(f32.load(at(y, place + n)) > 0)) value = 0;
        f32.store(at(row, n), value);
        f32.store(at(db, n), f32.load(at(db, n)) + value);
        if (dresidual) f32.store(at(dresidual, place + n), value);
      }
    }
    gather(x, col, list, panel, H, W, C, OH, OW, k, s, Kp);
    for (let i = 0; i < Kp; i += 4) {
      for (let j = 0; j < Np; j += 8) {
        tile(at(col, i), 4, colRow, at(grad, j), gradRow, at(dwPadded, i * Np + j), gradRow, panel, true);
      }
    }
    if (!dx) continue;
    for (let j = 0; j < Kp; j += 8) {
      const b = at(packedT, j * Np);
      for (let i = 0; i < rows; i += 4) {
        tile(at(grad, i * Np), gradRow, 4, b, 32, at(dcol, i * Kp + j), colRow, Np, false);
      }
    }
    scatter(dcol, dx, list, panel, H, W, C, OH, OW, k, s, Kp);
  }
}
