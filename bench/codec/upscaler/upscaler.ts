/**
 * Runs the super-resolution nets of the bench (Keras graphs of convolutions, ReLU, sums, concatenations and nearest
 * upsampling), forwards and backwards, in float32 on one thread. Every convolution has stride 1 and a zero border;
 * a graph with anything else is refused.
 */
import { readFileSync } from 'node:fs';
import { type FeatureMap, type Matrices, patchesOf } from './matrix.ts';

export type Weights = ReadonlyMap<string, Float32Array>;

interface Layer {
  readonly kind: 'input' | 'convolution' | 'relu' | 'concatenate' | 'add' | 'upsample';
  readonly name: string;
  readonly inputs: readonly number[];
  /** Kernel size, or the factor of upsampling. */
  readonly size: number;
  readonly outputs: number;
}

interface KerasLayer {
  readonly class_name: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inbound_nodes: readonly (readonly [string, number, number, object][])[];
}

const KINDS: Readonly<Record<string, Layer['kind']>> = {
  InputLayer: 'input',
  Conv2D: 'convolution',
  Activation: 'relu',
  Concatenate: 'concatenate',
  Add: 'add',
  UpSampling2D: 'upsample',
};

function readLayer(layer: KerasLayer, numbers: ReadonlyMap<string, number>): Layer {
  const { class_name, name, config } = layer;
  const kind = KINDS[class_name];
  const size = ((config.kernel_size ?? config.size ?? [1, 1]) as number[])[0];
  const plain =
    kind !== undefined &&
    ((config.strides ?? [1, 1]) as number[]).every((stride) => stride === 1) &&
    ((config.dilation_rate ?? [1, 1]) as number[]).every((rate) => rate === 1) &&
    (config.padding !== 'valid' || size === 1) &&
    (kind === 'relu') === (config.activation === 'relu');
  if (!plain) throw new Error(`the layer ${name} (${class_name}) is of a kind that the bench cannot run`);
  const inputs = (layer.inbound_nodes[0] ?? []).map(([from]) => numbers.get(from)!);
  return { kind, name, inputs, size, outputs: (config.filters as number | undefined) ?? 0 };
}

/** What a convolution saw and what came back to it: for gradients of its weights. */
export type OnConvolution = (weight: string, patches: Float32Array, gradient: FeatureMap) => void;

export class Upscaler {
  readonly #layers: readonly Layer[];
  readonly #matrices: Matrices;

  constructor(modelJson: string, matrices: Matrices) {
    const { modelTopology } = JSON.parse(readFileSync(modelJson, 'utf8'));
    const layers: readonly KerasLayer[] = modelTopology.model_config.config.layers;
    const numbers = new Map(layers.map(({ name }, i) => [name, i]));
    this.#layers = layers.map((layer) => readLayer(layer, numbers));
    this.#matrices = matrices;
  }

  /** All maps, the picture's first and the output's last. */
  forward(image: FeatureMap, weights: Weights): FeatureMap[] {
    const maps: FeatureMap[] = [];
    for (const layer of this.#layers) {
      const inputs = layer.inputs.map((i) => maps[i]);
      maps.push(layer.kind === 'input' ? image : this.#step(layer, inputs, weights));
    }
    return maps;
  }

  #step(layer: Layer, inputs: readonly FeatureMap[], weights: Weights): FeatureMap {
    const [first] = inputs;
    if (layer.kind === 'convolution') {
      const bias = weights.get(`${layer.name}/bias`)!;
      const map = this.#convolve(first, weights.get(`${layer.name}/kernel`)!, layer.size, layer.outputs);
      for (let at = 0; at < map.data.length; at += layer.outputs) {
        for (let o = 0; o < layer.outputs; o++) map.data[at + o] += bias[o];
      }
      return map;
    }
    if (layer.kind === 'relu') return { ...first, data: first.data.map((value) => Math.max(0, value)) };
    if (layer.kind === 'add') {
      const sum = first.data.slice();
      for (const { data } of inputs.slice(1)) for (let i = 0; i < sum.length; i++) sum[i] += data[i];
      return { ...first, data: sum };
    }
    if (layer.kind === 'concatenate') return concatenate(inputs);
    return upsample(first, layer.size);
  }

