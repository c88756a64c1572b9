/**
 * The picture being painted, back to front: linear RGB, and for every pixel which object owns it.
 *
 * Polygons are filled with exact area coverage (signed-area accumulation, after font-rs), so that shafts of one
 * pixel and less come out right. A pixel belongs to an object once the object's joint coverage of it reaches
 * OWN_COVERAGE; whatever is painted over it later takes it away by the same rule.
 */
import { surfaceTiles, type Tile } from './textures.ts';

export const OWN_COVERAGE = 0.5;
const MAX_POINTS = 256;

/** How a polygon is coloured; one mutable instance is reused. Colours are lit and fogged already. */
export class Paint {
  r = 0;
  g = 0;
  b = 0;
  alpha = 1;
  /** Brightness factor g0 + gx * x + gy * y, screen px, clamped to 0.05..4. */
  g0 = 1;
  gx = 0;
  gy = 0;
  tile: Tile | undefined;
  /** Strength of the tile's contrast: factor 1 + amount * (tile - 1). */
  amount = 1;
  /** A second, coarse tile over the same coordinates, at `softScale` of them. */
  soft = 0;
  softScale = 0.13;
  /** Above 0: the tile is cover, kept where its value exceeds this. */
  cutout = 0;
  /** Above 0: cover (or alpha) fades towards this radius around (fadeX, fadeY), px; fadeRatio = width / height. */
  fade = 0;
  fadeX = 0;
  fadeY = 0;
  fadeRatio = 1;
  /** Screen to tile texels: (u, v, w) = h . (x, y, 1), texel = u / w, v / w. */
  readonly h = new Float64Array(9);
  /** Darkens what lies below by this factor per channel (r, g, b) instead of covering it. */
  multiply = false;
  /** With multiply: a pixel darkens by the joint cover of all polygons since `begin`, not by each. */
  once = false;

  reset(r: number, g: number, b: number): this {
    this.r = r;
    this.g = g;
    this.b = b;
    this.alpha = 1;
    this.g0 = 1;
    this.gx = 0;
    this.gy = 0;
    this.tile = undefined;
    this.amount = 1;
    this.soft = 0;
    this.softScale = 0.13;
    this.cutout = 0;
    this.fade = 0;
    this.multiply = false;
    this.once = false;
    return this;
  }
}

