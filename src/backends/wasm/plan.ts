/** Where everything lies for one working size: maps, block lists, and one descriptor a convolution. */
import {
  blockGrid,
  type Grid,
  mapSize,
  placeAttention,
  placeDetail,
  placeMacs,
  type Size,
} from '../../network/geometry.ts';
import { FRAME_CHANNELS, type NetworkSpec } from '../../network/spec.ts';
import type { Arena } from './arena.ts';
import { ClumpFinder } from './block-clumps.ts';
import {
  allocateMap,
  allocateSlots,
  joinChannels,
  padChannels,
  plainChannels,
  type WasmMap,
} from './layout.ts';
import { type Algorithm, BAND_ROWS, type PackedBranch, type PackedLayer } from './weights.ts';

/** Blocks of a list: (column, row) as two i32. */
const LIST_ENTRY_BYTES = 8;
/** What `convolvePixels` may read past the frame's end: a block's row and its halo. */
const PIXEL_TAIL_BYTES = 256;
/** Places that a tile at the right edge may read past a map's end. */
const TAIL_PLACES = 16;

/** A convolution ready to run: the address of its descriptor (assembly/kernels/convolve.ts, `Convolution`). */
export interface Step {
  readonly descriptor: number;
  readonly by: Algorithm;
  readonly macsPerPlace: number;
}

export interface LayerPlan {
  readonly name: string;
  readonly output: WasmMap;
  readonly own: Step;
  /** For clumps of blocks; null where single blocks do as well. */
  readonly wide: Step | null;
  readonly five: Step | null;
  /** Places a block side at the output's resolution. */
  readonly side: number;
}

/** A block list: `entries` is a view of the memory at `address`. */
export interface BlockList {
  readonly address: number;
  readonly entries: Int32Array;
}

/** A list, and its blocks parted (block-clumps.ts): where clumps begin, and the blocks that are in none. */
export interface PartedList extends BlockList {
  readonly clumps: BlockList;
  readonly singles: BlockList;
}

export interface Plan {
  readonly size: Size;
  readonly grid: Grid;
  /** RGBA bytes of the frame. */
  readonly pixels: Uint8Array;
  readonly input: WasmMap;
  readonly attention: readonly LayerPlan[];
  readonly detail: readonly LayerPlan[];
  readonly features: WasmMap;
  readonly join: WasmMap;
  /** Byte offset of the features within a place of the join. */
  readonly joinFeaturesBytes: number;
  /** Scratch memory of the kernels, as large as any of them needs. */
  readonly scratch: number;
  /** Head outputs gathered a block. */
  readonly cells: number;
  readonly lists: {
    readonly bands: BlockList;
    readonly all: PartedList;
    readonly three: PartedList;
    readonly five: BlockList;
  };
  readonly clumps: ClumpFinder;
  /** The whole memory. */
  readonly floats: Float32Array;
  /** Logits of the last glance, one a block. */
  readonly look: Float32Array;
  readonly five: Float32Array;
  /** Indices of the blocks attended in the last inspection, in the order of their slots, as many as there were. */
  readonly blocks: Uint32Array;
  /** The slot of every block, -1 for none, with a ring of -1: [rows + 2, columns + 2]. */
  readonly slots: Int32Array;
  /** Maps by the names of `Executor.read`. */
  readonly maps: ReadonlyMap<string, WasmMap>;
}

