/**
 * Which convolutions run by Winograd's minimal filtering (assembly/kernels/winograd.ts), and their weights:
 * U = G g G', made once in double precision. Source: Lavin and Gray 2015 (arXiv:1509.09308); the 8-point G is that
 * of F(6x6, 3x3) in wider use, with kernels of 5 (rows of G are scale * [1, p, p^2, ..]).
 */
import { type Channels, padChannels } from './layout.ts';

/** Output places a tile side. */
const TILE_SIDE = 4;
/** As in assembly/kernels/winograd.ts. */
const BATCH_TILES = 16;
const TILE_ENTRY_BYTES = 16;
const SQUARE_BYTES = 1024;
const POINT_GAP_BYTES = 64;
const SLICE = 8;
const LANES = 4;
const FLOAT_BYTES = 4;

/** Finite interpolation points and the scale of their row of G; the last row is that of infinity. */
const POINTS: Readonly<Record<3 | 5, readonly (readonly [point: number, scale: number])[]>> = {
  3: [
    [0, 1 / 4],
    [1, -1 / 6],
    [-1, -1 / 6],
    [2, 1 / 24],
    [-2, 1 / 24],
  ],
  5: [
    [0, 1],
    [1, -2 / 9],
    [-1, -2 / 9],
    [2, 1 / 90],
    [-2, 1 / 90],
    [1 / 2, 32 / 45],
    [-1 / 2, 32 / 45],
  ],
};

/** Whether a branch may run in tiles: `side` is what blocks are multiples of, in output places. */
export function runsInTiles(kernel: number, stride: number, side: number): kernel is 3 | 5 {
  return stride === 1 && (kernel === 3 || kernel === 5) && side % TILE_SIDE === 0;
}

/** G [points a side, kernel]. */
function transform(kernel: 3 | 5): number[][] {
  const finite = POINTS[kernel].map(([point, scale]) =>
    Array.from({ length: kernel }, (_, power) => scale * point ** power),
  );
  return [...finite, Array.from({ length: kernel }, (_, power) => (power === kernel - 1 ? 1 : 0))];
}

/** Interpolation points of a tile. */
function pointCount(kernel: 3 | 5): number {
  return (POINTS[kernel].length + 1) ** 2;
}

/** Bytes that `convolveTiles` needs beside the maps. */
export function scratchBytes(kernel: 3 | 5, inputs: Channels): number {
  const points = pointCount(kernel);
  const products = points * BATCH_TILES * SLICE * FLOAT_BYTES;
  const inputBytes = points * (BATCH_TILES * inputs.padded * FLOAT_BYTES + POINT_GAP_BYTES);
  return BATCH_TILES * TILE_ENTRY_BYTES + SQUARE_BYTES + products + inputBytes;
}

/** Floats that `packTransformed` fills. */
export function transformedLength(kernel: 3 | 5, inputs: Channels, outputs: number): number {
  return pointCount(kernel) * inputs.padded * Math.ceil(outputs / SLICE) * SLICE;
}

/** Weights [kernel, kernel, inputs, outputs] to [outputs / 8][point][lane][inputs / 4][8]; padding is zero. */
export function packTransformed(
  target: Float32Array,
  w: Float32Array,
  kernel: 3 | 5,
  inputs: Channels,
  outputs: number,
): void {
  const g = transform(kernel);
  const vectors = padChannels(inputs.padded) / LANES;
  const sliceLength = pointCount(kernel) * inputs.padded * SLICE;
  const half = new Float64Array(g.length * kernel);
  inputs.slots.forEach((slot, i) => {
    const at = ((slot % LANES) * vectors + Math.floor(slot / LANES)) * SLICE;
    for (let o = 0; o < outputs; o++) {
      const weight = (y: number, x: number) => w[((y * kernel + x) * inputs.slots.length + i) * outputs + o];
      for (let row = 0; row < g.length; row++) {
        for (let x = 0; x < kernel; x++) {
          let sum = 0;
          for (let y = 0; y < kernel; y++) sum += g[row][y] * weight(y, x);
          half[row * kernel + x] = sum;
        }
      }
      const slice = Math.floor(o / SLICE) * sliceLength + at + (o % SLICE);
      for (let row = 0; row < g.length; row++) {
        for (let column = 0; column < g.length; column++) {
          let sum = 0;
          for (let x = 0; x < kernel; x++) sum += half[row * kernel + x] * g[column][x];
          target[slice + (row * g.length + column) * inputs.padded * SLICE] = sum;
        }
      }
    }
  });
}
