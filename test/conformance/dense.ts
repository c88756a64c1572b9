/**
 * The dense network, computed a second way: every layer is one convolution of the whole map, written as a sum over
 * kernel places of shifted 1x1 products on a padded copy. Shares no code with src/backends. The oracle's oracle.
 */
import type { PixelFrame } from '../../src/backends/backend.ts';
import type { ConvLayer, Model } from '../../src/network/spec.ts';

export interface DenseMap {
  height: number;
  width: number;
  channels: number;
  /** [height][width][channels] */
  values: number[][][];
}

/** The weight of tap (ky, kx) between channels i and o. */
function weightOf(layer: ConvLayer, { network, weights }: Model) {
  const { name, kernel, inputs, outputs, genes } = layer;
  if (genes === undefined) {
    const w = weights.get(`${name}.w`)!;
    return (ky: number, kx: number, i: number, o: number) =>
      w[((ky * kernel + kx) * inputs + i) * outputs + o];
  }
  const { reach, local, long } = network.dictionaries!.find((one) => one.name === genes)!;
  const [index, gain] = ['index', 'gain'].map((part) => weights.get(`${name}.${part}`)!);
  const [near, far] = ['local', 'long'].map((part) => weights.get(`${genes}.${part}`)!);
  const [fall, share] = weights.get(`${genes}.density`)!;
  const middle = (reach - 1) / 2;
  return (ky: number, kx: number, i: number, o: number) => {
    const pattern = index[i * outputs + o] - 1;
    const [dy, dx] = [ky - middle, kx - middle];
    if (pattern < 0 || (pattern < local && Math.max(Math.abs(dy), Math.abs(dx)) > 1)) return 0;
    const fallen = gain[i * outputs + o] / Math.exp(fall * Math.sqrt(dy * dy + dx * dx));
    return pattern < local
      ? fallen * near[((dy + 1) * 3 + dx + 1) * local + pattern]
      : fallen * Math.exp(share) * far[(ky * reach + kx) * long + pattern - local];
  };
}

function convolveWhole(map: DenseMap, layer: ConvLayer, model: Model): DenseMap {
  const w = weightOf(layer, model);
  const b = model.weights.get(`${layer.name}.b`)!;
  const pad = (layer.kernel - 1) / 2;
  const at = (y: number, x: number, c: number) => map.values[y]?.[x]?.[c] ?? 0;
  const height = Math.ceil(map.height / layer.stride);
  const width = Math.ceil(map.width / layer.stride);
  const values = Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (_, column) =>
      Array.from({ length: layer.outputs }, (_, o) => {
        let sum = b[o] + (layer.residual ? at(row, column, o) : 0);
        for (let ky = 0; ky < layer.kernel; ky++)
          for (let kx = 0; kx < layer.kernel; kx++)
            for (let i = 0; i < layer.inputs; i++)
              sum += at(row * layer.stride + ky - pad, column * layer.stride + kx - pad, i) * w(ky, kx, i, o);
        return layer.activation === 'relu' && sum < 0 ? 0 : sum;
      }),
    ),
  );
  return { height, width, channels: layer.outputs, values };
}

/** All maps of the dense network by name, as `Executor.read` names them. */
export function denseMaps(model: Model, frame: PixelFrame): Map<string, DenseMap> {
  const { attention, detail, block, cell, halfSaturation: h, linearShare: q = h ? 0 : 1 } = model.network;
  const curve = (v: number) => (h ? (2 * (1 + h / 255) * v) / (v + h) : 0);
  const response = (v: number) => (1 - q) * curve(v) + (q * v) / 127.5 - 1;
  const maps = new Map<string, DenseMap>();
  const { width, height } = frame;
  const pixels: DenseMap = {
    height,
    width,
    channels: 4,
    values: Array.from({ length: height }, (_, y) =>
      Array.from({ length: width }, (_, x) => [
        ...[0, 1, 2].map((c) => response(frame.data[(y * width + x) * 4 + c])),
        (2 * y + 1) / height - 1,
      ]),
    ),
  };
  const d = attention.downsample;
  let map: DenseMap = {
    height: Math.ceil(height / d),
    width: Math.ceil(width / d),
    channels: 4,
    values: Array.from({ length: Math.ceil(height / d) }, (_, y) =>
      Array.from({ length: Math.ceil(width / d) }, (_, x) => {
        const box = pixels.values.slice(y * d, y * d + d).flatMap((row) => row.slice(x * d, x * d + d));
        return [0, 1, 2, 3].map((c) => box.reduce((sum, pixel) => sum + pixel[c], 0) / box.length);
      }),
    ),
  };
  maps.set('input', map);
  for (const layer of attention.layers) maps.set(layer.name, (map = convolveWhole(map, layer, model)));
  maps.set(attention.gate.name, convolveWhole(map, attention.gate, model));
  const features = convolveWhole(map, attention.features, model);
  maps.set(attention.features.name, features);

  map = pixels;
  for (const layer of detail.stem) maps.set(layer.name, (map = convolveWhole(map, layer, model)));
  const n = block / cell;
  const J = map.height;
  const I = map.width;
  map = {
    height: J,
    width: I,
    channels: detail.trunk[0].inputs,
    values: map.values.map((line, j) =>
      line.map((stem, i) => [
        ...stem,
        ...features.values[Math.floor(j / n)][Math.floor(i / n)],
        (2 * j + 1) / J - 1,
        Math.abs((2 * i + 1) / I - 1),
        (2 * (i % n) + 1) / n - 1,
        (2 * (j % n) + 1) / n - 1,
      ]),
    ),
  };
  maps.set('join', map);
  for (const layer of [...detail.trunk, detail.head]) {
    maps.set(layer.name, (map = convolveWhole(map, layer, model)));
  }
  return maps;
}
