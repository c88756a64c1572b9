/** Overhead wires between wooden poles: sagging lines of about a centimetre. */
import type { Camera, Point } from './camera.ts';
import type { Painter } from './painter.ts';
import type { Thing } from './thing.ts';

const STEPS = 6;

export class Wire implements Thing {
  readonly sceneClass = 'unlabelled' as const;
  readonly #x: number;
  readonly #z0: number;
  readonly #z1: number;
  readonly #height: number;

  constructor(x: number, z0: number, z1: number, height: number) {
    this.#x = x;
    this.#z0 = z0;
    this.#z1 = z1;
    this.#height = height;
  }

  distance(camera: Camera): number {
    return camera.depth(this.#x, this.#z0) < 1 ? -1 : camera.distance(this.#x, this.#z0);
  }

  paint(p: Painter): void {
    for (const dx of [-0.7, -0.25, 0.25, 0.7]) {
      const at = (t: number): Point => [
        this.#x + dx,
        this.#height - 1.6 * t * (1 - t),
        this.#z0 + (this.#z1 - this.#z0) * t,
      ];
      for (let i = 0; i < STEPS; i++)
        p.bar(at(i / STEPS), at((i + 1) / STEPS), 0.009, 0.009, { colour: [0.02, 0.02, 0.02] });
    }
  }
}
