/** Railings, fences, walls and hoardings along the street: upright lines that are no poles. */
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
