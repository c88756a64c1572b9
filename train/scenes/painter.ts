/** Paints world-space shapes on a canvas: projects, clips at the near plane, lights, hazes. */
import { type Camera, NEAR, type Point } from './camera.ts';
import type { Canvas } from './canvas.ts';
import type { Colour } from './colour.ts';
import type { Light } from './light.ts';
import { Paint } from './paint.ts';
import { surfaceTiles, TILE_SIDE, type Tile } from './textures.ts';

export interface Surface {
  readonly colour: Colour;
  /** Outward unit normal; absent: lit from everywhere. */
  readonly normal?: Point;
  /** 0..1: sunlight that reaches it. */
  readonly sunlight?: number;
  /** Own light, added. */
  readonly glow?: Colour;
  readonly tile?: Tile;
  /** Metres that one tile covers along the polygon's first and last side. */
  readonly tileWidth?: number;
  readonly tileHeight?: number;
  readonly tileShift?: number;
  readonly amount?: number;
  readonly soft?: number;
  readonly cutout?: number;
  readonly alpha?: number;
  /** An ellipse's cover fades towards its rim. */
  readonly fade?: boolean;
  /** Brightness across the polygon's screen width: 1 - slope on the left to 1 + slope on the right. */
  readonly slopeX?: number;
  readonly slopeY?: number;
}

const MAX = 128;

export class Painter {
  readonly canvas: Canvas;
  readonly camera: Camera;
  readonly light: Light;
  /** Seconds. */
  readonly time: number;
  readonly tiles = surfaceTiles();
  /** Sunlight that reaches the thing being painted, 0..1; set before painting it. */
  sunlight = 1;
  /** The thing whose shadow is painted stands in the sun. */
  castsSun = false;
  readonly #paint = new Paint();
  readonly #view = new Float64Array(MAX * 3);
  readonly #clipped = new Float64Array(MAX * 3);
  readonly #xs = new Float64Array(MAX);
  readonly #ys = new Float64Array(MAX);

  constructor(canvas: Canvas, camera: Camera, light: Light, time: number) {
    this.canvas = canvas;
    this.camera = camera;
    this.light = light;
    this.time = time;
  }

  /** What comes back from a matt surface. */
  lit(colour: Colour, normal: Point | undefined, sunlight: number, glow?: Colour): [number, number, number] {
    const { sun, sunColour, skyColour } = this.light;
    const up = normal ? 0.72 + 0.28 * normal[1] : 0.85;
    const facing = normal ? Math.max(0, normal[0] * sun[0] + normal[1] * sun[1] + normal[2] * sun[2]) : 0.45;
    const s = facing * sunlight;
    const out: [number, number, number] = [0, 0, 0];
    for (let i = 0; i < 3; i++)
      out[i] = colour[i] * (skyColour[i] * up + sunColour[i] * s) + (glow ? glow[i] : 0);
    return out;
  }

  /** Haze over `depth` metres. */
  hazed(c: [number, number, number], depth: number): [number, number, number] {
    const { fog, fogDensity } = this.light;
    const f = 1 - Math.exp(-fogDensity * Math.max(0, depth));
    return [c[0] + (fog[0] - c[0]) * f, c[1] + (fog[1] - c[1]) * f, c[2] + (fog[2] - c[2]) * f];
  }

  /** A flat polygon of world points. */
  polygon(points: readonly Point[], surface: Surface): void {
    const v = this.#view;
    let n = points.length;
    let depth = 0;
    let near = false;
    for (let i = 0; i < n; i++) {
      const p = points[i];
      this.camera.view(p[0], p[1], p[2], v, i * 3);
      const d = v[i * 3 + 2];
      depth += d / n;
      if (d < NEAR) near = true;
    }
    if (depth < NEAR && !near) return;
    const paint = this.#start(surface, Math.max(NEAR, depth));
    if (surface.tile) this.#map(surface, points.length);
    let source = v;
    if (near) {
      n = this.#clipNear(n);
      if (n < 3) return;
      source = this.#clipped;
    }
    const { focal } = this.camera.pose;
    const xs = this.#xs;
    const ys = this.#ys;
    for (let i = 0; i < n; i++) {
      const s = focal / source[i * 3 + 2];
      xs[i] = this.camera.centreX + source[i * 3] * s;
      ys[i] = this.camera.centreY + source[i * 3 + 1] * s;
    }
    if (surface.slopeX || surface.slopeY) this.#slope(n, surface.slopeX ?? 0, surface.slopeY ?? 0);
    this.canvas.fill(xs, ys, n, paint);
  }

  /** A polygon in screen px that stands at `depth`. */
  flat(xs: ArrayLike<number>, ys: ArrayLike<number>, n: number, depth: number, surface: Surface): void {
    const paint = this.#start(surface, depth);
    if (surface.slopeX || surface.slopeY) {
      for (let i = 0; i < n; i++) {
        this.#xs[i] = xs[i];
        this.#ys[i] = ys[i];
      }
      this.#slope(n, surface.slopeX ?? 0, surface.slopeY ?? 0);
    }
    this.canvas.fill(xs, ys, n, paint);
  }

