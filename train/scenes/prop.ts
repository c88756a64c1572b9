/** Street clutter that is neither person nor pole: railings, walls, bins, boxes, shelters, cones. */
import type { Camera, Point } from './camera.ts';
import { type Colour, scale, vary } from './colour.ts';
import { KERB } from './ground.ts';
import type { Painter, Surface } from './painter.ts';
import { Random } from './random.ts';
import type { SceneClass } from './scene-class.ts';
import type { Thing } from './thing.ts';

/** Something long that runs along the street: railing, fence or wall. */
export class Barrier implements Thing {
  get sceneClass(): SceneClass {
    return this.kind === 'wall' || this.kind === 'hoarding' ? 'building' : 'fence';
  }

  readonly kind: 'railing' | 'wall' | 'fence' | 'guard' | 'hoarding';
  readonly #x: number;
  readonly #sign: number;
  readonly #z0: number;
  readonly #z1: number;
  readonly #height: number;
  readonly #colour: Colour;
  readonly #seed: number;

  constructor(rng: Random, kind: Barrier['kind'], x: number, sign: number, z0: number, z1: number) {
    this.kind = kind;
    this.#x = x;
    this.#sign = sign;
    this.#z0 = z0;
    this.#z1 = z1;
    this.#seed = rng.seed();
    const heights = { railing: 1.2, wall: 1.1, fence: 1.7, guard: 1.05, hoarding: 2.3 };
    this.#height = heights[kind] * rng.range(0.75, 1.25);
    const base: Colour =
      kind === 'wall'
        ? [0.24, 0.17, 0.12]
        : kind === 'fence'
          ? [0.16, 0.11, 0.07]
          : kind === 'hoarding'
            ? [0.4, 0.45, 0.48]
            : rng.chance(0.5)
              ? [0.02, 0.02, 0.022]
              : [0.3, 0.3, 0.3];
    this.#colour = vary(rng, base, 0.3);
  }

