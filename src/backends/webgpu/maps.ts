/**
 * The buffers of one working size: the maps, what was chosen (lists of blocks, gates, arguments of dispatches) and the
 * staging buffers; and where the places of a map lie in its buffer.
 */
import { SaccadeNetError } from '../../errors/errors.ts';
import { blockGrid, type Grid, mapSize, type Size } from '../../network/geometry.ts';
import type { NetworkSpec } from '../../network/spec.ts';
import { type DeviceHandle, USAGE } from './device.ts';
import { BORDER, type MapPlan, type NetworkPlan, padded, pitchOf } from './plan.ts';
import type { BlockList } from './shapes.ts';

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
function mapLayout(map: MapPlan, spec: NetworkSpec, frame: Size, vec4Bytes: number): MapLayout {
  const { width, height } = mapSize(frame, map.stride);
  const pitch = pitchOf(map);
  if (map.form === 'list') {
    const { columns, rows } = blockGrid(spec, frame);
    const places = columns * rows * (spec.block / map.stride) ** 2;
    return { width, height, pitch, row: 0, origin: 0, bytes: places * pitch * vec4Bytes };
  }
  const border = map.form === 'bordered' ? BORDER : 0;
  const row = (width + 2 * border) * pitch;
  const bytes = row * (height + 2 * border) * vec4Bytes;
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

/** Where things lie in `FrameMaps.chosen`, in words: select.wgsl writes them so. */
export interface ChosenLayout {
  /** From list to list; the lists come first, in the order of LISTS. */
  readonly listWords: number;
  readonly gatesAt: number;
  /** Three words a dispatch: of every step of the detail network, then of collect. */
  readonly argumentsAt: number;
}

export class FrameMaps {
  readonly size: Size;
  readonly grid: Grid;
  readonly bytes: number;
  readonly chosen: GPUBuffer;
  readonly chosenLayout: ChosenLayout;
  readonly gateStaging: GPUBuffer;
  readonly cellStaging: GPUBuffer;
  readonly #maps = new Map<MapPlan, { layout: MapLayout; buffer: GPUBuffer }>();
  readonly #all: GPUBuffer[] = [];

  private constructor(
    device: GPUDevice,
    spec: NetworkSpec,
    plan: NetworkPlan,
    size: Size,
    vec4Bytes: number,
  ) {
    this.size = size;
    this.grid = blockGrid(spec, size);
    const blocks = this.grid.columns * this.grid.rows;
    const listWords = alignUp(4 * (2 + blocks)) / 4;
    const gatesAt = LISTS.length * listWords;
    const argumentsAt = gatesAt + blocks;
    this.chosenLayout = { listWords, gatesAt, argumentsAt };
    const create = (label: string, bytes: number, usage: number): GPUBuffer => {
      const buffer = device.createBuffer({ label, size: bytes, usage });
      this.#all.push(buffer);
      return buffer;
    };
    const { storage, copyTarget, copySource, mapRead, indirect } = USAGE;
    const chosenBytes = alignUp(4 * (argumentsAt + 3 * (plan.detail.length + 1)));
    this.chosen = create('chosen', chosenBytes, storage | copyTarget | indirect);
    for (const map of plan.maps) {
      const layout = mapLayout(map, spec, size, vec4Bytes);
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
    vec4Bytes: number,
  ): Promise<FrameMaps> {
    const { maxBufferSize, maxStorageBufferBindingSize } = handle.device.limits;
    const limit = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    for (const map of plan.maps) {
      const { bytes } = mapLayout(map, spec, size, vec4Bytes);
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
        maps = new FrameMaps(handle.device, spec, plan, size, vec4Bytes);
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

  /** The binding of a list: blocks to compute, those and the blocks to zero, then their indices. */
  list(name: ListName): GPUBufferBinding {
    const size = 4 * this.chosenLayout.listWords;
    return { buffer: this.chosen, offset: size * LISTS.indexOf(name), size };
  }

  /** The lists and gates as select.wgsl would write them, for gates that the caller chose. */
  chosenWords(lists: Readonly<Record<ListName, BlockList>>, gates: Uint8Array): Uint32Array<ArrayBuffer> {
    const { listWords, gatesAt, argumentsAt } = this.chosenLayout;
    const words = new Uint32Array(argumentsAt);
    LISTS.forEach((name, index) => {
      const { blocks, stale } = lists[name];
      words.set([blocks.length, blocks.length + stale.length, ...blocks, ...stale], index * listWords);
    });
    words.set(gates, gatesAt);
    return words;
  }

  destroy(): void {
    for (const buffer of this.#all) buffer.destroy();
  }
}