  /** A tapered round bar between two world points, radii in metres, with cylinder shading. */
  bar(a: Point, b: Point, radiusA: number, radiusB: number, surface: Surface, round = false): void {
    const p = this.camera.project(a[0], a[1], a[2]);
    const q = this.camera.project(b[0], b[1], b[2]);
    if (p[2] < NEAR || q[2] < NEAR) return;
    const { focal } = this.camera.pose;
    const ra = (radiusA * focal) / p[2];
    const rb = (radiusB * focal) / q[2];
    this.capsule(p[0], p[1], ra, q[0], q[1], rb, (p[2] + q[2]) / 2, surface, round);
  }

  /** The same in screen px. `round`: with half-circles at its ends. */
  capsule(
    x0: number,
    y0: number,
    r0: number,
    x1: number,
    y1: number,
    r1: number,
    depth: number,
    surface: Surface,
    round: boolean,
  ): void {
    const length = Math.hypot(x1 - x0, y1 - y0);
    const ux = length > 1e-6 ? (x1 - x0) / length : 0;
    const uy = length > 1e-6 ? (y1 - y0) / length : 1;
    const xs = this.#xs;
    const ys = this.#ys;
    let n = 0;
    const steps = round && Math.max(r0, r1) > 0.6 ? (Math.max(r0, r1) > 4 ? 8 : 4) : 1;
    for (let end = 0; end < 2; end++)
      for (let i = 0; i <= steps; i++) {
        const angle = (i / steps) * Math.PI;
        const [c, s] = [Math.cos(angle), round ? Math.sin(angle) : 0];
        const r = end === 0 ? r0 : r1;
        const sign = end === 0 ? 1 : -1;
        xs[n] = (end === 0 ? x0 : x1) + sign * r * (c * -uy - s * ux);
        ys[n++] = (end === 0 ? y0 : y1) + sign * r * (c * ux - s * uy);
      }
    const paint = this.#start(surface, depth);
    const slope = surface.slopeX ?? 0;
    if (slope !== 0) {
      // Across the bar, from its left to its right.
      const r = Math.max(r0, r1, 0.5);
      const side = -uy > 0 ? -1 : 1;
      paint.gx = (slope * side * uy) / r;
      paint.gy = (-slope * side * ux) / r;
      paint.g0 = 1 - paint.gx * ((x0 + x1) / 2) - paint.gy * ((y0 + y1) / 2);
    }
    this.canvas.fill(xs, ys, n, paint);
  }

  /** An upright ellipse in the picture around a world point; radii in metres. */
  ellipse(centre: Point, radiusX: number, radiusY: number, surface: Surface): void {
    const [x, y, depth] = this.camera.project(centre[0], centre[1], centre[2]);
    if (depth < NEAR) return;
    const s = this.camera.pose.focal / depth;
    const size = Math.max(radiusX, radiusY) * s;
    const n = size < 3 ? 8 : size < 12 ? 14 : 28;
    const xs = this.#xs;
    const ys = this.#ys;
    for (let i = 0; i < n; i++) {
      const a = (i / n) * 2 * Math.PI;
      xs[i] = x + Math.cos(a) * radiusX * s;
      ys[i] = y + Math.sin(a) * radiusY * s;
    }
    const paint = this.#start(surface, depth);
    if (surface.tile) {
      const texels = TILE_SIDE / (surface.tileWidth ?? 1) / s;
      paint.h.set([texels, 0, (surface.tileShift ?? 0) - x * texels, 0, texels, -y * texels, 0, 0, 1]);
    }
    if (surface.fade) {
      paint.fade = radiusX * s;
      paint.fadeX = x;
      paint.fadeY = y;
      paint.fadeRatio = radiusX / radiusY;
    }
    if (surface.slopeX || surface.slopeY) this.#slope(n, surface.slopeX ?? 0, surface.slopeY ?? 0);
    this.canvas.fill(xs, ys, n, paint);
  }

