/** Street clutter that is neither person nor pole: bins, boxes, shelters, cones, parked bicycles. */
import type { Camera, Point } from './camera.ts';
import { type Colour, scale, vary } from './colour.ts';
import { KERB } from './ground.ts';
import type { Painter, Surface } from './painter.ts';
import type { Random } from './random.ts';
import type { Thing } from './thing.ts';

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
