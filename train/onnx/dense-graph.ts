/**
 * The dense network of a model as a walk over whichever graph builder is given: attention plus one whole-frame
 * convolution of the detail network with its 3x3 branch in every cell, exactly what `policy: 'dense'` runs.
 * The ONNX export and the benchmark's peers are built by this one walk, so all of them compute the same.
 *
 * Letters: H W of the working frame, J I of the cell map, T a map in the builder's own form.
 */
import type { PixelFrame } from '../../src/backends/backend.ts';
import { plainModel } from '../../src/network/genes.ts';
import { mapSize, type Size } from '../../src/network/geometry.ts';
import { responseTable } from '../../src/network/response.ts';
import {
  COORDINATE_CHANNELS,
  type ConvLayer,
  FRAME_CHANNELS,
  type Model,
  type NetworkSpec,
} from '../../src/network/spec.ts';

/** A convolution and its weights: `w` [kernel, kernel, inputs, outputs], `b` [outputs]. */
export interface DenseLayer extends ConvLayer {
  readonly w: Float32Array;
  readonly b: Float32Array;
}

/** What a graph builder offers; every map has a name, unique in the graph. */
export interface DenseBuilder<T> {
  /** The frame tensor, H x W with `FRAME_CHANNELS` channels. */
  frame(size: Size): T;
  /** Means of factor x factor boxes of a map of `size`; boxes over the edge average the places there are. */
  averageBoxes(input: T, name: string, factor: number, size: Size): T;
  /** Padded by (kernel - 1) / 2 on every side; `residual` adds the input, then the activation. */
  convolution(input: T, layer: DenseLayer, name: string): T;
  /** Nearest up-sampling by `factor`, cut to `size`. */
  upsample(input: T, name: string, factor: number, size: Size): T;
  /** The coordinates of the join. @param values [J, I, COORDINATE_CHANNELS] */
  constant(name: string, size: Size, values: Float32Array): T;
  concatChannels(inputs: readonly T[], name: string): T;
}

/** `gates`: look and five-by-five logit a block; `cells`: head outputs of every cell of the map. */
export interface DenseOutputs<T> {
  readonly gates: T;
  readonly cells: T;
}

export function buildDense<T>(given: Model, size: Size, builder: DenseBuilder<T>): DenseOutputs<T> {
  const model = plainModel(given);
  const { attention, detail, block, cell } = model.network;
  const layer = (input: T, one: ConvLayer, name = one.name) => {
    const [w, b] = ['w', 'b'].map((part) => model.weights.get(`${one.name}.${part}`)!);
    return builder.convolution(input, { ...one, w, b }, name);
  };
  const frame = builder.frame(size);
  let map = builder.averageBoxes(frame, 'input', attention.downsample, size);
  for (const one of attention.layers) map = layer(map, one);
  const gates = layer(map, attention.gate, 'gates');
  const features = layer(map, attention.features, 'features.out');

  const cells = mapSize(size, cell);
  map = frame;
  for (const one of detail.stem) map = layer(map, one);
  const surround = builder.upsample(features, 'surround', block / cell, cells);
  const coordinates = builder.constant('coordinates', cells, cellCoordinates(cells, block / cell));
  map = builder.concatChannels([map, surround, coordinates], 'join');
  for (const one of detail.trunk) map = layer(map, one);
  return { gates, cells: layer(map, detail.head, 'cells') };
}

/** The join's coordinates (src/network/spec.ts, `DetailSpec.trunk`): [J, I, 4]. @param side cells of a block's side */
function cellCoordinates({ width, height }: Size, side: number): Float32Array {
  const values = new Float32Array(width * height * COORDINATE_CHANNELS);
  for (let j = 0, at = 0; j < height; j++) {
    for (let i = 0; i < width; i++) {
      values[at++] = (2 * (j + 0.5)) / height - 1;
      values[at++] = Math.abs((2 * (i + 0.5)) / width - 1);
      values[at++] = (2 * ((i % side) + 0.5)) / side - 1;
      values[at++] = (2 * ((j % side) + 0.5)) / side - 1;
    }
  }
  return values;
}

/** The frame tensor [H, W, 4]: R, G, B by the network's response, y as 2 * (row + 0.5) / H - 1. */
export function framePlaces(network: NetworkSpec, { width, height, data }: PixelFrame): Float32Array {
  const response = responseTable(network);
  const values = new Float32Array(width * height * FRAME_CHANNELS);
  for (let place = 0; place < width * height; place++) {
    const at = place * FRAME_CHANNELS;
    for (let c = 0; c < 3; c++) values[at + c] = response[data[place * 4 + c]];
    values[at + 3] = (2 * (Math.floor(place / width) + 0.5)) / height - 1;
  }
  return values;
}

/** [places, channels] to planes [channels, places]. */
export function toPlanes(values: Float32Array, channels: number): Float32Array {
  return transposed(values, values.length / channels, channels);
}

/** Planes [channels, places] to [places, channels]. */
export function toPlaces(planes: Float32Array, channels: number): Float32Array {
  return transposed(planes, channels, planes.length / channels);
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      turned[column * rows + row] = values[row * columns + column];
    }
  }
  return turned;
}