  #convolve(input: FeatureMap, kernel: Float32Array, size: number, outputs: number): FeatureMap {
    const { height, width, channels } = input;
    const columns = size * size * channels;
    const data = this.#matrices.multiply(patchesOf(input, size), kernel, height * width, outputs, columns);
    return { height, width, channels: outputs, data };
  }

  /** From a gradient of the output back to every convolution. @param maps of forward */
  backward(maps: readonly FeatureMap[], output: Float32Array, weights: Weights, on: OnConvolution): void {
    const gradients = new Map<number, Float32Array>([[this.#layers.length - 1, output]]);
    const send = (to: number, part: Float32Array) => {
      const held = gradients.get(to);
      if (held === undefined) gradients.set(to, part.slice());
      else for (let i = 0; i < held.length; i++) held[i] += part[i];
    };
    for (let at = this.#layers.length - 1; at > 0; at--) {
      const { kind, name, size, inputs } = this.#layers[at];
      const gradient: FeatureMap = { ...maps[at], data: gradients.get(at)! };
      gradients.delete(at);
      if (kind === 'convolution') {
        on(`${name}/kernel`, patchesOf(maps[inputs[0]], size), gradient);
        if (inputs[0] === 0) continue;
        const { channels } = maps[inputs[0]];
        const turned = turnedKernel(weights.get(`${name}/kernel`)!, size, channels, gradient.channels);
        send(inputs[0], this.#convolve(gradient, turned, size, channels).data);
      } else if (kind === 'relu') {
        send(
          inputs[0],
          gradient.data.map((value, i) => (maps[at].data[i] > 0 ? value : 0)),
        );
      } else if (kind === 'add') for (const input of inputs) send(input, gradient.data);
      else if (kind === 'concatenate') {
        let from = 0;
        for (const input of inputs) {
          send(input, channelsOf(gradient, from, maps[input].channels));
          from += maps[input].channels;
        }
      } else send(inputs[0], downSum(gradient, size));
    }
  }
}

function concatenate(inputs: readonly FeatureMap[]): FeatureMap {
  const channels = inputs.reduce((sum, map) => sum + map.channels, 0);
  const { height, width } = inputs[0];
  const data = new Float32Array(height * width * channels);
  let from = 0;
  for (const map of inputs) {
    for (let place = 0; place < height * width; place++) {
      const row = map.data.subarray(place * map.channels, (place + 1) * map.channels);
      data.set(row, place * channels + from);
    }
    from += map.channels;
  }
  return { height, width, channels, data };
}

function channelsOf(
  { height, width, channels, data }: FeatureMap,
  from: number,
  count: number,
): Float32Array {
  const part = new Float32Array(height * width * count);
  for (let place = 0; place < height * width; place++) {
    part.set(data.subarray(place * channels + from, place * channels + from + count), place * count);
  }
  return part;
}

function upsample({ height, width, channels, data }: FeatureMap, factor: number): FeatureMap {
  const wide: FeatureMap = {
    height: height * factor,
    width: width * factor,
    channels,
    data: new Float32Array(height * width * channels * factor * factor),
  };
  for (let y = 0; y < wide.height; y++) {
    for (let x = 0; x < wide.width; x++) {
      const from = (Math.floor(y / factor) * width + Math.floor(x / factor)) * channels;
      wide.data.set(data.subarray(from, from + channels), (y * wide.width + x) * channels);
    }
  }
  return wide;
}

function downSum({ height, width, channels, data }: FeatureMap, factor: number): Float32Array {
  const narrow = width / factor;
  const sums = new Float32Array((height / factor) * narrow * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = (Math.floor(y / factor) * narrow + Math.floor(x / factor)) * channels;
      for (let c = 0; c < channels; c++) sums[to + c] += data[(y * width + x) * channels + c];
    }
  }
  return sums;
}

/** The kernel of the way back: turned by half a turn, inputs and outputs changed round. */
function turnedKernel(kernel: Float32Array, size: number, inputs: number, outputs: number): Float32Array {
  const turned = new Float32Array(kernel.length);
  for (let place = 0; place < size * size; place++) {
    const to = size * size - 1 - place;
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) {
        turned[(to * outputs + o) * inputs + i] = kernel[(place * inputs + i) * outputs + o];
      }
    }
  }
  return turned;
}
