/**
 * What the GPU runs for a spec, as plain data: the maps and the steps, in order. Knows sizes relative to a frame
 * only, so one plan serves every working size. Pure.
 *
 * - Every layer has a map of its own (so `read` can show it), save the last stem layer, which writes straight
 *   into the join, and the head, whose output is one list of blocks for the readback.
 * - Channels are padded to a multiple of 4, the join's three groups each; `padded` says where a channel lies.
 * - A residual needs no step and no branch: x + conv(x) is conv with 1 added to the centre weights (weights.ts).
 */
import { placeAttention, placeDetail, type Size } from '../../network/geometry.ts';
import { type Response, responseOf } from '../../network/response.ts';
import { COORDINATE_CHANNELS, type ConvLayer, FRAME_CHANNELS, type NetworkSpec } from '../../network/spec.ts';

/** Places of zeros around a map: half of the widest kernel. */
export const BORDER = 2;

/** What a step computes: 'map' is the whole map, the others are lists of blocks. */
export type Tiles = 'map' | 'attended' | 'three' | 'five';

export interface MapPlan {
  readonly name: string;
  /** Working-frame px a place. */
  readonly stride: number;
  /** Channels by group; each group starts at a multiple of 4. */
  readonly groups: readonly number[];
  /** 'bordered': a map with zeros around; 'plain': a map without; 'list': [attended blocks, side, side]. */
  readonly form: 'bordered' | 'plain' | 'list';
  /** Computed on attended blocks only, hence zero elsewhere. */
  readonly sparse: boolean;
}

interface AnyStep {
  readonly source: MapPlan;
  readonly target: MapPlan;
  readonly tiles: Tiles;
  /** Places of the target in a tile; null: all of them. */
  readonly tile: Size | null;
}

/** The frame as it was given to the frame map, its source here, and that averaged to the attention network's input. */
export interface ScaleStep extends AnyStep {
  readonly kind: 'scale';
  readonly response: Response;
}

export interface ConvStep extends AnyStep {
  readonly kind: 'conv';
  readonly layer: ConvLayer;
  /** Prefix of the weights' names. */
  readonly weights: string;
  readonly kernel: number;
}

export interface JoinStep extends AnyStep {
  readonly kind: 'join';
}

/** A step from map to map. */
export type MapStep = ConvStep | JoinStep;
export type Step = ScaleStep | MapStep;

/** What `read` calls a map, and which of its channels. */
export interface ReadPlan {
  readonly map: MapPlan;
  readonly first: number;
  readonly channels: number;
}

export interface NetworkPlan {
  readonly gate: MapPlan;
  readonly cells: MapPlan;
  readonly maps: readonly MapPlan[];
  readonly scale: ScaleStep;
  readonly attention: readonly MapStep[];
  readonly detail: readonly MapStep[];
  readonly reads: ReadonlyMap<string, ReadPlan>;
}

/** Channels in vec4s. */
export function vec4s(channels: number): number {
  return Math.ceil(channels / 4);
}

/** vec4s of a place of a map. */
export function pitchOf(map: MapPlan): number {
  return map.groups.reduce((sum, channels) => sum + vec4s(channels), 0);
}

/** Where each channel of a map lies among its padded channels. */
export function padded(map: MapPlan): number[] {
  let start = 0;
  return map.groups.flatMap((channels) => {
    const from = start;
    start += 4 * vec4s(channels);
    return Array.from({ length: channels }, (_, i) => from + i);
  });
}

/** The plan of a network. */
export function planNetwork(spec: NetworkSpec): NetworkPlan {
  const maps: MapPlan[] = [];
  const reads = new Map<string, ReadPlan>();
  const add = (
    name: string,
    stride: number,
    groups: readonly number[],
    sparse: boolean,
    form: MapPlan['form'] = 'bordered',
  ): MapPlan => {
    const map: MapPlan = { name, stride, groups, sparse, form };
    maps.push(map);
    reads.set(name, { map, first: 0, channels: groups.reduce((sum, channels) => sum + channels, 0) });
    return map;
  };

  const frame = add('frame', 1, [FRAME_CHANNELS], false);
  const input = add('input', spec.attention.downsample, [FRAME_CHANNELS], false);
  reads.delete('frame');

  const blockAt = (stride: number): Size => ({ width: spec.block / stride, height: spec.block / stride });
  const scale: ScaleStep = {
    ...{ kind: 'scale', response: responseOf(spec) },
    ...{ source: frame, target: input, tiles: 'map', tile: null },
  };
  const attention: MapStep[] = [];
  const outputs = new Map<ConvLayer, MapPlan>();
  let source = input;
  for (const { layer, stride } of placeAttention(spec)) {
    const side = layer === spec.attention.gate || layer === spec.attention.features;
    const target = add(layer.name, stride, [layer.outputs], false, side ? 'plain' : 'bordered');
    attention.push({
      kind: 'conv',
      layer,
      weights: layer.name,
      kernel: layer.kernel,
      source,
      target,
      tiles: 'map',
      tile: null,
    });
    outputs.set(layer, target);
    if (!side) source = target;
  }
  const gate = outputs.get(spec.attention.gate)!;
  const features = outputs.get(spec.attention.features)!;

  const detail: MapStep[] = [];
  const { stem, head } = spec.detail;
  const lastStem = stem[stem.length - 1];
  source = frame;
  let cells = frame;
  for (const { layer, stride } of placeDetail(spec)) {
    let target: MapPlan;
    if (layer === lastStem) {
      const groups = [layer.outputs, spec.attention.features.outputs, COORDINATE_CHANNELS];
      target = add('join', stride, groups, true);
      reads.set(layer.name, { map: target, first: 0, channels: layer.outputs });
    } else {
      target = add(layer.name, stride, [layer.outputs], true, layer === head ? 'list' : 'bordered');
    }
    const { name, kernel } = layer;
    const tile = blockAt(stride);
    const step = { kind: 'conv', layer, source, target, tile } as const;
    if (layer.fiveByFive) {
      detail.push({ ...step, weights: name, kernel, tiles: 'three' });
      detail.push({ ...step, weights: `${name}.five`, kernel: 5, tiles: 'five' });
    } else {
      detail.push({ ...step, weights: name, kernel, tiles: 'attended' });
    }
    if (layer === lastStem) detail.push({ kind: 'join', source: features, target, tiles: 'attended', tile });
    source = target;
    cells = target;
  }
  return { gate, cells, maps, scale, attention, detail, reads };
}
