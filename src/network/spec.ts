/**
 * The network as plain data: the one description that the training graph, the reference, the wasm and the
 * webgpu executors all read. Pure; knows nothing of any backend.
 *
 * A frame goes through two networks (Crook, "Generalising CNNs", 2019):
 * - `attention` looks at the whole frame, down-sampled, and gives one look and one five-by-five logit a block;
 * - `detail` runs on attended blocks only, at full resolution.
 *
 * Letters: H W rows and columns of the working frame; s a map's total stride in working-frame px;
 * a map at stride s has ceil(H/s) x ceil(W/s) places. Tensors are NHWC, weights HWIO, float32.
 *
 * The network spec fixes what a layer reads:
 * - the input tensor has 4 channels, R G B in [-1, 1] (response.ts; `v / 127.5 - 1` in version 1) and y in [-1, 1]
 *   (`2 * (row + 0.5) / H - 1`); places outside a map are zero;
 * - the first detail layer reads true frame pixels wherever its kernel reaches; every later detail layer
 *   reads zero outside attended blocks. So no halo is ever computed twice and the cost of the detail network
 *   is exactly proportional to the number of attended blocks, and dense is the case of all blocks attended;
 * - convolutions pad by (kernel - 1) / 2 on every side, also at stride 2: output place o reads input places
 *   `o * stride + k - pad`;
 * - a layer with `residual` adds its input before its activation;
 * - a layer with `fiveByFive` has a second set of 5x5 weights and bias, used in blocks with gate 2;
 * - a layer with `genes` takes its kernels from a dictionary of patterns, one a pair of channels (genes.ts).
 */

/**
 * Versions that are read. 1: the first. 2: `halfSaturation`; a version 2 network without it is a version 1 network.
 * 3: `dictionaries` and `genes`; a version 3 network without them is a version 2 network. 4: `linearShare`; a version 4
 * network without it is a version 3 network.
 */
export const NETWORK_SPEC_VERSIONS = [1, 2, 3, 4] as const;
/** The newest. */
export const NETWORK_SPEC_VERSION = 4;

/**
 * Patterns that the kernels of several layers are made of (genes.ts), numbered from 1: first the local ones, then the
 * long-range ones. Version 3.
 */
export interface DictionarySpec {
  /** Unique among dictionaries and layers. */
  readonly name: string;
  /** Side of the kernels; layers that read the dictionary have it as their `kernel`. */
  readonly reach: 3 | 5;
  /** Patterns of 3x3 taps: `<name>.local` [3, 3, local], where there are any. */
  readonly local: number;
  /** Patterns of reach x reach taps: `<name>.long` [reach, reach, long], where there are any; none at reach 3. */
  readonly long: number;
}

export interface ConvLayer {
  /** Unique in the network; weights are named `<name>.w` [kernel, kernel, inputs, outputs] and `<name>.b` [outputs]. */
  readonly name: string;
  readonly kernel: 1 | 3 | 5;
  readonly stride: 1 | 2;
  readonly inputs: number;
  readonly outputs: number;
  readonly activation: 'relu' | 'none';
  /** Adds the layer's input before the activation; needs stride 1 and inputs === outputs. */
  readonly residual?: boolean;
  /** A second branch `<name>.five.w` [5, 5, inputs, outputs], `<name>.five.b`, taken by blocks with gate 2. Detail trunk only. */
  readonly fiveByFive?: boolean;
  /**
   * Name of a dictionary: instead of `<name>.w` there are `<name>.index` [inputs, outputs], the pattern of each pair of
   * channels (0: not connected), and `<name>.gain` [inputs, outputs]. Not with `fiveByFive`. Version 3.
   */
  readonly genes?: string;
}

export interface AttentionSpec {
  /** The input is the working frame, box-averaged by this factor (edge boxes average the pixels there are). */
  readonly downsample: 2 | 4;
  readonly layers: readonly ConvLayer[];
  /** 1x1 on the last layer, stride `block`: channel 0 the look logit, channel 1 the five-by-five logit. */
  readonly gate: ConvLayer;
  /** 1x1 on the last layer: the coarse surround that the detail network gets (nearest up-sampling). */
  readonly features: ConvLayer;
}

