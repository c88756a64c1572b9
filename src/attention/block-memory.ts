/**
 * When each block was last looked at, and how much has changed there since: carried along with the camera. Pure but for
 * its own state. A place that was never seen is as old as any gets.
 */
import { type Affine, inverse } from './affine.ts';

/** Steps: older is the same. */
export const OLDEST = 30;

export class BlockMemory {
  readonly columns: number;
  readonly rows: number;
  readonly #blockPx: number;
  /** [rows, columns]: steps since the last look. */
  #age: Float32Array;
  /** [rows, columns]: motion energy since the last look. */
  #change: Float32Array;

  constructor(columns: number, rows: number, blockPx: number) {
    this.columns = columns;
    this.rows = rows;
    this.#blockPx = blockPx;
    this.#age = new Float32Array(columns * rows).fill(OLDEST);
    this.#change = new Float32Array(columns * rows);
  }

  get age(): Float32Array {
    return this.#age;
  }

  get change(): Float32Array {
    return this.#change;
  }

  /** A new frame. @param energy of motion, [rows, columns] */
  step(camera: Affine, steps: number, energy: Float32Array): void {
    this.#age = this.#moved(this.#age, camera, OLDEST).map((age) => Math.min(OLDEST, age + steps));
    this.#change = this.#moved(this.#change, camera, 0).map((change, i) => change + energy[i]);
  }

  /** @param gates of the frame: attended blocks are fresh */
  look(gates: Uint8Array): void {
    gates.forEach((gate, i) => {
      if (gate === 0) return;
      this.#age[i] = 0;
      this.#change[i] = 0;
    });
  }

  /** Values where the camera's motion takes them, between blocks in proportion. */
  #moved(values: Float32Array, camera: Affine, outside: number): Float32Array {
    const { columns, rows } = this;
    const side = this.#blockPx;
    const back = inverse(camera);
    const at = (i: number, j: number) =>
      i < 0 || j < 0 || i >= columns || j >= rows ? outside : values[j * columns + i];
    return values.map((_, block) => {
      const x = ((block % columns) + 0.5) * side;
      const y = (Math.floor(block / columns) + 0.5) * side;
      const u = (back.xx * x + back.xy * y + back.x) / side - 0.5;
      const v = (back.yx * x + back.yy * y + back.y) / side - 0.5;
      const i = Math.floor(u);
      const j = Math.floor(v);
      const [fx, fy] = [u - i, v - j];
      const mix = (a: number, b: number, f: number) => (f === 0 ? a : a + f * (b - a));
      return mix(mix(at(i, j), at(i + 1, j), fx), mix(at(i, j + 1), at(i + 1, j + 1), fx), fy);
    });
  }
}
