/** Bare trees with real branches, leafy trees, hedges and shrubs. Their trunks are distractors for poles. */
import type { Camera, Point } from './camera.ts';
import { type Colour, scale, vary } from './colour.ts';
import { KERB } from './ground.ts';
import type { Painter } from './painter.ts';
import { Random } from './random.ts';
import type { Thing } from './thing.ts';

interface Branch {
  readonly a: Point;
  readonly b: Point;
  readonly ra: number;
  readonly rb: number;
  readonly level: number;
}

export class Tree implements Thing {
  readonly #x: number;
  readonly #z: number;
  readonly #branches: Branch[] = [];
  readonly #crown: { at: Point; r: number; tone: number }[] = [];
  readonly #bark: Colour;
  readonly #leaf: Colour;
  readonly #shift: number;

  constructor(seed: number, x: number, z: number, kind: 'bare' | 'leafy' | 'conifer') {
    const rng = new Random(seed, 9);
    this.#x = x;
    this.#z = z;
    this.#bark = vary(rng, [0.075, 0.062, 0.05], 0.3);
    this.#leaf = vary(rng, kind === 'conifer' ? [0.03, 0.045, 0.022] : [0.06, 0.085, 0.03], 0.35);
    this.#shift = rng.range(0, 256);
    const height = kind === 'conifer' ? rng.range(5, 12) : rng.range(5, 13);
    const trunk = kind === 'conifer' ? height * 0.2 : height * rng.range(0.2, 0.4);
    const r = height * rng.range(0.012, 0.024);
    const top: Point = [x + rng.normal() * 0.15, KERB + trunk, z];
    this.#branches.push({ a: [x, KERB, z], b: top, ra: r * 1.25, rb: r * 0.9, level: 0 });
    if (kind === 'conifer') {
      for (let i = 0; i < 7; i++) {
        const t = i / 7;
        const w = height * 0.24 * (1 - t * 0.8);
        for (let k = -1; k <= 1; k++)
          this.#crown.push({
            at: [
              x + k * w * 0.55 + rng.normal() * 0.2,
              KERB + height * (0.2 + 0.75 * t),
              z + rng.normal() * 0.3,
            ],
            r: w * rng.range(0.6, 0.9),
            tone: rng.range(0.6, 1.2),
          });
      }
      return;
    }
    const depth = kind === 'bare' ? 5 : 2;
    this.#grow(rng, top, r * 0.85, (height - trunk) * 0.42, 0, 0, depth);
    if (kind === 'leafy')
      for (let i = 0; i < 16; i++) {
        const [a, q] = [rng.range(0, 6.28), Math.sqrt(rng.next())];
        const w = height * 0.3;
        this.#crown.push({
          at: [
            x + Math.cos(a) * q * w,
            KERB + trunk + (height - trunk) * (0.45 + 0.4 * q * Math.sin(a)),
            z + rng.normal(),
          ],
          r: w * rng.range(0.3, 0.5),
          tone: rng.range(0.6, 1.35),
        });
      }
  }

  #grow(
    rng: Random,
    from: Point,
    r: number,
    length: number,
    tiltX: number,
    tiltZ: number,
    depth: number,
  ): void {
    const forks = depth > 3 ? rng.integer(3, 4) : rng.integer(2, 3);
    for (let i = 0; i < forks; i++) {
      const tx = tiltX * 0.7 + rng.normal() * 0.5;
      const tz = tiltZ * 0.7 + rng.normal() * 0.5;
      const l = length * rng.range(0.65, 1.15);
      const n = Math.hypot(tx, 1, tz);
      const to: Point = [from[0] + (tx / n) * l, from[1] + l / n, from[2] + (tz / n) * l];
      const rb = r * rng.range(0.5, 0.68);
      this.#branches.push({ a: from, b: to, ra: r * 0.85, rb, level: 6 - depth });
      if (depth > 1) this.#grow(rng, to, rb, length * 0.72, tx, tz, depth - 1);
    }
  }

  distance(camera: Camera): number {
    return camera.depth(this.#x, this.#z) < 1 ? -1 : camera.distance(this.#x, this.#z);
  }

  paint(p: Painter): void {
    const distance = p.camera.distance(this.#x, this.#z);
    const deepest = distance > 70 ? 4 : distance > 40 ? 5 : 6;
    const bark = { colour: this.#bark, slopeX: 0.25 };
    const trunk = this.#branches[0];
    p.bar(trunk.a, trunk.b, trunk.ra, trunk.rb, bark);
    for (const { a, b, ra, rb, level } of this.#branches)
      if (level > 0 && level <= deepest) p.bar(a, b, Math.max(0.011, ra), Math.max(0.008, rb), bark);
    if (deepest < 6 && this.#crown.length === 0) this.#haze(p, deepest);
    for (const { at, r, tone } of this.#crown)
      p.ellipse(at, r, r * 0.85, {
        colour: scale(this.#leaf, tone),
        tile: p.tiles.leaves,
        tileWidth: 2.6,
        tileShift: this.#shift + at[0] * 40,
        cutout: 0.72,
        amount: 1.3,
        slopeY: -0.35,
      });
  }

  /** Far twigs are a veil. */
  #haze(p: Painter, deepest: number): void {
    for (const { b, level } of this.#branches)
      if (level === deepest)
        p.ellipse(b, 0.75, 0.75, {
          colour: this.#bark,
          alpha: 0.16,
          tile: p.tiles.twigs,
          tileWidth: 2,
          cutout: 0.9,
        });
  }

  shadow(p: Painter): void {
    const { sun, weather } = p.light;
    if (weather !== 'sun' || sun[1] < 0.1) return;
    const trunk = this.#branches[0];
    for (const { a, b, ra, level } of this.#branches) {
      if (level > 3) continue;
      const foot = (q: Point): Point => [
        q[0] - (sun[0] / sun[1]) * q[1],
        KERB,
        q[2] - (sun[2] / sun[1]) * q[1],
      ];
      const [c, d] = [foot(a), foot(b)];
      const l = Math.hypot(d[0] - c[0], d[2] - c[2]) || 1;
      const [nx, nz] = [((d[2] - c[2]) / l) * ra, ((c[0] - d[0]) / l) * ra];
      p.shade(
        [
          [c[0] - nx, KERB, c[2] - nz],
          [c[0] + nx, KERB, c[2] + nz],
          [d[0] + nx, KERB, d[2] + nz],
          [d[0] - nx, KERB, d[2] - nz],
        ],
        p.shadowFactor(),
        a === trunk.a ? 0.85 : 0.5,
      );
    }
  }
}

/** A hedge or shrub row along z on one side. */
export class Hedge implements Thing {
  readonly #rng: number;
  readonly #x: number;
  readonly #z0: number;
  readonly #z1: number;
  readonly #height: number;
  readonly #sign: number;

  constructor(seed: number, x: number, sign: number, z0: number, z1: number, height: number) {
    this.#rng = seed;
    this.#x = x;
    this.#sign = sign;
    this.#z0 = z0;
    this.#z1 = z1;
    this.#height = height;
  }

  distance(camera: Camera): number {
    if (camera.depth(this.#x, this.#z1) < 0.5) return -1;
    return camera.distance(this.#x, this.#z1);
  }

  paint(p: Painter): void {
    const rng = new Random(this.#rng, 4);
    const colour = vary(rng, [0.045, 0.06, 0.022], 0.4);
    const [h, x, s] = [this.#height, this.#x, this.#sign];
    const face = { tile: p.tiles.leaves, tileWidth: 3, tileHeight: 3, amount: 1.2, soft: 0.6 };
    const top = KERB + h;
    p.polygon(
      [
        [x, top, this.#z0],
        [x, top, this.#z1],
        [x + s * 0.9, top, this.#z1],
        [x + s * 0.9, top, this.#z0],
      ],
      { colour: scale(colour, 1.2), normal: [0, 1, 0], ...face },
    );
    p.polygon(
      [
        [x, KERB, this.#z0],
        [x + s * 0.9, KERB, this.#z0],
        [x + s * 0.9, top, this.#z0],
        [x, top, this.#z0],
      ],
      { colour, normal: [0, 0, -1], ...face },
    );
    p.polygon(
      [
        [x, KERB, this.#z0],
        [x, KERB, this.#z1],
        [x, top, this.#z1],
        [x, top, this.#z0],
      ],
      { colour, normal: [-s, 0, 0], slopeY: 0, ...face },
    );
    for (let z = this.#z1; z > this.#z0; z -= rng.range(0.5, 1))
      p.ellipse([x + s * 0.3, top - 0.05, z], rng.range(0.3, 0.7), rng.range(0.12, 0.3), {
        colour: scale(colour, rng.range(0.8, 1.3)),
        tile: p.tiles.leaves,
        tileWidth: 2,
        tileShift: z * 50,
        cutout: 0.7,
        amount: 1.2,
      });
  }
}