  /** Darkens what is there: a shadow on the ground. */
  shade(points: readonly Point[], factor: Colour, strength = 1, once = false): void {
    const v = this.#view;
    let n = points.length;
    let near = false;
    for (let i = 0; i < n; i++) {
      this.camera.view(points[i][0], points[i][1], points[i][2], v, i * 3);
      if (v[i * 3 + 2] < NEAR) near = true;
    }
    let source = v;
    if (near) {
      n = this.#clipNear(n);
      if (n < 3) return;
      source = this.#clipped;
    }
    for (let i = 0; i < n; i++) {
      const s = this.camera.pose.focal / source[i * 3 + 2];
      this.#xs[i] = this.camera.centreX + source[i * 3] * s;
      this.#ys[i] = this.camera.centreY + source[i * 3 + 1] * s;
    }
    const paint = this.#paint.reset(...factor);
    paint.multiply = true;
    paint.once = once;
    paint.alpha = strength;
    this.canvas.fill(this.#xs, this.#ys, n, paint);
  }

  /** Darkens the ground once where any of the outlines lies: buildings' shadows overlap. */
  shadeUnion(outlines: readonly (readonly Point[])[]): void {
    this.canvas.begin(0);
    const factor = this.shadowFactor();
    for (const outline of outlines) this.shade(outline, factor, 1, true);
  }

  /** A veil of the sky's light that fades to its rim; screen px. */
  veil(
    xs: ArrayLike<number>,
    ys: ArrayLike<number>,
    n: number,
    x: number,
    y: number,
    radius: number,
    ratio: number,
    alpha: number,
  ): void {
    const paint = this.#paint.reset(...this.light.horizon);
    paint.alpha = alpha;
    paint.fade = radius;
    paint.fadeX = x;
    paint.fadeY = y;
    paint.fadeRatio = ratio;
    this.canvas.fill(xs, ys, n, paint);
  }

  /** Sun's share of the light on level ground: what a shadow takes away. */
  shadowFactor(): Colour {
    const { sun, sunColour, skyColour } = this.light;
    const out: number[] = [];
    for (let i = 0; i < 3; i++) out.push(skyColour[i] / (skyColour[i] + sunColour[i] * Math.max(0, sun[1])));
    return out as unknown as Colour;
  }

  #start(surface: Surface, depth: number): Paint {
    const c = this.hazed(
      this.lit(surface.colour, surface.normal, surface.sunlight ?? this.sunlight, surface.glow),
      depth,
    );
    const paint = this.#paint.reset(c[0], c[1], c[2]);
    paint.alpha = surface.alpha ?? 1;
    if (surface.tile) {
      paint.tile = surface.tile;
      paint.amount = (surface.amount ?? 1) * Math.exp(-this.light.fogDensity * depth);
      paint.soft = surface.soft ?? 0;
      paint.cutout = surface.cutout ?? 0;
    }
    return paint;
  }

  #slope(n: number, slopeX: number, slopeY: number): void {
    let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < n; i++) {
      x0 = Math.min(x0, this.#xs[i]);
      x1 = Math.max(x1, this.#xs[i]);
      y0 = Math.min(y0, this.#ys[i]);
      y1 = Math.max(y1, this.#ys[i]);
    }
    const paint = this.#paint;
    paint.gx = (2 * slopeX) / Math.max(1, x1 - x0);
    paint.gy = (2 * slopeY) / Math.max(1, y1 - y0);
    paint.g0 = 1 - (paint.gx * (x0 + x1)) / 2 - (paint.gy * (y0 + y1)) / 2;
  }

  /** Homography from the polygon's plane: origin its first point, u towards the second, v towards the last. */
  #map(surface: Surface, n: number): void {
    const v = this.#view;
    const last = (n - 1) * 3;
    const u = [v[3] - v[0], v[4] - v[1], v[5] - v[2]];
    const w = [v[last] - v[0], v[last + 1] - v[1], v[last + 2] - v[2]];
    const lu = Math.hypot(u[0], u[1], u[2]) || 1;
    const lw = Math.hypot(w[0], w[1], w[2]) || 1;
    const ku = (surface.tileWidth ?? 1) / TILE_SIDE / lu;
    const kw = (surface.tileHeight ?? surface.tileWidth ?? 1) / TILE_SIDE / lw;
    // Columns: one texel along u, one along v, the origin; its inverse maps view rays to (u, v, 1) / depth.
    const [a, b, c] = [u[0] * ku, w[0] * kw, v[0]];
    const [d, e, f] = [u[1] * ku, w[1] * kw, v[1]];
    const [g, h, i] = [u[2] * ku, w[2] * kw, v[2]];
    const rows = [
      [e * i - f * h, c * h - b * i, b * f - c * e],
      [f * g - d * i, a * i - c * g, c * d - a * f],
      [d * h - e * g, b * g - a * h, a * e - b * d],
    ];
    const out = this.#paint.h;
    const { focal } = this.camera.pose;
    const { centreX, centreY } = this.camera;
    for (let r = 0; r < 3; r++) {
      const [p, q, s] = rows[r];
      out[r * 3] = p / focal;
      out[r * 3 + 1] = q / focal;
      out[r * 3 + 2] = s - (p * centreX) / focal - (q * centreY) / focal;
    }
    const shift = surface.tileShift ?? 0;
    if (shift !== 0)
      for (let k = 0; k < 3; k++) {
        out[k] += shift * out[6 + k];
        out[3 + k] += shift * 0.37 * out[6 + k];
      }
  }

  #clipNear(n: number): number {
    const v = this.#view;
    const out = this.#clipped;
    let m = 0;
    for (let i = 0, j = n - 1; i < n; j = i++) {
      const [da, db] = [v[j * 3 + 2] - NEAR, v[i * 3 + 2] - NEAR];
      if (da >= 0 !== db >= 0) {
        const t = da / (da - db);
        for (let k = 0; k < 3; k++) out[m * 3 + k] = v[j * 3 + k] + (v[i * 3 + k] - v[j * 3 + k]) * t;
        m++;
      }
      if (db >= 0) {
        out.set(v.subarray(i * 3, i * 3 + 3), m * 3);
        m++;
      }
    }
    return m;
  }
}