export interface DetailSpec {
  /** Layers from frame pixels to the cell resolution. */
  readonly stem: readonly ConvLayer[];
  /**
   * Layers at cell resolution. The first reads the join: [stem outputs | attention features of the block |
   * 4 coordinates], the join too being zero outside attended blocks. Coordinates of the cell (column i, row j,
   * of I x J cells; n cells a block side): 2(j+.5)/J - 1, |2(i+.5)/I - 1|, 2(i mod n + .5)/n - 1, 2(j mod n + .5)/n - 1.
   */
  readonly trunk: readonly ConvLayer[];
  /** 1x1; channels as `HEAD_CHANNELS` for each label in turn. */
  readonly head: ConvLayer;
}

export interface NetworkSpec {
  readonly version: (typeof NETWORK_SPEC_VERSIONS)[number];
  readonly name: string;
  readonly labels: readonly string[];
  /** Side of a block in working-frame px; the attention network's total stride (downsample included). */
  readonly block: 8 | 16 | 32;
  /** Side of a cell in working-frame px; the stem's total stride. */
  readonly cell: 2 | 4 | 8;
  /**
   * Level, 0..255, at which a colour channel is half way between its two ends had it no upper one (response.ts);
   * absent: linear. Version 2.
   */
  readonly halfSaturation?: number;
  /** Share of the response that is linear beside `halfSaturation`, from 0 to 1; absent: 0. Version 4. */
  readonly linearShare?: number;
  /** What layers with `genes` read; absent: none. Version 3. */
  readonly dictionaries?: readonly DictionarySpec[];
  readonly attention: AttentionSpec;
  readonly detail: DetailSpec;
}

/** Channels of the frame tensor: R, G, B, y. */
export const FRAME_CHANNELS = 4;
/** Channels that the join appends: y, |x|, column and row within the block. */
export const COORDINATE_CHANNELS = 4;
/** Outputs of a cell for one label; boxes.ts says how they become a box. */
export const HEAD_CHANNELS = ['score', 'quality', 'centre', 'width', 'top', 'bottom'] as const;

/** Gates of a block: skipped, attended with 3x3 kernels, attended with 5x5 kernels in the layers that have them. */
export const GATE_SKIP = 0;
export const GATE_THREE = 1;
export const GATE_FIVE = 2;

/** All layers with weights, in execution order. */
export function networkLayers(spec: NetworkSpec): ConvLayer[] {
  const { attention, detail } = spec;
  return [
    ...attention.layers,
    attention.gate,
    attention.features,
    ...detail.stem,
    ...detail.trunk,
    detail.head,
  ];
}

export interface WeightShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Names and shapes of the tensors of a dictionary. */
export function dictionaryShapes({ name, reach, local, long }: DictionarySpec): WeightShape[] {
  return [
    ...(local > 0 ? [{ name: `${name}.local`, shape: [3, 3, local] }] : []),
    ...(long > 0 ? [{ name: `${name}.long`, shape: [reach, reach, long] }] : []),
    { name: `${name}.density`, shape: [2] },
  ];
}

/** Names and shapes of all weights, dictionaries first, then layers in execution order: what a model holds. */
export function weightShapes(spec: NetworkSpec): WeightShape[] {
  const layers = networkLayers(spec).flatMap((layer) => {
    const { name, kernel, inputs, outputs } = layer;
    const kernels: WeightShape[] = layer.genes
      ? ['index', 'gain'].map((part) => ({ name: `${name}.${part}`, shape: [inputs, outputs] }))
      : [{ name: `${name}.w`, shape: [kernel, kernel, inputs, outputs] }];
    const shapes = [...kernels, { name: `${name}.b`, shape: [outputs] }];
    if (layer.fiveByFive) {
      shapes.push(
        { name: `${name}.five.w`, shape: [5, 5, inputs, outputs] },
        { name: `${name}.five.b`, shape: [outputs] },
      );
    }
    return shapes;
  });
  return [...(spec.dictionaries ?? []).flatMap(dictionaryShapes), ...layers];
}

/** Weights by name; data is row-major in the shape of `weightShapes`. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** A spec, its weights and what the result needs to know: what a .sacc file holds. */
export interface Model {
  readonly network: NetworkSpec;
  readonly weights: Weights;
  /** Least score of a detection where the caller names none, by label; chosen on held-out data. */
  readonly scoreThresholds: Readonly<Record<string, number>>;
  /** Least sigmoid(look logit) for which a block is attended, under the budget. */
  readonly gateThreshold: number;
  /** Free text: name, data, terms, figures. */
  readonly card: Readonly<Record<string, unknown>>;
}