/** Lays out and zeroes everything after the arena's mark. @throws SaccadeNetError OUT_OF_MEMORY */
export function planFor(
  spec: NetworkSpec,
  size: Size,
  packed: ReadonlyMap<string, PackedLayer>,
  arena: Arena,
): Plan {
  const start = arena.mark;
  const grid = blockGrid(spec, size);
  const blocks = grid.columns * grid.rows;
  const maps = new Map<string, WasmMap>();
  const descriptors: { address: number; fields: number[] }[] = [];
  const side = spec.block / spec.cell;

  const pixelBytes = size.width * size.height * 4;
  const pixels = arena.allocate(pixelBytes + PIXEL_TAIL_BYTES);
  // The first detail layer reads pixels: no map of the frame is kept, and its descriptor's input is not looked at.
  const frame: WasmMap = {
    ...size,
    channels: plainChannels(FRAME_CHANNELS),
    address: 0,
    rowBytes: 0,
    placeBytes: FRAME_CHANNELS * 4,
    side: spec.block,
  };
  const slotsRow = grid.columns + 2;
  const slots = arena.allocate(slotsRow * (grid.rows + 2) * 4);
  // What a trunk layer reads of a block without a slot.
  const zeros = arena.allocate(
    side *
      side *
      Math.max(joinChannels(spec).padded, ...spec.detail.trunk.map(({ outputs }) => padChannels(outputs))) *
      4,
  );
  const input = allocateMap(arena, mapSize(size, spec.attention.downsample), plainChannels(FRAME_CHANNELS));
  maps.set('input', input);

  function step(packedLayer: PackedLayer, branch: PackedBranch, from: WasmMap, to: WasmMap): Step {
    const { layer } = packedLayer;
    // In the order of the fields of assembly/kernels/convolution.ts, `Convolution`.
    const fields = [
      ...[from.address, from.rowBytes, from.placeBytes],
      ...[to.address, to.rowBytes, to.placeBytes],
      ...[branch.weights, branch.bias, branch.kernel, layer.stride, branch.tile],
      ...[padChannels(layer.outputs) / 4, layer.activation === 'relu' ? 1 : 0, layer.residual ? 1 : 0],
      ...[to.width, to.height, from.width, from.height],
      ...[from.side, slots + (slotsRow + 1) * 4, slotsRow * 4, zeros],
    ];
    const address = arena.allocate(fields.length * 4);
    descriptors.push({ address, fields });
    return {
      descriptor: address,
      by: branch.by,
      macsPerPlace: placeMacs(layer, branch === packedLayer.five),
    };
  }

  function plan(name: string, stride: number, from: WasmMap, to: WasmMap): LayerPlan {
    const layer = packed.get(name)!;
    maps.set(name, to);
    return {
      name,
      output: to,
      own: step(layer, layer.own, from, to),
      wide: layer.wide && step(layer, layer.wide, from, to),
      five: layer.five && step(layer, layer.five, from, to),
      side: spec.block / stride,
    };
  }

  const attention: LayerPlan[] = [];
  let map = input;
  for (const { layer, stride } of placeAttention(spec)) {
    const output = allocateMap(arena, mapSize(size, stride), plainChannels(layer.outputs));
    attention.push(plan(layer.name, stride, map, output));
    if (layer !== spec.attention.gate) map = output;
  }
  const features = map;

  const detail: LayerPlan[] = [];
  const join = allocateSlots(arena, mapSize(size, spec.cell), joinChannels(spec), side, blocks);
  map = frame;
  for (const { layer, stride } of placeDetail(spec)) {
    const channels = plainChannels(layer.outputs);
    const output =
      layer === spec.detail.stem.at(-1)
        ? { ...join, channels }
        : allocateSlots(arena, mapSize(size, stride), channels, spec.block / stride, blocks);
    if (layer === spec.detail.trunk[0]) map = join;
    detail.push(plan(layer.name, stride, map, output));
    map = output;
  }
  maps.set('join', join);

  const cells = arena.allocate(blocks * side * side * spec.detail.head.outputs * 4);
  const branches = [...packed.values()].flatMap(({ own, wide, five }) => [
    own,
    ...(wide ? [wide] : []),
    ...(five ? [five] : []),
  ]);
  const scratch = arena.allocate(Math.max(...branches.map((branch) => branch.scratchBytes)));
  const bandCount = Math.ceil(input.height / BAND_ROWS);
  const listAddresses = [bandCount, ...Array<number>(7).fill(blocks)].map((entries) => ({
    address: arena.allocate(entries * LIST_ENTRY_BYTES),
    length: entries * 2,
  }));
  arena.allocate(TAIL_PLACES * Math.max(...[...maps.values()].map((one) => one.placeBytes)));
  arena.commit(start);

  const { buffer } = arena.memory;
  for (const { address, fields } of descriptors) new Int32Array(buffer, address, fields.length).set(fields);
  const [bands, all, three, fives, ...parted] = listAddresses.map(({ address, length }) => ({
    address,
    entries: new Int32Array(buffer, address, length),
  }));
  for (let band = 0; band < bandCount; band++) bands.entries[2 * band + 1] = band;

  return {
    size,
    grid,
    pixels: new Uint8Array(buffer, pixels, pixelBytes),
    input,
    attention,
    detail,
    features,
    join,
    joinFeaturesBytes: joinChannels(spec).featuresAt * 4,
    scratch,
    cells,
    lists: {
      bands,
      all: { ...all, clumps: parted[0], singles: parted[1] },
      three: { ...three, clumps: parted[2], singles: parted[3] },
      five: fives,
    },
    clumps: new ClumpFinder(grid, mapSize(size, spec.cell)),
    floats: new Float32Array(buffer),
    look: new Float32Array(blocks),
    five: new Float32Array(blocks),
    blocks: new Uint32Array(blocks),
    slots: new Int32Array(buffer, slots, slotsRow * (grid.rows + 2)).fill(-1),
    maps,
  };
}
