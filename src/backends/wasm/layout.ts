/**
 * How maps and weights lie in the kernels' memory.
 * A map is NHWC, channels padded to a multiple of 4 with zeros, with a border of zero places that is never written:
 * 2 to the left and above (the widest kernel is 5x5), 7 to the right and below (a tile at the edge). A place may be wider than the map's channels: the last stem layer writes into the
 * join in place.
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

/** A map in memory. `address` is that of place (0, 0); strides are bytes. */
export interface WasmMap extends Size {
  readonly channels: Channels;
  readonly address: number;
  readonly rowBytes: number;
  readonly placeBytes: number;
}

/** Allocates a map with its border. */
export function allocateMap(arena: Arena, size: Size, channels: Channels): WasmMap {
  const placeBytes = channels.padded * FLOAT_BYTES;
  const rowBytes = (BORDER_BEFORE + size.width + BORDER_AFTER) * placeBytes;
  const start = arena.allocate((BORDER_BEFORE + size.height + BORDER_AFTER) * rowBytes);
  const address = start + BORDER_BEFORE * (rowBytes + placeBytes);
  return { width: size.width, height: size.height, channels, address, rowBytes, placeBytes };
}

/** A copy of a map's places and true channels: [height, width, channels]. */
export function readMap(memory: WebAssembly.Memory, map: WasmMap): Float32Array {
  const { width, height, address, rowBytes, placeBytes } = map;
  const { slots } = map.channels;
  const floats = new Float32Array(memory.buffer);
  const data = new Float32Array(height * width * slots.length);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (address + y * rowBytes + x * placeBytes) / FLOAT_BYTES;
      for (const slot of slots) data[to++] = floats[from + slot];
    }
  }
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
