/** Hedges and shrub rows along a side of the street. */
import type { Camera } from './camera.ts';
import { scale, vary } from './colour.ts';
import { KERB } from './ground.ts';
import type { Painter } from './painter.ts';
import { Random } from './random.ts';
import type { Thing } from './thing.ts';

/** A hedge or shrub row along z on one side. */
export class Hedge implements Thing {
  readonly sceneClass = 'tree' as const;
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
