/**
 * The training graph: the fourth executor of the network spec, in tfjs, differentiable.
 *
 * Letters: N views, H W px (multiples of the block side), h w cells, G = H/block, J = W/block.
 */
import * as tf from '@tensorflow/tfjs-core';
import { geneLayers } from '../../src/network/genes.ts';
import { blockGrid, type Grid, placeDetail, placeMacs } from '../../src/network/geometry.ts';
import { type ConvLayer, GATE_FIVE, GATE_SKIP, type NetworkSpec } from '../../src/network/spec.ts';
import { allPlaces, convPlaces, listedPlaces, type Places } from '../ops/conv-places.ts';
import { geneKernels } from '../ops/gene-kernels.ts';
import { joinPlaces } from '../ops/join-places.ts';

/** Variables by weight name; of layers with genes the kernels beneath them (gene-weights.ts). */
export type Variables = ReadonlyMap<string, tf.Variable>;

export interface GlanceOutput {
  /** [N, G, J, 2]: look and five logits. */
  readonly gate: tf.Tensor4D;
  /** [N, G, J, F] */
  readonly features: tf.Tensor4D;
  /** [N, G, J, C]: the last layer, for auxiliary heads. */
  readonly trunk: tf.Tensor4D;
}

export interface DetailOutput {
  /** [N, h, w, channels], zero outside attended blocks. */
  readonly cells: tf.Tensor4D;
  /** [N, h, w, C]: the last layer before the head. */
  readonly trunk: tf.Tensor4D;
  /** The cells of attended blocks. */
  readonly places: Places;
}

/** Is told every map that is made, by layer name, 'input' and 'join': how conformance is tested. */
export type Recorder = (name: string, map: tf.Tensor4D, macs: number) => void;

interface Layers {
  /** @param branch of the weights: '' or '.five'; @param base what the map is elsewhere */
  convolve(
    layer: ConvLayer,
    x: tf.Tensor4D,
    places: Places,
    branch?: '' | '.five',
    base?: tf.Tensor4D,
  ): tf.Tensor4D;
}

function layersOf(
  spec: NetworkSpec,
  variables: Variables,
  inputGradient: (name: string) => boolean,
  record: Recorder,
): Layers {
  const genes = new Map(geneLayers(spec).map(({ layer, dictionary }) => [layer.name, dictionary]));
  const weight = (name: string) => {
    const found = variables.get(name);
    if (!found) throw new Error(`no weight ${name}`);
    return found;
  };
  const kernelsOf = (layer: ConvLayer, branch: string) => {
    const kernels = weight(`${layer.name}${branch}.w`) as unknown as tf.Tensor4D;
    const dictionary = genes.get(layer.name);
    return dictionary ? geneKernels(kernels, dictionary, weight) : kernels;
  };
  return {
    convolve: (layer, x, places, branch = '', base) => {
      const y = convPlaces(
        x,
        kernelsOf(layer, branch),
        weight(`${layer.name}${branch}.b`) as unknown as tf.Tensor1D,
        places,
        {
          stride: layer.stride,
          relu: layer.activation === 'relu',
          residual: layer.residual ? x : undefined,
          base,
          inputGradient: inputGradient(layer.name),
        },
      );
      record(layer.name, y, places.list.size * placeMacs(layer, branch !== ''));
      return y;
    },
  };
}

/** All places of a map: the plain convolution. */
export function allPlacesOf(x: tf.Tensor4D): Places {
  return allPlaces(x.shape[0], x.shape[1], x.shape[2]);
}

const ignore: Recorder = () => {};

/** The attention network. @param frames [N, H, W, 4] */
export function glanceGraph(
  spec: NetworkSpec,
  variables: Variables,
  frames: tf.Tensor4D,
  record: Recorder = ignore,
): GlanceOutput {
  const { attention } = spec;
  const layers = layersOf(spec, variables, (name) => name !== attention.layers[0].name, record);
  const batch = frames.shape[0];
  const all = (x: tf.Tensor4D, stride: number) =>
    allPlaces(batch, Math.ceil(x.shape[1] / stride), Math.ceil(x.shape[2] / stride));
  let x: tf.Tensor4D = boxAverage(frames, attention.downsample);
  record('input', x, 0);
  for (const layer of attention.layers) x = layers.convolve(layer, x, all(x, layer.stride));
  return {
    gate: layers.convolve(attention.gate, x, all(x, 1)),
    features: layers.convolve(attention.features, x, all(x, 1)),
    trunk: x,
  };
}

