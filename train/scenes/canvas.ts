/**
 * The picture being painted, back to front: linear RGB, and for every pixel which object owns it.
 *
 * Polygons are filled with exact area coverage (signed-area accumulation, after font-rs), so that shafts of one
 * pixel and less come out right. A pixel belongs to an object once the object's joint coverage of it reaches
 * OWN_COVERAGE; whatever is painted over it later takes it away by the same rule.
 */
import { Clipper } from './clip.ts';
import type { Paint } from './paint.ts';
import { SCENE_CLASS, type SceneClass } from './scene-class.ts';
import { surfaceTiles, type Tile } from './textures.ts';

export const OWN_COVERAGE = 0.5;
/** Cover below LEAST is none, above FULL is all: rounding. */
const LEAST = 0.004;
const FULL = 0.9995;
/** Limits of brightness gradients. */
const DIMMEST = 0.05;
const BRIGHTEST = 4;

export class Canvas {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3] linear. */
  readonly rgb: Float32Array;
  /** [height, width]: 2 * object + (1 for a shaft), 0 for nothing that is labelled. */
  readonly owners: Uint16Array;
  /** [height, width]: SCENE_CLASS. */
  readonly classes: Uint8Array;
  /** Pixels that each object would own with nothing in front of it, by object number. */
  readonly drawn: number[] = [0];
  readonly #cover: Float32Array;
  readonly #stamps: Uint16Array;
  readonly #sums: Float32Array;
  readonly #shares: Float32Array;
  readonly #clipper: Clipper;
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  #stamp = 0;
  #owner = 0;
  #class: number = SCENE_CLASS.unlabelled;
  #threshold = OWN_COVERAGE;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    const n = width * height;
    this.rgb = new Float32Array(n * 3);
    this.owners = new Uint16Array(n);
    this.classes = new Uint8Array(n);
    this.#cover = new Float32Array(n);
    this.#stamps = new Uint16Array(n);
    this.#shares = new Float32Array(width);
    this.#clipper = new Clipper(width, height);
    this.#sums = new Float32Array((width + 3) * height);
    this.#first = new Int32Array(height).fill(width);
    this.#last = new Int32Array(height).fill(-1);
  }

  /** For the next picture; what is left of the last one's colours must be painted over. */
  reset(): void {
    this.owners.fill(0);
    this.classes.fill(SCENE_CLASS.sky);
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

  /** What follows is of this class. */
  paintsClass(name: SceneClass): void {
    this.#class = SCENE_CLASS[name];
  }

  /** What follows covers, but is not part of the object (a sign's plate on its post). */
  scenery(name: SceneClass): void {
    this.begin(0);
    this.paintsClass(name);
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
      n = this.#clipper.clip(xs, ys, n);
      if (n < 3) return;
      xs = this.#clipper.xs;
      ys = this.#clipper.ys;
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
      const a = Math.min(x, next);
      const b = Math.max(x, next);
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

  /** Turns the row's sums into shares of cover, and paints them. */
  #sweep(y: number, paint: Paint): void {
    const { width } = this;
    const first = this.#first[y];
    const last = Math.min(this.#last[y], width + 1);
    this.#first[y] = width;
    this.#last[y] = -1;
    if (last < 0) return;
    const sums = this.#sums;
    const shares = this.#shares;
    const line = y * (width + 3);
    const end = Math.min(last, width - 1);
    const { alpha } = paint;
    let sum = 0;
    for (let x = first; x <= end; x++) {
      sum += sums[line + x];
      sums[line + x] = 0;
      const c = sum < 0 ? -sum : sum;
      shares[x] = c < LEAST ? 0 : c > FULL ? alpha : c * alpha;
    }
    for (let x = end + 1; x <= last; x++) sums[line + x] = 0;
    if (paint.fade > 0) this.#fade(y, first, end, paint);
    if (paint.multiply) this.#darken(y, first, end, paint);
    else if (paint.tile) this.#texture(y, first, end, paint, paint.tile);
    else this.#colour(y, first, end, paint);
  }

  #fade(y: number, first: number, end: number, { fade, fadeX, fadeY, fadeRatio, cutout }: Paint): void {
    const shares = this.#shares;
    const fy = (y + 0.5 - fadeY) * fadeRatio;
    for (let x = first; x <= end; x++) {
      const fx = x + 0.5 - fadeX;
      const far = (fx * fx + fy * fy) / (fade * fade);
      if (far >= 1) shares[x] = 0;
      else if (cutout === 0) shares[x] *= 1 - far;
    }
  }

  #darken(y: number, first: number, end: number, { r, g, b, once }: Paint): void {
    const { width, rgb } = this;
    const shares = this.#shares;
    for (let x = first, p = y * width + first; x <= end; x++, p++) {
      let c = shares[x];
      if (c === 0) continue;
      if (once) {
        if (this.#stamps[p] !== this.#stamp) {
          this.#stamps[p] = this.#stamp;
          this.#cover[p] = 0;
        }
        c = Math.min(c, 1 - this.#cover[p]);
        if (c < LEAST) continue;
        this.#cover[p] += c;
      }
      rgb[p * 3] *= 1 - c * (1 - r);
      rgb[p * 3 + 1] *= 1 - c * (1 - g);
      rgb[p * 3 + 2] *= 1 - c * (1 - b);
    }
  }

  #colour(y: number, first: number, end: number, { r, g, b, gx, gy, g0 }: Paint): void {
    const { width, rgb } = this;
    const shares = this.#shares;
    const plain = gx === 0 && gy === 0 && g0 === 1;
    const row = g0 + gy * (y + 0.5);
    for (let x = first, p = y * width + first; x <= end; x++, p++) {
      const c = shares[x];
      if (c === 0) continue;
      let f = 1;
      if (!plain) {
        f = row + gx * (x + 0.5);
        if (f < DIMMEST) f = DIMMEST;
        else if (f > BRIGHTEST) f = BRIGHTEST;
      }
      const i = p * 3;
      rgb[i] += c * (r * f - rgb[i]);
      rgb[i + 1] += c * (g * f - rgb[i + 1]);
      rgb[i + 2] += c * (b * f - rgb[i + 2]);
      this.#own(p, c);
    }
  }

  #texture(y: number, first: number, end: number, paint: Paint, tile: Tile): void {
    const { width, rgb } = this;
    const shares = this.#shares;
    const { r, g, b, gx, cutout, soft, softScale, h, fade, fadeX, fadeRatio } = paint;
    const row = paint.g0 + paint.gy * (y + 0.5);
    const hy = y + 0.5;
    const fadeRow = ((hy - paint.fadeY) * fadeRatio) ** 2;
    const u0 = h[1] * hy + h[2];
    const v0 = h[4] * hy + h[5];
    const w0 = h[7] * hy + h[8];
    const detail = texelStep(h, u0, v0, w0, (first + end) / 2);
    const l = detail > 8 || Number.isNaN(detail) ? 8 : Math.max(0, Math.round(detail + 0.2));
    const amount = detail < -2.5 ? paint.amount * 0.75 : paint.amount;
    const level = tile.levels[l];
    const bits = 8 - l;
    const scale = 2 ** -l;
    const mask = (1 << bits) - 1;
    const ls = Math.max(0, Math.min(8, Math.round(detail + Math.log2(softScale)) || 0));
    const softLevel = surfaceTiles().soft.levels[ls];
    const softBits = 8 - ls;
    const softStep = softScale * 2 ** -ls;
    const softMask = (1 << softBits) - 1;
    for (let x = first, p = y * width + first; x <= end; x++, p++) {
      let c = shares[x];
      if (c === 0) continue;
      const hx = x + 0.5;
      const w = 1 / (w0 + h[6] * hx);
      const u = (u0 + h[0] * hx) * w;
      const v = (v0 + h[3] * hx) * w;
      const t = level[((Math.floor(v * scale) & mask) << bits) | (Math.floor(u * scale) & mask)];
      if (cutout > 0) {
        const far = fade > 0 ? ((hx - fadeX) ** 2 + fadeRow) / (fade * fade) : 0;
        const cover = (t - cutout - far * far * 0.55) * 3 + 0.5;
        if (cover <= 0) continue;
        if (cover < 1) c *= cover;
      }
      let f = row + gx * hx;
      if (f < DIMMEST) f = DIMMEST;
      else if (f > BRIGHTEST) f = BRIGHTEST;
      f *= 1 + amount * (t - 1);
      if (soft > 0) {
        const s =
          softLevel[
            ((Math.floor(v * softStep) & softMask) << softBits) | (Math.floor(u * softStep) & softMask)
          ];
        f *= 1 + soft * (s - 1);
      }
      const i = p * 3;
      rgb[i] += c * (r * f - rgb[i]);
      rgb[i + 1] += c * (g * f - rgb[i + 1]);
      rgb[i + 2] += c * (b * f - rgb[i + 2]);
      this.#own(p, c);
    }
  }

  /** Adds cover c of the object begun to a pixel, which may change hands. */
  #own(p: number, c: number): void {
    const owner = this.#owner;
    const threshold = this.#threshold;
    if (owner === 0 && c >= threshold) {
      this.owners[p] = 0;
      this.classes[p] = this.#class;
      return;
    }
    let before = 0;
    if (this.#stamps[p] === this.#stamp) before = this.#cover[p];
    else this.#stamps[p] = this.#stamp;
    const now = 1 - (1 - before) * (1 - c);
    this.#cover[p] = now;
    if (now < threshold) return;
    const object = owner >> 1;
    if (object > 0 && before < threshold) this.drawn[object]++;
    if (before < threshold || (owner & 1) === 1 || this.owners[p] >> 1 !== object) this.owners[p] = owner;
    this.classes[p] = this.#class;
  }
}

/** log2 of the tile texels that a pixel spans about column x: the mean of across and down. */
function texelStep(h: Float64Array, u0: number, v0: number, w0: number, x: number): number {
  const w = w0 + h[6] * x;
  const u = (u0 + h[0] * x) / w;
  const v = (v0 + h[3] * x) / w;
  const across = Math.abs((h[0] - u * h[6]) / w) + Math.abs((h[3] - v * h[6]) / w);
  const down = Math.abs((h[1] - u * h[7]) / w) + Math.abs((h[4] - v * h[7]) / w);
  return 0.5 * (Math.log2(across + 1e-9) + Math.log2(down + 1e-9));
}
