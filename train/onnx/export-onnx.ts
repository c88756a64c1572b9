/**
 * The dense network of a model (dense-graph.ts) as ONNX, for one working size.
 *
 * Input `frame` [1, 4, H, W]: R, G, B, y of src/network/spec.ts. Outputs `gates` [1, 2, rows, columns] (look and
 * five-by-five logit a block) and `cells` [1, channels, J, I] (head outputs of every cell of the map).
 * The 5x5 branch is not part of the dense network and is left out.
 */
import type { PixelFrame } from '../../src/backends/backend.ts';
import { blockGrid, mapSize, type Size } from '../../src/network/geometry.ts';
import { responseOf } from '../../src/network/response.ts';
import {
  COORDINATE_CHANNELS,
  type ConvLayer,
  FRAME_CHANNELS,
  type Model,
  type NetworkSpec,
} from '../../src/network/spec.ts';
import { buildDense, type DenseBuilder, framePlaces, toPlanes } from './dense-graph.ts';
import { GraphBuilder } from './graph.ts';

/** Writes the .onnx bytes of the dense network at the working size given. */
export function exportOnnx(model: Model, size: Size): Uint8Array {
  const { network } = model;
  const graph = new GraphBuilder(network.name);
  const { gates, cells } = buildDense(model, size, onnxBuilder(graph));
  const { columns, rows } = blockGrid(network, size);
  const { width, height } = mapSize(size, network.cell);
  graph.output(gates, [1, network.attention.gate.outputs, rows, columns]);
  graph.output(cells, [1, network.detail.head.outputs, height, width]);
  return graph.encode({
    network: network.name,
    labels: network.labels.join(','),
    input: `frame [1, 4, ${size.height}, ${size.width}]: R G B as ${formulaOf(network)}, y as 2 * (row + 0.5) / H - 1`,
  });
}

/** How a level v of 0 to 255 is to be given. */
function formulaOf(network: NetworkSpec): string {
  const { numerator, slope, offset, linear } = responseOf(network);
  if (slope === 0) return `v / ${offset / numerator} - 1`;
  return `${numerator} * v / (v + ${offset})${linear === 0 ? '' : ` + ${linear} * v`} - 1`;
}

/** The `frame` input of the export: [4, H, W] planes. */
export function framePlanes(network: NetworkSpec, frame: PixelFrame): Float32Array {
  return toPlanes(framePlaces(network, frame), FRAME_CHANNELS);
}

/** Maps are the names of their nodes. */
function onnxBuilder(graph: GraphBuilder): DenseBuilder<string> {
  return {
    frame: ({ width, height }) => graph.input('frame', [1, FRAME_CHANNELS, height, width]),
    averageBoxes: (input, name, factor, { width, height }) =>
      graph.averageBoxes(input, name, factor, height, width),
    convolution: (input, layer, name) => {
      const relu = layer.activation === 'relu';
      const sumName = relu ? `${name}.sum` : name;
      const conv = graph.convolution(input, layer.residual ? `${name}.conv` : sumName, {
        name: layer.name,
        shape: [layer.outputs, layer.inputs, layer.kernel, layer.kernel],
        weights: toOihw(layer.w, layer),
        bias: layer.b,
        stride: layer.stride,
      });
      const sum = layer.residual ? graph.add(conv, input, sumName) : conv;
      return relu ? graph.relu(sum, name) : sum;
    },
    upsample: (input, name, factor, { width, height }) => graph.upsample(input, name, factor, height, width),
    constant: (name, { width, height }, values) =>
      graph.constant(name, [1, COORDINATE_CHANNELS, height, width], toPlanes(values, COORDINATE_CHANNELS)),
    concatChannels: (inputs, name) => graph.concatChannels(inputs, name),
  };
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
