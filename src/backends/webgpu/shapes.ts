/** What a step is to its kernel: constants, threads, MACs; and the lists of blocks that gates make. Pure. */
import { blockGrid, blockPlaces, placeMacs, type Size } from '../../network/geometry.ts';
import { GATE_FIVE, GATE_SKIP, type NetworkSpec } from '../../network/spec.ts';
import type { ListName } from './maps.ts';
import type { Constants } from './pipelines.ts';
import { pitchOf, type Step, vec4s } from './plan.ts';

/** Places that a thread of conv.wgsl makes. */
const PLACES_PER_THREAD = 4;

/** Values of the `override` constants of the step's kernel. */
export function stepConstants(spec: NetworkSpec, step: Step): Constants {
  switch (step.kind) {
    case 'convert':
      return {};
    case 'downsample':
      return { FACTOR: spec.attention.downsample };
    case 'join':
      return { FEATURES4: pitchOf(step.source), SIDE: step.tile.width };
    case 'conv':
      return {
        KERNEL: step.kernel,
        STRIDE: step.layer.stride,
        IN4: pitchOf(step.source),
        OUT4: vec4s(step.layer.outputs),
        TILE_WIDTH: step.tile.width,
        TILE_HEIGHT: step.tile.height,
        LISTED: Number(step.tiles !== 'map'),
        COMPACT: Number(step.target.form === 'list'),
        RELU: Number(step.layer.activation === 'relu'),
      };
  }
}

/** Threads that a tile takes. */
export function tileThreads(step: Step): number {
  const places = step.tile.width * step.tile.height;
  if (step.kind === 'join') return places * (pitchOf(step.source) + 1);
  if (step.kind === 'conv') return Math.ceil(places / PLACES_PER_THREAD) * vec4s(step.layer.outputs);
  return places;
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

/** The lists of blocks for the gates, each ascending. */
export function listBlocks(gates: Uint8Array): Record<ListName, Uint32Array> {
  const blocks = (wanted: (gate: number) => boolean) =>
    Uint32Array.from([...gates.keys()].filter((block) => wanted(gates[block])));
  return {
    attended: blocks((gate) => gate !== GATE_SKIP),
    three: blocks((gate) => gate !== GATE_SKIP && gate !== GATE_FIVE),
    five: blocks((gate) => gate === GATE_FIVE),
  };
}
