/**
 * Surface tiles: brightness factors around 1 (or cover 0..1 for leaves), 256 x 256, with halved copies down to
 * 1 x 1 so that far surfaces do not shimmer. Fixed seeds: every scene shares them; scenes offset into them.
 */
import { Random } from './random.ts';

export const TILE_SIDE = 256;

export interface Tile {
  /** levels[l]: (256 >> l) squared values. */
  readonly levels: readonly Float32Array[];
}

function halve(source: Float32Array, side: number): Float32Array {
  const half = side >> 1;
  const out = new Float32Array(half * half);
  for (let y = 0; y < half; y++)
    for (let x = 0; x < half; x++) {
      const i = 2 * y * side + 2 * x;
      out[y * half + x] = (source[i] + source[i + 1] + source[i + side] + source[i + side + 1]) / 4;
    }
  return out;
}

function tileOf(values: Float32Array): Tile {
  const levels = [values];
  for (let side = TILE_SIDE; side > 1; side >>= 1) levels.push(halve(levels[levels.length - 1], side));
  return { levels };
}

/** Periodic value noise summed over octaves, -1..1. */
function noiseField(seed: number, firstCells: number, octaves: number, fade: number): Float32Array {
  const out = new Float32Array(TILE_SIDE * TILE_SIDE);
  const rng = new Random(seed);
  let total = 0;
  for (let o = 0, cells = firstCells, gain = 1; o < octaves && cells <= TILE_SIDE; o++, cells *= 2) {
    const grid = Float32Array.from({ length: cells * cells }, () => rng.next() * 2 - 1);
    for (let y = 0; y < TILE_SIDE; y++) {
      const gy = (y * cells) / TILE_SIDE;
      const y0 = Math.floor(gy);
      const fy = gy - y0;
      const sy = fy * fy * (3 - 2 * fy);
      const row0 = (y0 % cells) * cells;
      const row1 = ((y0 + 1) % cells) * cells;
      for (let x = 0; x < TILE_SIDE; x++) {
        const gx = (x * cells) / TILE_SIDE;
        const x0 = Math.floor(gx);
        const fx = gx - x0;
        const sx = fx * fx * (3 - 2 * fx);
        const a = x0 % cells;
        const b = (x0 + 1) % cells;
        const top = grid[row0 + a] + (grid[row0 + b] - grid[row0 + a]) * sx;
        const bottom = grid[row1 + a] + (grid[row1 + b] - grid[row1 + a]) * sx;
        out[y * TILE_SIDE + x] += gain * (top + (bottom - top) * sy);
      }
    }
    total += gain;
    gain *= fade;
  }
  for (let i = 0; i < out.length; i++) out[i] /= total * 0.6;
  return out;
}

function centred(values: Float32Array, amplitude: number): Float32Array {
  return values.map((v) => Math.max(0.1, 1 + amplitude * v));
}

/** Courses of blocks with joints: one tile is `across` x `courses` blocks, every second course shifted. */
function blocks(seed: number, across: number, courses: number, jointPx: number, vary: number, joint: number) {
  const rng = new Random(seed);
  const tint = Float32Array.from({ length: across * courses * 2 }, () => 1 + vary * rng.normal());
  const grain = noiseField(seed + 1, 32, 3, 0.7);
  const out = new Float32Array(TILE_SIDE * TILE_SIDE);
  const h = TILE_SIDE / courses;
  const w = TILE_SIDE / across;
  for (let y = 0; y < TILE_SIDE; y++)
    for (let x = 0; x < TILE_SIDE; x++) {
      const course = Math.floor(y / h);
      const xs = (x + (course % 2) * (w / 2)) % TILE_SIDE;
      const column = Math.floor(xs / w);
      const inJoint = y - course * h < jointPx || xs - column * w < jointPx;
      const i = y * TILE_SIDE + x;
      out[i] = (inJoint ? joint : tint[course * across + column]) * (1 + 0.12 * grain[i]);
    }
  return out;
}

function speckle(seed: number): Float32Array {
  const rng = new Random(seed);
  const soft = noiseField(seed + 1, 8, 4, 0.8);
  return Float32Array.from({ length: TILE_SIDE * TILE_SIDE }, (_, i) =>
    Math.max(0.3, 1 + 0.26 * rng.normal() + 0.16 * soft[i]),
  );
}

function planks(seed: number): Float32Array {
  const rng = new Random(seed);
  const boards = Float32Array.from({ length: 16 }, () => 1 + 0.15 * rng.normal());
  const grain = noiseField(seed + 1, 64, 2, 0.7);
  return Float32Array.from({ length: TILE_SIDE * TILE_SIDE }, (_, i) => {
    const x = i % TILE_SIDE;
    return (x % 16 < 1.5 ? 0.45 : boards[x >> 4]) * (1 + 0.15 * grain[i]);
  });
}

let tiles: ReturnType<typeof makeTiles> | undefined;

function makeTiles() {
  return {
    /** Large soft patches: stains, clouds of wear. */
    soft: tileOf(centred(noiseField(11, 4, 6, 0.68), 0.42)),
    asphalt: tileOf(speckle(21)),
    /** 8 x 16 bricks: scale so that a tile is about 1.8 m x 1.2 m. */
    brick: tileOf(blocks(31, 8, 16, 2, 0.13, 1.25)),
    slabs: tileOf(blocks(41, 4, 4, 2, 0.08, 0.6)),
    stone: tileOf(blocks(51, 4, 8, 2, 0.1, 0.75)),
    plaster: tileOf(centred(noiseField(61, 8, 5, 0.75), 0.16)),
    planks: tileOf(planks(71)),
    grass: tileOf(centred(noiseField(81, 32, 4, 0.9), 0.55)),
    /** Strong light and dark clumps, also used as cover. */
    leaves: tileOf(centred(noiseField(91, 16, 4, 0.8), 0.7)),
    twigs: tileOf(centred(noiseField(101, 64, 3, 0.9), 0.8)),
    clouds: tileOf(noiseField(111, 4, 6, 0.55)),
  };
}

/** The shared tiles; made once, about 150 ms. */
export function surfaceTiles(): ReturnType<typeof makeTiles> {
  return (tiles ??= makeTiles());
}
