/**
 * The dense network of a model as ONNX, for one working size: attention plus one whole-frame convolution of the
 * detail network with its 3x3 branch in every cell, exactly what `policy: 'dense'` runs.
 *
 * Input `frame` [1, 4, H, W]: R, G, B, y of src/network/spec.ts. Outputs `gates` [1, 2, rows, columns] (look and
 * five-by-five logit a block) and `cells` [1, channels, J, I] (head outputs of every cell of the map).
 * The 5x5 branch is not part of the dense network and is left out.
 */
import type { PixelFrame } from '../../src/backends/backend.ts';
import { blockGrid, mapSize, type Size } from '../../src/network/geometry.ts';
import { COORDINATE_CHANNELS, type ConvLayer, FRAME_CHANNELS, type Model } from '../../src/network/spec.ts';
import { GraphBuilder } from './graph.ts';

/** Writes the .onnx bytes of the dense network at the working size given. */
export function exportOnnx(model: Model, size: Size): Uint8Array {
  const { network } = model;
  const { attention, detail, block, cell } = network;
  const graph = new GraphBuilder(network.name);

  function layer(input: string, one: ConvLayer, output = one.name): string {
    const relu = one.activation === 'relu';
    const sumName = relu ? `${one.name}.sum` : output;
    const name = graph.convolution(input, one.residual ? `${one.name}.conv` : sumName, {
      name: one.name,
      shape: [one.outputs, one.inputs, one.kernel, one.kernel],
      weights: toOihw(model.weights.get(`${one.name}.w`)!, one),
      bias: model.weights.get(`${one.name}.b`)!,
      stride: one.stride,
    });
    const sum = one.residual ? graph.add(name, input, sumName) : name;
    return relu ? graph.relu(sum, output) : sum;
  }

  const frame = graph.input('frame', [1, FRAME_CHANNELS, size.height, size.width]);
  let map = graph.averageBoxes(frame, 'input', attention.downsample, size.height, size.width);
  for (const one of attention.layers) map = layer(map, one);
  layer(map, attention.gate, 'gates');
  const features = layer(map, attention.features, 'features.out');

  const cells = mapSize(size, cell);
  map = frame;
  for (const one of detail.stem) map = layer(map, one);
  const surround = graph.upsample(features, 'surround', block / cell, cells.height, cells.width);
  const coordinates = graph.constant(
    'coordinates',
    [1, COORDINATE_CHANNELS, cells.height, cells.width],
    coordinatePlanes(cells, block / cell),
  );
  map = graph.concatChannels([map, surround, coordinates], 'join');
  for (const one of detail.trunk) map = layer(map, one);
  layer(map, detail.head, 'cells');

  const { columns, rows } = blockGrid(network, size);
  graph.output('gates', [1, attention.gate.outputs, rows, columns]);
  graph.output('cells', [1, detail.head.outputs, cells.height, cells.width]);
  return graph.encode({
    network: network.name,
    labels: network.labels.join(','),
    input: `frame [1, 4, ${size.height}, ${size.width}]: R G B as v / 127.5 - 1, y as 2 * (row + 0.5) / H - 1`,
  });
}

/** The `frame` input of the export: [4, H, W] planes. */
export function framePlanes(frame: PixelFrame): Float32Array {
  const { width, height, data } = frame;
  const places = width * height;
  const planes = new Float32Array(FRAME_CHANNELS * places);
  for (let place = 0; place < places; place++) {
    for (let c = 0; c < 3; c++) planes[c * places + place] = data[place * 4 + c] / 127.5 - 1;
    planes[3 * places + place] = (2 * (Math.floor(place / width) + 0.5)) / height - 1;
  }
  return planes;
}

/** HWIO to OIHW. */
function toOihw(w: Float32Array, { kernel, inputs, outputs }: ConvLayer): Float32Array {
  const planes = new Float32Array(w.length);
  for (let k = 0; k < kernel * kernel; k++) {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) {
        planes[(o * inputs + i) * kernel * kernel + k] = w[(k * inputs + i) * outputs + o];
      }
    }
  }
  return planes;
}

/** The join's coordinates (src/network/spec.ts, `DetailSpec.trunk`) as planes [4, J, I]. */
function coordinatePlanes({ width, height }: Size, side: number): Float32Array {
  const places = width * height;
  const planes = new Float32Array(COORDINATE_CHANNELS * places);
  for (let j = 0; j < height; j++) {
    for (let i = 0; i < width; i++) {
      const place = j * width + i;
      planes[place] = (2 * (j + 0.5)) / height - 1;
      planes[places + place] = Math.abs((2 * (i + 0.5)) / width - 1);
      planes[2 * places + place] = (2 * ((i % side) + 0.5)) / side - 1;
      planes[3 * places + place] = (2 * ((j % side) + 0.5)) / side - 1;
    }
  }
  return planes;
}