export class Canvas {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3] linear. */
  readonly rgb: Float32Array;
  /** [height, width]: 2 * object + (1 for a shaft), 0 for nothing that is labelled. */
  readonly owners: Uint16Array;
  /** Pixels that each object would own with nothing in front of it, by object number. */
  readonly drawn: number[] = [0];
  readonly #cover: Float32Array;
  readonly #stamps: Uint16Array;
  readonly #sums: Float32Array;
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  #stamp = 0;
  #owner = 0;
  #threshold = OWN_COVERAGE;
  #ax = new Float64Array(MAX_POINTS);
  #ay = new Float64Array(MAX_POINTS);
  #bx = new Float64Array(MAX_POINTS);
  #by = new Float64Array(MAX_POINTS);

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    const n = width * height;
    this.rgb = new Float32Array(n * 3);
    this.owners = new Uint16Array(n);
    this.#cover = new Float32Array(n);
    this.#stamps = new Uint16Array(n);
    this.#sums = new Float32Array((width + 3) * height);
    this.#first = new Int32Array(height).fill(width);
    this.#last = new Int32Array(height).fill(-1);
  }

  /** For the next picture; what is left of the last one's colours must be painted over. */
  reset(): void {
    this.owners.fill(0);
    this.drawn.length = 1;
  }

  /** Starts an object. `object` 0: scenery. `threshold`: joint coverage from which it owns a pixel. */
  begin(object: number, threshold = OWN_COVERAGE): void {
    this.#stamp++;
    if (this.#stamp > 65535) {
      this.#stamp = 1;
      this.#stamps.fill(0);
    }
    this.#owner = object * 2;
    this.#threshold = threshold;
    if (object > 0 && this.drawn[object] === undefined) this.drawn[object] = 0;
  }

  /** What follows is (or is not) the trunk of the pole begun. */
  shaft(on: boolean): void {
    this.#owner = (this.#owner & ~1) | (on ? 1 : 0);
  }

  /** What follows covers, but is not part of the object (a sign's plate on its post). */
  scenery(): void {
    this.begin(0);
  }

  /** What follows changes colours, not ownership. */
  keepOwners(): void {
    this.begin(0, 2);
  }

  /** Fills a polygon of n points (screen px, any winding). */
  fill(xs: ArrayLike<number>, ys: ArrayLike<number>, n: number, paint: Paint): void {
    let minX = Infinity;
    let maxX = -Infinity;
    let minY = Infinity;
    let maxY = -Infinity;
    for (let i = 0; i < n; i++) {
      const x = xs[i];
      const y = ys[i];
      if (x < minX) minX = x;
      if (x > maxX) maxX = x;
      if (y < minY) minY = y;
      if (y > maxY) maxY = y;
    }
    const { width, height } = this;
    if (!(maxX > 0 && minX < width && maxY > 0 && minY < height) || n < 3) return;
    if (minX < 0 || maxX > width || minY < 0 || maxY > height) {
      n = this.#clip(xs, ys, n);
      if (n < 3) return;
      xs = this.#ax;
      ys = this.#ay;
      minY = Math.max(0, minY);
      maxY = Math.min(height, maxY);
    }
    let x0 = xs[n - 1];
    let y0 = ys[n - 1];
    for (let i = 0; i < n; i++) {
      const x1 = xs[i];
      const y1 = ys[i];
      if (y0 < y1) this.#edge(x0, y0, x1, y1, 1);
      else if (y1 < y0) this.#edge(x1, y1, x0, y0, -1);
      x0 = x1;
      y0 = y1;
    }
    const bottom = Math.min(height, Math.ceil(maxY));
    for (let y = Math.max(0, Math.floor(minY)); y < bottom; y++) this.#sweep(y, paint);
  }

  #edge(x0: number, y0: number, x1: number, y1: number, sign: number): void {
    const slope = (x1 - x0) / (y1 - y0);
    const sums = this.#sums;
    const stride = this.width + 3;
    let x = x0;
    const yEnd = Math.min(this.height, Math.ceil(y1));
    for (let y = Math.floor(y0); y < yEnd; y++) {
      const dy = Math.min(y + 1, y1) - Math.max(y, y0);
      const next = x + slope * dy;
      const d = dy * sign;
      const a = x < next ? x : next;
      const b = x < next ? next : x;
      const ai = a > 0 ? Math.floor(a) : 0; // rounding may step a hair over the left side
      const bi = Math.ceil(b);
      const line = y * stride;
      if (ai < this.#first[y]) this.#first[y] = ai;
      if (bi > this.#last[y]) this.#last[y] = bi;
      if (bi <= ai + 1) {
        const mean = 0.5 * (x + next) - ai;
        sums[line + ai] += d - d * mean;
        sums[line + ai + 1] += d * mean;
      } else {
        const s = 1 / (b - a);
        const af = a - ai;
        const a0 = 0.5 * s * (1 - af) * (1 - af);
        const bf = b - bi + 1;
        const am = 0.5 * s * bf * bf;
        sums[line + ai] += d * a0;
        if (bi === ai + 2) sums[line + ai + 1] += d * (1 - a0 - am);
        else {
          const a1 = s * (1.5 - af);
          sums[line + ai + 1] += d * (a1 - a0);
          for (let xi = ai + 2; xi < bi - 1; xi++) sums[line + xi] += d * s;
          const a2 = a1 + (bi - ai - 3) * s;
          sums[line + bi - 1] += d * (1 - a2 - am);
        }
        sums[line + bi] += d * am;
      }
      x = next;
    }
  }

  #sweep(y: number, paint: Paint): void {
    const { width, rgb, owners } = this;
    const first = this.#first[y];
    const last = Math.min(this.#last[y], width + 1);
    this.#first[y] = width;
    this.#last[y] = -1;
    if (last < 0) return;
    const sums = this.#sums;
    const line = y * (width + 3);
    const { r, g, b, alpha, gx, multiply, cutout, soft, softScale, h, fade } = paint;
    const gRow = paint.g0 + paint.gy * (y + 0.5);
    const plain = paint.gx === 0 && paint.gy === 0 && paint.g0 === 1;
    const tile = paint.tile;
    let level: Float32Array | undefined;
    let softLevel: Float32Array | undefined;
    let bits = 8;
    let softBits = 8;
    let amount = paint.amount;
    const hy = y + 0.5;
    const u0 = h[1] * hy + h[2];
    const v0 = h[4] * hy + h[5];
    const w0 = h[7] * hy + h[8];
    if (tile) {
      const mx = (first + last) / 2;
      const w = w0 + h[6] * mx;
      const u = (u0 + h[0] * mx) / w;
      const v = (v0 + h[3] * mx) / w;
      const stepX = Math.abs((h[0] - u * h[6]) / w) + Math.abs((h[3] - v * h[6]) / w);
      const stepY = Math.abs((h[1] - u * h[7]) / w) + Math.abs((h[4] - v * h[7]) / w);
      const detail = 0.5 * (Math.log2(stepX + 1e-9) + Math.log2(stepY + 1e-9));
      let l = Math.round(detail + 0.2);
      if (l > 8 || Number.isNaN(l)) l = 8;
      else if (l < 0) {
        if (l < -2) amount *= 0.75;
        l = 0;
      }
      bits = 8 - l;
      level = tile.levels[l];
      if (soft > 0) {
        const ls = Math.max(0, Math.min(8, Math.round(detail + Math.log2(softScale))));
        softBits = 8 - ls;
        softLevel = surfaceTiles().soft.levels[ls];
      }
    }
    const scaleL = 2 ** (bits - 8);
    const maskL = (1 << bits) - 1;
    const scaleS = softScale * 2 ** (softBits - 8);
    const maskS = (1 << softBits) - 1;
    const owner = this.#owner;
    const object = owner >> 1;
    const stamp = this.#stamp;
    const stamps = this.#stamps;
    const covers = this.#cover;
    let sum = 0;
    const end = Math.min(last, width - 1);
    for (let x = first; x <= end; x++) {
      sum += sums[line + x];
      sums[line + x] = 0;
      let c = sum < 0 ? -sum : sum;
      if (c < 0.004) continue;
      if (c > 1) c = 1;
      c *= alpha;
      let far = 0;
      if (fade > 0) {
        const fx = x + 0.5 - paint.fadeX;
        const fy = (y + 0.5 - paint.fadeY) * paint.fadeRatio;
        far = (fx * fx + fy * fy) / (fade * fade);
        if (far >= 1) continue;
        if (cutout === 0) c *= 1 - far;
      }
      let f = 1;
      if (!plain) {
        f = gRow + gx * (x + 0.5);
        if (f < 0.05) f = 0.05;
        else if (f > 4) f = 4;
      }
      if (level !== undefined) {
        const hx = x + 0.5;
        const w = 1 / (w0 + h[6] * hx);
        const u = (u0 + h[0] * hx) * w;
        const v = (v0 + h[3] * hx) * w;
        const t = level[((Math.floor(v * scaleL) & maskL) << bits) | (Math.floor(u * scaleL) & maskL)];
        if (cutout > 0) {
          const cover = (t - cutout - far * far * 0.55) * 3 + 0.5;
          if (cover <= 0) continue;
          if (cover < 1) c *= cover;
        }
        f *= 1 + amount * (t - 1);
        if (softLevel !== undefined) {
          const s =
            softLevel[((Math.floor(v * scaleS) & maskS) << softBits) | (Math.floor(u * scaleS) & maskS)];
          f *= 1 + soft * (s - 1);
        }
      }
      const p = y * width + x;
      const i = p * 3;
      if (multiply) {
        if (paint.once) {
          if (stamps[p] !== stamp) {
            stamps[p] = stamp;
            covers[p] = 0;
          }
          const more = Math.min(c, 1 - covers[p]);
          if (more <= 0.004) continue;
          covers[p] += more;
          c = more;
        }
        rgb[i] *= 1 - c * (1 - r);
        rgb[i + 1] *= 1 - c * (1 - g);
        rgb[i + 2] *= 1 - c * (1 - b);
        continue;
      }
      rgb[i] += c * (r * f - rgb[i]);
      rgb[i + 1] += c * (g * f - rgb[i + 1]);
      rgb[i + 2] += c * (b * f - rgb[i + 2]);
      if (stamps[p] !== stamp) {
        stamps[p] = stamp;
        covers[p] = 0;
      }
      const before = covers[p];
      const now = 1 - (1 - before) * (1 - c);
      covers[p] = now;
      if (now >= this.#threshold) {
        if (object > 0 && before < this.#threshold) this.drawn[object]++;
        if (before < this.#threshold || (owner & 1) === 1 || owners[p] >> 1 !== object) owners[p] = owner;
      }
    }
    for (let x = end + 1; x <= last; x++) sums[line + x] = 0;
  }

  /** Sutherland-Hodgman against the picture's four sides, into ax, ay. */
  #clip(xs: ArrayLike<number>, ys: ArrayLike<number>, n: number): number {
    let px: ArrayLike<number> = xs;
    let py: ArrayLike<number> = ys;
    for (let side = 0; side < 4; side++) {
      const ox = side % 2 === 0 ? this.#bx : this.#ax;
      const oy = side % 2 === 0 ? this.#by : this.#ay;
      const vertical = side < 2;
      const limit = side === 1 ? this.width : side === 3 ? this.height : 0;
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
