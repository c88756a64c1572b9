/** What a step is to its kernel: register tiles, threads, MACs; and the lists of blocks that gates make. Pure. */
import { blockGrid, blockPlaces, type Grid, placeMacs, type Size } from '../../network/geometry.ts';
import { GATE_FIVE, GATE_SKIP, type NetworkSpec } from '../../network/spec.ts';
import type { KernelShape } from './pipelines.ts';
import { pitchOf, type Step, vec4s } from './plan.ts';
import type { PrecisionName } from './precision.ts';

/**
 * On a GPU: tiles small enough that a few hundred blocks fill it. On the software adapter a load costs as much as
 * ten multiplications (there are no vector gathers), so the tile is as large as its compiler bears; small workgroups
 * spread few blocks over its threads.
 */
const HARDWARE_SHAPE = { workgroup: 64, places: 4, columns: 2 } as const;
const SOFTWARE_SHAPE = { workgroup: 8, places: 16, columns: 2 } as const;

export function kernelShape(software: boolean, precision: PrecisionName): KernelShape {
  return { ...(software ? SOFTWARE_SHAPE : HARDWARE_SHAPE), precision };
}

/** A tile of a step, and the tiles of its whole map. */
export function tilesOf(step: Step, { width, height }: Size): { tile: Size; grid: Grid } {
  const tile = step.tile ?? { width, height };
  return { tile, grid: { columns: Math.ceil(width / tile.width), rows: Math.ceil(height / tile.height) } };
}

/** Threads that a tile takes. */
export function tileThreads(step: Step, tile: Size, shape: KernelShape): number {
  const places = tile.width * tile.height;
  if (step.kind === 'join') return places * (pitchOf(step.source) + 1);
  if (step.kind !== 'conv') return places;
  return Math.ceil(places / shape.places) * Math.ceil(vec4s(step.layer.outputs) / shape.columns);
}

/** vec4s of a target place before those that the step writes. */
export function targetOffset(step: Step): number {
  return step.kind === 'join' ? vec4s(step.target.groups[0]) : 0;
}

/** MACs of a step over a list of blocks: the places of its tiles that lie on the map. */
export function stepMacs(spec: NetworkSpec, frame: Size, step: Step, blocks: Uint32Array): number {
  if (step.kind !== 'conv') return 0;
  const { columns } = blockGrid(spec, frame);
  let places = 0;
  for (const block of blocks) {
    const row = Math.floor(block / columns);
    const size = blockPlaces(spec, frame, step.target.stride, block % columns, row);
    places += size.width * size.height;
  }
  return places * placeMacs(step.layer, step.tiles === 'five');
}

/** Blocks to compute, and blocks that were computed before and are zeroed instead. */
export interface BlockList {
  readonly blocks: Uint32Array;
  readonly stale: Uint32Array;
}

/** The lists for the gates, ascending, as select.wgsl makes them. @param before gates of the frame before */
export function listBlocks(
  gates: Uint8Array,
  before: Uint8Array,
): Record<'attended' | 'three' | 'five', BlockList> {
  const blocks = (wanted: (gate: number, block: number) => boolean) =>
    Uint32Array.from([...gates.keys()].filter((block) => wanted(gates[block], block)));
  const stale = blocks((gate, block) => gate === GATE_SKIP && before[block] !== GATE_SKIP);
  return {
    attended: { blocks: blocks((gate) => gate !== GATE_SKIP), stale },
    three: { blocks: blocks((gate) => gate !== GATE_SKIP && gate !== GATE_FIVE), stale },
    five: { blocks: blocks((gate) => gate === GATE_FIVE), stale: new Uint32Array(0) },
  };
}
