/**
 * Which convolutions run by Winograd's minimal filtering (assembly/kernels/winograd.ts), and their weights:
 * U = G g G', made once in double precision. Source: Lavin and Gray 2015 (arXiv:1509.09308). Rows of G are
 * scale * [1, p, p^2, ..] for the interpolation point p; the scales go with the kernel's B and A.
 */
import type { ConvLayer } from '../../network/spec.ts';
import type { Channels } from './layout.ts';

/** As in assembly/kernels/winograd.ts. */
const BATCH_TILES = 16;
const TILE_ENTRY_BYTES = 48;
const SQUARE_BYTES = 2048;
const POINT_GAP_BYTES = 64;
const SLICE = 8;
const LANES = 4;
const FLOAT_BYTES = 4;

/** A way to run a convolution in tiles. */
export interface Tiling {
  readonly kernel: 3 | 5;
  readonly stride: 1 | 2;
  /** Output places a tile side. */
  readonly side: 4 | 6;
}

/** Finite interpolation points and the scale of their row of G, by points a tile side; infinity comes last. */
const POINTS: Readonly<Record<number, readonly (readonly [point: number, scale: number])[]>> = {
  5: [
    [0, 1 / 2],
    [1, -1 / 2],
    [-1, -1 / 6],
    [2, 1 / 6],
  ],
  6: [
    [0, 1 / 4],
    [1, -1 / 6],
    [-1, -1 / 6],
    [2, 1 / 24],
    [-2, 1 / 24],
  ],
  8: [
    [0, 1],
    [1, -2 / 9],
    [-1, -2 / 9],
    [2, 1 / 90],
    [-2, 1 / 90],
    [1 / 2, 32 / 45],
    [-1 / 2, 32 / 45],
  ],
};

/** Input channels below which the products at stride 2 are too short to pay. */
const LEAST_STRIDED_INPUTS = 8;

/** @param blockSide what blocks are multiples of, in output places. @returns null where tiles do not fit or pay. */
export function chooseTiling(layer: ConvLayer, kernel: number, blockSide: number): Tiling | null {
  const { stride } = layer;
  if (stride === 2) {
    const fits = kernel === 3 && blockSide % 4 === 0 && layer.inputs >= LEAST_STRIDED_INPUTS;
    return fits ? { kernel, stride, side: 4 } : null;
  }
  if (kernel === 3 && blockSide % 6 === 0) return { kernel, stride, side: 6 };
  if ((kernel === 3 || kernel === 5) && blockSide % 4 === 0) return { kernel, stride, side: 4 };
  return null;
}

/** Interpolation points a tile side. */
function pointsAside({ kernel, stride, side }: Tiling): number {
  // At stride 2 the outer taps make a kernel of 2 on every other place.
  return side + (stride === 2 ? 2 : kernel) - 1;
}

/** Input channels that a point's product sums over. */
function inputsAt(tiling: Tiling, row: number, column: number, inputs: Channels): number {
  const phases = tiling.stride === 2 ? (row > 0 ? 2 : 1) * (column > 0 ? 2 : 1) : 1;
  return phases * inputs.padded;
}

/** G for taps that are neighbours: [points, taps]. */
function transform(points: number, taps: number): number[][] {
  const finite = POINTS[points].map(([point, scale]) =>
    Array.from({ length: taps }, (_, power) => scale * point ** power),
  );
  return [...finite, Array.from({ length: taps }, (_, power) => (power === taps - 1 ? 1 : 0))];
}

/**
 * One direction's part of a tiling: G over the kernel's taps [points, kernel]. At stride 2 the odd phase has the outer
 * taps, the even phase the middle one, which is the second of two and nothing at point 0.
 */
function phaseTransforms(tiling: Tiling): number[][][] {
  const points = pointsAside(tiling);
  if (tiling.stride === 1) return [transform(points, tiling.kernel)];
  const pairs = transform(points, 2);
  return [pairs.map(([first, second]) => [first, 0, second]), pairs.map(([, second]) => [0, second, 0])];
}

