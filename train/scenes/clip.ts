/** Polygons cut to the picture (Sutherland-Hodgman), in buffers that are reused. */

const MAX_POINTS = 256;

export class Clipper {
  readonly #width: number;
  readonly #height: number;
  /** The polygon that came out. */
  readonly xs = new Float64Array(MAX_POINTS);
  readonly ys = new Float64Array(MAX_POINTS);
  readonly #bx = new Float64Array(MAX_POINTS);
  readonly #by = new Float64Array(MAX_POINTS);

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
  }

  /** Against the picture's four sides; returns the number of points in xs, ys. */
  clip(xs: ArrayLike<number>, ys: ArrayLike<number>, n: number): number {
    let px: ArrayLike<number> = xs;
    let py: ArrayLike<number> = ys;
    for (let side = 0; side < 4; side++) {
      const ox = side % 2 === 0 ? this.#bx : this.xs;
      const oy = side % 2 === 0 ? this.#by : this.ys;
      const vertical = side < 2;
      const limit = side === 1 ? this.#width : side === 3 ? this.#height : 0;
      const sign = side % 2 === 0 ? 1 : -1;
      let m = 0;
      let x0 = px[n - 1];
      let y0 = py[n - 1];
      let d0 = sign * ((vertical ? x0 : y0) - limit);
      for (let i = 0; i < n; i++) {
        const x1 = px[i];
        const y1 = py[i];
        const d1 = sign * ((vertical ? x1 : y1) - limit);
        if (d0 >= 0 !== d1 >= 0) {
          const t = d0 / (d0 - d1);
          ox[m] = vertical ? limit : x0 + (x1 - x0) * t;
          oy[m++] = vertical ? y0 + (y1 - y0) * t : limit;
        }
        if (d1 >= 0) {
          ox[m] = x1;
          oy[m++] = y1;
        }
        x0 = x1;
        y0 = y1;
        d0 = d1;
      }
      n = m;
      px = ox;
      py = oy;
      if (n === 0) return 0;
    }
    return n;
  }
}
