/**
 * The buffers of one working size: the maps, the frame's bytes, the lists of blocks and the staging buffers; and
 * where the places of a map lie in its buffer.
 */
import { SaccadeNetError } from '../../errors/errors.ts';
import { blockGrid, type Grid, mapSize, type Size } from '../../network/geometry.ts';
import type { NetworkSpec } from '../../network/spec.ts';
import { type DeviceHandle, USAGE } from './device.ts';
import { BORDER, type MapPlan, type NetworkPlan, padded, pitchOf } from './plan.ts';

/** Bytes of a vec4f. */
export const VEC4_BYTES = 16;
/** What storage and uniform bindings align to at most (the standard's default limit). */
export const ALIGNMENT = 256;

/** Lists of blocks that steps name, in the order in which they lie in the buffer. */
export const LISTS = ['attended', 'three', 'five'] as const;
export type ListName = (typeof LISTS)[number];

/** Offsets in vec4s: place (x, y) starts at origin + y * row + x * pitch. */
export interface MapLayout extends Size {
  readonly origin: number;
  readonly row: number;
  readonly pitch: number;
  readonly bytes: number;
}

export function alignUp(value: number, alignment = ALIGNMENT): number {
  return Math.ceil(value / alignment) * alignment;
}

/** How a map lies in its buffer at a working size. */
function mapLayout(map: MapPlan, spec: NetworkSpec, frame: Size): MapLayout {
  const { width, height } = mapSize(frame, map.stride);
  const pitch = pitchOf(map);
  if (map.form === 'list') {
    const { columns, rows } = blockGrid(spec, frame);
    const places = columns * rows * (spec.block / map.stride) ** 2;
    return { width, height, pitch, row: 0, origin: 0, bytes: places * pitch * VEC4_BYTES };
  }
  const border = map.form === 'bordered' ? BORDER : 0;
  const row = (width + 2 * border) * pitch;
  const bytes = row * (height + 2 * border) * VEC4_BYTES;
  return { width, height, pitch, row, origin: border * (row + pitch), bytes };
}

/** The channels [first, first + channels) of a map from its buffer's contents: [height, width, channels]. */
export function unpackMap(
  map: MapPlan,
  layout: MapLayout,
  buffer: Float32Array,
  first: number,
  channels: number,
): Float32Array {
  const { width, height, origin, row, pitch } = layout;
  const positions = padded(map).slice(first, first + channels);
  const data = new Float32Array(width * height * channels);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = 4 * (origin + y * row + x * pitch);
      for (let c = 0; c < channels; c++) data[to++] = buffer[from + positions[c]];
    }
  }
  return data;
}

export class FrameMaps {
  readonly size: Size;
  readonly grid: Grid;
  readonly bytes: number;
  /** RGBA of the frame, a u32 a pixel. */
  readonly pixels: GPUBuffer;
  /** Per list: count, then indices of blocks; each list starts at a multiple of `listBytes`. */
  readonly lists: GPUBuffer;
  readonly listBytes: number;
  readonly gateStaging: GPUBuffer;
  readonly cellStaging: GPUBuffer;
  readonly #maps = new Map<MapPlan, { layout: MapLayout; buffer: GPUBuffer }>();
  readonly #all: GPUBuffer[] = [];

  private constructor(device: GPUDevice, spec: NetworkSpec, plan: NetworkPlan, size: Size) {
    this.size = size;
    this.grid = blockGrid(spec, size);
    this.listBytes = alignUp(4 * (1 + this.grid.columns * this.grid.rows));
    const create = (label: string, bytes: number, usage: number): GPUBuffer => {
      const buffer = device.createBuffer({ label, size: bytes, usage });
      this.#all.push(buffer);
      return buffer;
    };
    const { storage, copyTarget, copySource, mapRead } = USAGE;
    this.pixels = create('pixels', 4 * size.width * size.height, storage | copyTarget);
    this.lists = create('lists', LISTS.length * this.listBytes, storage | copyTarget);
    for (const map of plan.maps) {
      const layout = mapLayout(map, spec, size);
      const buffer = create(map.name, layout.bytes, storage | copySource | copyTarget);
      this.#maps.set(map, { layout, buffer });
    }
    this.gateStaging = create('gate staging', this.layout(plan.gate).bytes, mapRead | copyTarget);
    this.cellStaging = create('cell staging', this.layout(plan.cells).bytes, mapRead | copyTarget);
    this.bytes = this.#all.reduce((sum, buffer) => sum + buffer.size, 0);
  }

  /** @throws OUT_OF_MEMORY, leaving nothing allocated. */
  static async create(
    handle: DeviceHandle,
    spec: NetworkSpec,
    plan: NetworkPlan,
    size: Size,
  ): Promise<FrameMaps> {
    const { maxBufferSize, maxStorageBufferBindingSize } = handle.device.limits;
    const limit = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    for (const map of plan.maps) {
      const { bytes } = mapLayout(map, spec, size);
      if (bytes <= limit) continue;
      throw new SaccadeNetError(
        'OUT_OF_MEMORY',
        `At ${size.width}x${size.height} px the map '${map.name}' takes ${bytes} bytes, but this GPU's buffers hold ${limit}; lower maxWorkingPixels.`,
        { details: { map: map.name, bytes, limit } },
      );
    }
    let maps: FrameMaps | null = null;
    try {
      return await handle.scoped(`the maps of a ${size.width}x${size.height} frame`, () => {
        maps = new FrameMaps(handle.device, spec, plan, size);
        return maps;
      });
    } catch (error) {
      (maps as FrameMaps | null)?.destroy();
      throw error;
    }
  }

  layout(map: MapPlan): MapLayout {
    return this.#maps.get(map)!.layout;
  }

  buffer(map: MapPlan): GPUBuffer {
    return this.#maps.get(map)!.buffer;
  }

  destroy(): void {
    for (const buffer of this.#all) buffer.destroy();
  }
}