/** Bytes that `convolveTiles` needs beside the maps. */
export function tileScratchBytes(tiling: Tiling, inputs: Channels): number {
  const points = pointsAside(tiling) ** 2;
  const products = BATCH_TILES * (points * SLICE * FLOAT_BYTES + POINT_GAP_BYTES);
  const most = tiling.stride ** 2 * inputs.padded;
  const inputBytes = points * (BATCH_TILES * most * FLOAT_BYTES + POINT_GAP_BYTES);
  return BATCH_TILES * TILE_ENTRY_BYTES + SQUARE_BYTES + products + inputBytes;
}

/** Floats of a slice of 8 outputs. */
function sliceLength(tiling: Tiling, inputs: Channels): number {
  const points = pointsAside(tiling);
  let length = 0;
  for (let row = 0; row < points; row++) {
    for (let column = 0; column < points; column++) length += inputsAt(tiling, row, column, inputs) * SLICE;
  }
  return length;
}

/** Floats that `packTransformed` fills. */
export function transformedLength(tiling: Tiling, inputs: Channels, outputs: number): number {
  return sliceLength(tiling, inputs) * Math.ceil(outputs / SLICE);
}

/** One product's weights: rows of G for both directions, and where they go in a slice. */
interface PointPart {
  readonly row: number;
  readonly column: number;
  readonly start: number;
  /** Vectors of inputs that the point sums over, and the first of this part. */
  readonly vectors: number;
  readonly first: number;
}

/** Points row by row, each with its phases: (odd, odd), (odd, even), (even, odd), (even, even), as far as it has them. */
function pointParts(tiling: Tiling, inputs: Channels): PointPart[] {
  const points = pointsAside(tiling);
  const phases = tiling.stride;
  const parts: PointPart[] = [];
  let start = 0;
  for (let row = 0; row < points; row++) {
    for (let column = 0; column < points; column++) {
      const vectors = inputsAt(tiling, row, column, inputs) / LANES;
      let first = 0;
      for (let p = 0; p < (row > 0 ? phases : 1); p++) {
        for (let q = 0; q < (column > 0 ? phases : 1); q++) {
          parts.push({ row: p * points + row, column: q * points + column, start, vectors, first });
          first += inputs.padded / LANES;
        }
      }
      start += vectors * LANES * SLICE;
    }
  }
  return parts;
}

/** Weights [kernel, kernel, inputs, outputs] to [outputs / 8][point][lane][phase, inputs / 4][8]; padding is zero. */
export function packTransformed(
  target: Float32Array,
  w: Float32Array,
  tiling: Tiling,
  inputs: Channels,
  outputs: number,
): void {
  const { kernel } = tiling;
  const g = Float64Array.from(phaseTransforms(tiling).flat(2));
  const slice = sliceLength(tiling, inputs);
  const parts = pointParts(tiling, inputs);
  const half = new Float64Array(g.length);
  inputs.slots.forEach((slot, i) => {
    for (let o = 0; o < outputs; o++) {
      // G g, whose columns are then summed by the rows of G once more.
      for (let row = 0; row < g.length; row += kernel) {
        for (let x = 0; x < kernel; x++) {
          let sum = 0;
          for (let y = 0; y < kernel; y++) {
            sum += g[row + y] * w[((y * kernel + x) * inputs.slots.length + i) * outputs + o];
          }
          half[row + x] = sum;
        }
      }
      const at = Math.floor(o / SLICE) * slice + (o % SLICE);
      for (const { row, column, start, vectors, first } of parts) {
        let sum = 0;
        for (let x = 0; x < kernel; x++) sum += half[row * kernel + x] * g[column * kernel + x];
        target[at + start + ((slot % LANES) * vectors + first + Math.floor(slot / LANES)) * SLICE] = sum;
      }
    }
  });
}
