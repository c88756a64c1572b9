/**
 * How maps and weights lie in the kernels' memory.
 * A place has its channels padded to a multiple of 4 with zeros; it may be wider than the map's channels: the last
 * stem layer writes into the join in place.
 * Attention maps are whole: NHWC with a border of zero places that is never written, 2 to the left and above (the
 * widest kernel is 5x5), 7 to the right and below (a tile at the edge).
 * Detail maps lie in slots: the attended blocks alone, [slot, side, side, channels], so that what a frame touches goes
 * with the blocks attended, whatever its size, and nothing has to be cleared.
 */
import type { Size } from '../../network/geometry.ts';
import type { ConvLayer, NetworkSpec } from '../../network/spec.ts';
import { COORDINATE_CHANNELS } from '../../network/spec.ts';
import type { Arena } from './arena.ts';

const BORDER_BEFORE = 2;
const BORDER_AFTER = 7;
const FLOAT_BYTES = 4;

/** Channels rounded up to whole vectors. */
export function padChannels(channels: number): number {
  return Math.ceil(channels / 4) * 4;
}

/** Where channel c of a map lies within a place, and how many floats a place has. */
export interface Channels {
  readonly slots: readonly number[];
  readonly padded: number;
}

/** Channels one after the other, the padding at the end. */
export function plainChannels(channels: number): Channels {
  return { slots: Array.from({ length: channels }, (_, c) => c), padded: padChannels(channels) };
}

/** The join's channels: stem, features and coordinates each start at a whole vector. */
export function joinChannels(spec: NetworkSpec): Channels & { readonly featuresAt: number } {
  const stem = plainChannels(spec.detail.stem.at(-1)!.outputs);
  const features = plainChannels(spec.attention.features.outputs);
  const coordinates = plainChannels(COORDINATE_CHANNELS);
  const coordinatesAt = stem.padded + features.padded;
  return {
    slots: [
      ...stem.slots,
      ...features.slots.map((slot) => stem.padded + slot),
      ...coordinates.slots.map((slot) => coordinatesAt + slot),
    ],
    padded: coordinatesAt + coordinates.padded,
    featuresAt: stem.padded,
  };
}

/** The channels that a layer reads. */
export function inputChannels(spec: NetworkSpec, layer: ConvLayer): Channels {
  return layer === spec.detail.trunk[0] ? joinChannels(spec) : plainChannels(layer.inputs);
}

/** A map in memory, whole or in slots; strides are bytes. */
export interface WasmMap extends Size {
  readonly channels: Channels;
  /** Of place (0, 0) of a whole map, of slot 0 else. */
  readonly address: number;
  readonly rowBytes: number;
  readonly placeBytes: number;
  /** Places a block side, where the map lies in slots; 0: whole. */
  readonly side: number;
}

/** Allocates a whole map with its border. */
export function allocateMap(arena: Arena, size: Size, channels: Channels): WasmMap {
  const placeBytes = channels.padded * FLOAT_BYTES;
  const rowBytes = (BORDER_BEFORE + size.width + BORDER_AFTER) * placeBytes;
  const start = arena.allocate((BORDER_BEFORE + size.height + BORDER_AFTER) * rowBytes);
  const address = start + BORDER_BEFORE * (rowBytes + placeBytes);
  return { width: size.width, height: size.height, channels, address, rowBytes, placeBytes, side: 0 };
}

/** Allocates a map of as many slots as there are blocks. */
export function allocateSlots(
  arena: Arena,
  size: Size,
  channels: Channels,
  side: number,
  blocks: number,
): WasmMap {
  const placeBytes = channels.padded * FLOAT_BYTES;
  const rowBytes = side * placeBytes;
  const address = arena.allocate(blocks * side * rowBytes);
  return { width: size.width, height: size.height, channels, address, rowBytes, placeBytes, side };
}

/**
 * A copy of a map's places and true channels: [height, width, channels].
 * @param blocks the attended blocks in the order of their slots, for a map in slots; columns of the block grid
 */
export function readMap(
  floats: Float32Array,
  map: WasmMap,
  blocks: Uint32Array,
  columns: number,
): Float32Array {
  const { width, height, address, rowBytes, placeBytes, side } = map;
  const { slots } = map.channels;
  const data = new Float32Array(height * width * slots.length);
  const copy = (y: number, x: number, at: number) => {
    const to = (y * width + x) * slots.length;
    for (let c = 0; c < slots.length; c++) data[to + c] = floats[at / FLOAT_BYTES + slots[c]];
  };
  if (side === 0) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) copy(y, x, address + y * rowBytes + x * placeBytes);
    }
    return data;
  }
  blocks.forEach((block, slot) => {
    const top = Math.floor(block / columns) * side;
    const left = (block % columns) * side;
    for (let y = 0; y < Math.min(side, height - top); y++) {
      for (let x = 0; x < Math.min(side, width - left); x++) {
        copy(top + y, left + x, address + (slot * side + y) * rowBytes + x * placeBytes);
      }
    }
  });
  return data;
}

/** Floats that `packWeights` fills. */
export function packedLength(kernel: number, inputs: Channels, outputs: number): number {
  return kernel * kernel * inputs.padded * padChannels(outputs);
}

/**
 * Weights [kernel, kernel, inputs, outputs] to [outputs / 8][ky][kx, padded input][8]; the last slice has 4 outputs
 * where the padded outputs are not a multiple of 8. Padding is zero.
 */
export function packWeights(
  target: Float32Array,
  w: Float32Array,
  kernel: number,
  inputs: Channels,
  outputs: number,
): void {
  const padded = padChannels(outputs);
  let start = 0;
  for (let first = 0; first < padded; first += 8) {
    const lanes = Math.min(8, padded - first);
    for (let k = 0; k < kernel * kernel; k++) {
      inputs.slots.forEach((slot, i) => {
        for (let lane = 0; lane < lanes && first + lane < outputs; lane++) {
          target[start + (k * inputs.padded + slot) * lanes + lane] =
            w[(k * inputs.slots.length + i) * outputs + first + lane];
        }
      });
    }
    start += kernel * kernel * inputs.padded * lanes;
  }
}