  distance(camera: Camera): number {
    if (camera.depth(this.#x, this.#z1) < 0.5) return -1;
    return Math.max(camera.distance(this.#x, this.#z1), camera.distance(this.#x, this.#z0)) - 0.5;
  }

  paint(p: Painter): void {
    const [x, h, s] = [this.#x, this.#height, this.#sign];
    const y = KERB;
    if (this.kind === 'railing' || this.kind === 'guard') {
      this.#paintBars(p);
      return;
    }
    const rng = new Random(this.#seed, 6);
    const tile =
      this.kind === 'wall' ? p.tiles.brick : this.kind === 'fence' ? p.tiles.planks : p.tiles.plaster;
    const face: Surface = {
      colour: this.#colour,
      tile,
      tileWidth: 1.8,
      tileHeight: 1.2,
      amount: 1,
      soft: 0.7,
    };
    const quad = (z0: number, z1: number, v0: number, v1: number, w = 0): Point[] => [
      [x - s * w, y + v0, z0],
      [x - s * w, y + v0, z1],
      [x - s * w, y + v1, z1],
      [x - s * w, y + v1, z0],
    ];
    p.polygon(quad(this.#z0, this.#z1, 0, h), { ...face, normal: [-s, 0, 0] });
    p.polygon(
      [
        [x, y, this.#z0],
        [x + s * 0.25, y, this.#z0],
        [x + s * 0.25, y + h, this.#z0],
        [x, y + h, this.#z0],
      ],
      { ...face, normal: [0, 0, -1] },
    );
    if (this.kind === 'wall')
      p.polygon(quad(this.#z0, this.#z1, h - 0.1, h, 0.04), { colour: scale(this.#colour, 1.5) });
    if (this.kind === 'hoarding')
      for (let z = this.#z0; z < this.#z1 - 1; z += rng.range(2, 5))
        p.polygon(quad(z, z + rng.range(0.8, 2.2), h * 0.2, h * 0.85, 0.02), {
          colour: [rng.range(0.05, 0.7), rng.range(0.05, 0.6), rng.range(0.05, 0.6)],
          normal: [-s, 0, 0],
        });
  }

  #paintBars(p: Painter): void {
    const [x, h] = [this.#x, this.#height];
    const surface: Surface = { colour: this.#colour };
    const top = KERB + h;
    const near = Math.max(this.#z0, p.camera.pose.z + 0.8);
    if (near >= this.#z1) return;
    p.bar([x, top, near], [x, top, this.#z1], 0.025, 0.025, surface);
    p.bar([x, KERB + 0.15, near], [x, KERB + 0.15, this.#z1], 0.02, 0.02, surface);
    for (let z = this.#z1; z >= this.#z0; ) {
      const d = p.camera.depth(x, z);
      if (d < 0.8) return;
      if (d > 45) {
        z -= 2;
        p.bar([x, KERB, z], [x, top, z], 0.025, 0.025, surface);
        continue;
      }
      z -= this.kind === 'guard' ? 0.13 : 0.16;
      p.bar([x, KERB + 0.1, z], [x, top, z], 0.009, 0.009, surface);
    }
    if (this.kind === 'guard')
      for (let z = this.#z0; z <= this.#z1; z += 2)
        p.bar([x, KERB, z], [x, top + 0.03, z], 0.028, 0.028, surface);
  }
}

export type BoxKind =
  | 'bin'
  | 'postbox'
  | 'cabinet'
  | 'wheelie'
  | 'shelter'
  | 'cone'
  | 'phone'
  | 'board'
  | 'pram'
  | 'bicycle';
export const BOX_KINDS: readonly BoxKind[] = [
  'bin',
  'bin',
  'postbox',
  'cabinet',
  'wheelie',
  'wheelie',
  'shelter',
  'cone',
  'phone',
  'board',
  'bicycle',
  'bicycle',
  'bicycle',
];

const SIZES: Readonly<Record<BoxKind, readonly [number, number, number]>> = {
  bin: [0.5, 1.05, 0.5],
  postbox: [0.5, 1.6, 0.5],
  cabinet: [1.1, 1.3, 0.45],
  wheelie: [0.58, 1.07, 0.7],
  shelter: [1.4, 2.4, 3.4],
  cone: [0.34, 0.7, 0.34],
  phone: [0.9, 2.4, 0.9],
  board: [0.6, 1.1, 0.4],
  pram: [0.5, 1, 0.8],
  bicycle: [0.1, 1, 1.7],
};

export class Box implements Thing {
  readonly sceneClass = 'unlabelled' as const;
  readonly kind: BoxKind;
  readonly #x: number;
  readonly #z: number;
  readonly #colour: Colour;
  readonly #along: boolean;

  constructor(rng: Random, kind: BoxKind, x: number, z: number) {
    this.kind = kind;
    this.#x = x;
    this.#z = z;
    this.#along = rng.chance(0.7);
    const colours: Readonly<Record<BoxKind, Colour>> = {
      bin: rng.chance(0.5) ? [0.02, 0.022, 0.02] : [0.25, 0.25, 0.25],
      postbox: [0.42, 0.02, 0.02],
      cabinet: [0.05, 0.09, 0.06],
      wheelie: rng.pick([
        [0.03, 0.05, 0.035],
        [0.02, 0.03, 0.08],
        [0.015, 0.015, 0.015],
      ] as Colour[]),
      shelter: [0.1, 0.1, 0.11],
      cone: [0.6, 0.14, 0.03],
      phone: rng.chance(0.6) ? [0.45, 0.02, 0.02] : [0.1, 0.1, 0.1],
      board: [0.5, 0.5, 0.45],
      pram: [0.03, 0.03, 0.05],
      bicycle: vary(rng, [0.08, 0.07, 0.07], 0.7),
    };
    this.#colour = vary(rng, colours[kind], 0.15);
  }

  place(): readonly [number, number] {
    return [this.#x, this.#z];
  }

  distance(camera: Camera): number {
    return camera.depth(this.#x, this.#z) < 1.5 ? -1 : camera.distance(this.#x, this.#z);
  }

  paint(p: Painter): void {
    const [w, h, l] = SIZES[this.kind];
    const [x, z] = [this.#x, this.#z];
    const y = KERB;
    if (this.kind === 'bicycle') {
      this.#paintBicycle(p);
      return;
    }
    if (this.kind === 'cone') {
      p.bar([x, y, z], [x, y + h, z], w / 2, 0.03, { colour: this.#colour, slopeX: 0.2 });
      p.bar([x, y + h * 0.4, z], [x, y + h * 0.62, z], w * 0.33, w * 0.22, { colour: [0.75, 0.75, 0.75] });
      return;
    }
    if (this.kind === 'bin' || this.kind === 'postbox') {
      p.bar([x, y, z], [x, y + h * 0.88, z], w / 2, w / 2, { colour: this.#colour, slopeX: 0.3 });
      p.bar(
        [x, y + h * 0.8, z],
        [x, y + h, z],
        w * 0.56,
        w * 0.42,
        { colour: scale(this.#colour, 0.8), slopeX: 0.3 },
        true,
      );
      p.bar([x, y + h * 0.7, z], [x, y + h * 0.78, z], w * 0.35, w * 0.35, { colour: [0.01, 0.01, 0.01] });
      return;
    }
    if (this.kind === 'shelter') {
      for (const [dx, dz] of [
        [-w / 2, -l / 2],
        [w / 2, -l / 2],
        [-w / 2, l / 2],
        [w / 2, l / 2],
      ])
        p.bar([x + dx, y, z + dz], [x + dx, y + h, z + dz], 0.045, 0.045, { colour: this.#colour });
      this.#block(p, w * 1.1, 0.12, l * 1.05, y + h, { colour: this.#colour });
      this.#block(p, 0.05, 1.7, l, y + 0.5, {
        colour: [0.02, 0.02, 0.02],
        glow: scale(p.light.horizon, 0.15),
        alpha: 0.35,
      });
      return;
    }
    this.#block(p, w, h, l, y, { colour: this.#colour });
    if (this.kind === 'phone') {
      const glass: Surface = { colour: [0.02, 0.02, 0.02], glow: scale(p.light.horizon, 0.12) };
      const front: Point[] = [
        [x - w * 0.38, y + 0.4, z - l / 2],
        [x + w * 0.38, y + 0.4, z - l / 2],
        [x + w * 0.38, y + h - 0.4, z - l / 2],
        [x - w * 0.38, y + h - 0.4, z - l / 2],
      ];
      p.polygon(front, glass);
    }
    if (this.kind === 'wheelie')
      this.#block(p, w * 1.08, 0.08, l * 1.08, y + h * 0.95, { colour: scale(this.#colour, 1.4) });
  }

  #block(p: Painter, w: number, h: number, l: number, y: number, surface: Surface): void {
    const [x, z] = [this.#x, this.#z];
    const { pose } = p.camera;
    const s = pose.x < x ? -1 : 1;
    const [a, b] = [z - l / 2, z + l / 2];
    const side = x + (s * w) / 2;
    p.polygon(
      [
        [side, y, a],
        [side, y, b],
        [side, y + h, b],
        [side, y + h, a],
      ],
      { ...surface, normal: [s, 0, 0] },
    );
    p.polygon(
      [
        [x - w / 2, y, a],
        [x + w / 2, y, a],
        [x + w / 2, y + h, a],
        [x - w / 2, y + h, a],
      ],
      { ...surface, normal: [0, 0, -1] },
    );
    if (pose.y > y + h)
      p.polygon(
        [
          [x - w / 2, y + h, a],
          [x + w / 2, y + h, a],
          [x + w / 2, y + h, b],
          [x - w / 2, y + h, b],
        ],
        { ...surface, normal: [0, 1, 0] },
      );
  }

  #paintBicycle(p: Painter): void {
    const [x, z] = [this.#x, this.#z];
    const at = (u: number, v: number): Point => (this.#along ? [x, KERB + v, z + u] : [x + u, KERB + v, z]);
    const tyre: Surface = { colour: [0.012, 0.012, 0.012] };
    for (const hub of [-0.52, 0.52]) {
      let previous = at(hub + 0.33, 0.33);
      for (let i = 1; i <= 12; i++) {
        const a = (i / 12) * Math.PI * 2;
        const next = at(hub + Math.cos(a) * 0.33, 0.33 + Math.sin(a) * 0.33);
        p.bar(previous, next, 0.02, 0.02, tyre);
        previous = next;
      }
    }
    const frame: Surface = { colour: this.#colour };
    for (const [a, b, c, d] of [
      [-0.52, 0.33, -0.05, 0.3],
      [-0.05, 0.3, -0.22, 0.9],
      [-0.05, 0.3, 0.4, 0.85],
      [-0.18, 0.75, 0.4, 0.85],
      [0.52, 0.33, 0.38, 1],
      [-0.52, 0.33, -0.2, 0.8],
    ])
      p.bar(at(a, b), at(c, d), 0.018, 0.018, frame);
  }

  shadow(p: Painter): void {
    const [w, , l] = SIZES[this.kind];
    const [x, z] = [this.#x, this.#z];
    p.shade(
      [
        [x - w * 0.6, KERB, z - l * 0.55],
        [x + w * 0.6, KERB, z - l * 0.55],
        [x + w * 0.6, KERB, z + l * 0.55],
        [x - w * 0.6, KERB, z + l * 0.55],
      ],
      [0.45, 0.45, 0.47],
      0.6,
    );
  }
}