/**
 * The detail network on the blocks that `gates` attends.
 * @param gates [N, G, J] 0, 1 or 2
 * @param coordinates [N, h, w, 4] as the spec's join defines them
 */
export function detailGraph(
  spec: NetworkSpec,
  variables: Variables,
  frames: tf.Tensor4D,
  features: tf.Tensor4D,
  gates: Uint8Array,
  coordinates: tf.Tensor4D,
  record: Recorder = ignore,
): DetailOutput {
  const { stem, trunk, head } = spec.detail;
  const layers = layersOf(spec, variables, (name) => name !== stem[0].name, record);
  const [batch, height, width] = frames.shape;
  const size = { width, height };
  const grid = blockGrid(spec, size);
  const strideOf = new Map(placeDetail(spec).map(({ layer, stride }) => [layer.name, stride]));
  const at = (stride: number, wanted: (gate: number) => boolean) =>
    gatePlaces(
      gates.map((gate) => Number(wanted(gate))),
      batch,
      grid,
      spec.block / stride,
      size,
      stride,
    );

  let x = frames;
  for (const layer of stem) {
    const stemPlaces = at(strideOf.get(layer.name)!, (gate) => gate !== GATE_SKIP);
    x = layers.convolve(layer, x, stemPlaces);
  }
  const places = at(spec.cell, (gate) => gate !== GATE_SKIP);
  const five = at(spec.cell, (gate) => gate === GATE_FIVE);
  const three = at(spec.cell, (gate) => gate !== GATE_SKIP && gate !== GATE_FIVE);
  x = joinPlaces(x, features, coordinates, places, spec.block / spec.cell);
  record('join', x, 0);
  for (const layer of trunk) {
    x = layer.fiveByFive
      ? layers.convolve(layer, x, five, '.five', layers.convolve(layer, x, three))
      : layers.convolve(layer, x, places);
  }
  return {
    cells: layers.convolve(head, x, places),
    trunk: x,
    places,
  };
}

/** Means of factor x factor boxes; boxes over the edge average what there is of them. Data only: no gradient. */
function boxAverage(frames: tf.Tensor4D, factor: number): tf.Tensor4D {
  const [, height, width] = frames.shape;
  if (height % factor === 0 && width % factor === 0) return tf.avgPool(frames, factor, factor, 'valid');
  const sums = (x: tf.Tensor4D) => {
    const padding: [number, number] = [0, 0];
    const over = (length: number): [number, number] => [0, (factor - (length % factor)) % factor];
    return tf.avgPool(tf.pad4d(x, [padding, over(height), over(width), padding]), factor, factor, 'valid');
  };
  return tf.div(sums(frames), sums(tf.ones([1, height, width, 1])));
}

/** Places of a map at `stride` in the blocks that are wanted (not 0): those of [N, h, w]. */
function gatePlaces(
  wanted: Uint8Array,
  batch: number,
  grid: Grid,
  side: number,
  size: { width: number; height: number },
  stride: number,
): Places {
  const rows = Math.ceil(size.height / stride);
  const columns = Math.ceil(size.width / stride);
  const indices: number[] = [];
  for (let n = 0; n < batch; n++) {
    for (let y = 0; y < rows; y++) {
      const gateRow = (n * grid.rows + Math.floor(y / side)) * grid.columns;
      const row = (n * rows + y) * columns;
      for (let column = 0; column < grid.columns; column++) {
        if (wanted[gateRow + column] === 0) continue;
        const end = row + Math.min(columns, (column + 1) * side);
        for (let p = row + column * side; p < end; p++) indices.push(p);
      }
    }
  }
  return listedPlaces(Int32Array.from(indices), batch, rows, columns);
}
