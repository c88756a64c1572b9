/** Sizes that follow from a spec and a working frame: map sizes, the block grid, MACs. Pure. */
import { type ConvLayer, GATE_FIVE, GATE_SKIP, type NetworkSpec } from './spec.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Places of a map at `stride` over a frame: ceil(W/s) x ceil(H/s). */
export function mapSize(frame: Size, stride: number): Size {
  return { width: Math.ceil(frame.width / stride), height: Math.ceil(frame.height / stride) };
}

export interface Grid {
  readonly columns: number;
  readonly rows: number;
}

/** The block grid of a working frame; blocks of the last row and column may reach over the edge. */
export function blockGrid(spec: NetworkSpec, frame: Size): Grid {
  const { width, height } = mapSize(frame, spec.block);
  return { columns: width, rows: height };
}

/** A layer and where it stands: its output stride in working-frame px. */
export interface PlacedLayer {
  readonly layer: ConvLayer;
  readonly stride: number;
}

/** Attention layers with their output strides (gate and features last). */
export function placeAttention(spec: NetworkSpec): PlacedLayer[] {
  let stride: number = spec.attention.downsample;
  const placed = spec.attention.layers.map((layer) => ({ layer, stride: (stride *= layer.stride) }));
  return [...placed, { layer: spec.attention.gate, stride }, { layer: spec.attention.features, stride }];
}

/** Detail layers with their output strides (head last). */
export function placeDetail(spec: NetworkSpec): PlacedLayer[] {
  let stride = 1;
  const placed = [...spec.detail.stem, ...spec.detail.trunk].map((layer) => ({
    layer,
    stride: (stride *= layer.stride),
  }));
  return [...placed, { layer: spec.detail.head, stride }];
}

/** MACs of one output place of a layer, with its 5x5 branch or without. */
export function placeMacs(layer: ConvLayer, five: boolean): number {
  const kernel = five && layer.fiveByFive ? 5 : layer.kernel;
  return kernel * kernel * layer.inputs * layer.outputs;
}

/** MACs of the attention network on a frame. */
export function attentionMacs(spec: NetworkSpec, frame: Size): number {
  return placeAttention(spec).reduce((sum, { layer, stride }) => {
    const { width, height } = mapSize(frame, stride);
    return sum + width * height * placeMacs(layer, false);
  }, 0);
}

/** Places of a map at `stride` that lie in block (column, row), clipped to the map. */
export function blockPlaces(
  spec: NetworkSpec,
  frame: Size,
  stride: number,
  column: number,
  row: number,
): Size {
  const side = spec.block / stride;
  const map = mapSize(frame, stride);
  return {
    width: Math.min(side, map.width - column * side),
    height: Math.min(side, map.height - row * side),
  };
}

/** MACs of the detail network for the gates given [rows, columns]; places over the edge are not computed. */
export function detailMacs(spec: NetworkSpec, frame: Size, gates: Uint8Array): number {
  const { columns, rows } = blockGrid(spec, frame);
  const placed = placeDetail(spec);
  let total = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const gate = gates[row * columns + column];
      if (gate === GATE_SKIP) continue;
      for (const { layer, stride } of placed) {
        const places = blockPlaces(spec, frame, stride, column, row);
        total += places.width * places.height * placeMacs(layer, gate === GATE_FIVE);
      }
    }
  }
  return total;
}

/** MACs of attention plus ONE whole-frame convolution of the detail network with its 3x3 branch everywhere. */
export function denseMacs(spec: NetworkSpec, frame: Size): number {
  return placeDetail(spec).reduce(
    (sum, { layer, stride }) => {
      const { width, height } = mapSize(frame, stride);
      return sum + width * height * placeMacs(layer, false);
    },
    attentionMacs(spec, frame),
  );
}
