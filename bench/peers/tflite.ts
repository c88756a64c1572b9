/**
 * The dense network as a .tflite file: LiteRT reads no ONNX. float32, NHWC, one subgraph.
 * Source: the flatbuffer schema of TensorFlow Lite, version 3 (tensorflow/compiler/mlir/lite/schema/schema.fbs); the
 * numbers below are its field places and enum values.
 *
 * A layer of stride 2 pads one place above and to the left; 'SAME' of this format would pad below and to the right,
 * so those layers get a PAD before them.
 */
import { Builder } from 'flatbuffers';
import { mapSize, type Size } from '../../src/network/geometry.ts';
import { COORDINATE_CHANNELS, FRAME_CHANNELS, type Model } from '../../src/network/spec.ts';
import { buildDense, type DenseBuilder, type DenseLayer } from '../../train/onnx/dense-graph.ts';

const FILE_ID = 'TFL3';
const SCHEMA_VERSION = 3;
const FLOAT32 = 0;
const INT32 = 2;
const RELU = 1;
const SAME = 0;
const VALID = 1;
const BYTES_ALIGNMENT = 16;

/** BuiltinOperator, and the table of options that it needs (0: none). */
const OPERATORS = {
  add: { code: 0, options: 11 },
  averagePool: { code: 1, options: 5 },
  concat: { code: 2, options: 10 },
  convolution: { code: 3, options: 1 },
  pad: { code: 34, options: 0 },
  slice: { code: 65, options: 0 },
  resizeNearest: { code: 97, options: 0 },
} as const;
type OperatorName = keyof typeof OPERATORS;
const OPERATOR_NAMES = Object.keys(OPERATORS) as OperatorName[];

/** One field of an options table: place and value; bytes unless `int`. */
type Field = readonly [place: number, value: number, kind?: 'int'];

interface Tensor {
  readonly shape: readonly number[];
  readonly name: string;
  readonly type: number;
  readonly data?: Float32Array | Int32Array;
}

interface Operation {
  readonly name: OperatorName;
  readonly inputs: readonly number[];
  readonly output: number;
  readonly fields: readonly Field[];
}

/** Writes the bytes of the .tflite file; input [1, H, W, 4], outputs gates and cells in this order, NHWC. */
export function exportTflite(model: Model, size: Size): Uint8Array {
  const graph = new TfliteGraph();
  const { gates, cells } = buildDense(model, size, graph);
  return graph.encode(model.network.name, [gates, cells]);
}

/** Maps are indices of tensors. */
class TfliteGraph implements DenseBuilder<number> {
  readonly #tensors: Tensor[] = [];
  readonly #operations: Operation[] = [];

  frame({ width, height }: Size): number {
    return this.#tensor('frame', [1, height, width, FRAME_CHANNELS]);
  }

  averageBoxes(input: number, name: string, factor: number, size: Size): number {
    const { width, height } = mapSize(size, factor);
    const output = this.#tensor(name, [1, height, width, FRAME_CHANNELS]);
    const fields: Field[] = [1, 2, 3, 4].map((place) => [place, factor, 'int']);
    return this.#operate('averagePool', [input], output, [[0, SAME], ...fields]);
  }

  convolution(input: number, layer: DenseLayer, name: string): number {
    const { kernel, inputs, outputs, stride, residual, activation } = layer;
    const [, inputHeight, inputWidth] = this.#tensors[input].shape;
    const { width, height } = mapSize({ width: inputWidth, height: inputHeight }, stride);
    const shape = [1, height, width, outputs];
    const w = this.#constant(`${layer.name}.w`, [outputs, kernel, kernel, inputs], toOhwi(layer));
    const b = this.#constant(`${layer.name}.b`, [outputs], layer.b);
    const padded = stride === 1 ? input : this.#pad(input, name, layer);
    const relu = activation === 'relu' ? RELU : 0;
    const fields = (fused: number): Field[] => [
      [0, stride === 1 ? SAME : VALID],
      [1, stride, 'int'],
      [2, stride, 'int'],
      [3, fused],
      [4, 1, 'int'],
      [5, 1, 'int'],
    ];
    if (!residual) {
      return this.#operate('convolution', [padded, w, b], this.#tensor(name, shape), fields(relu));
    }
    const sum = this.#operate('convolution', [padded, w, b], this.#tensor(`${name}.conv`, shape), fields(0));
    return this.#operate('add', [sum, input], this.#tensor(name, shape), [[0, relu]]);
  }

  upsample(input: number, name: string, factor: number, { width, height }: Size): number {
    const [, rows, columns, channels] = this.#tensors[input].shape;
    const whole = this.#tensor(`${name}.whole`, [1, rows * factor, columns * factor, channels]);
    const target = this.#constant(`${name}.size`, [2], Int32Array.of(rows * factor, columns * factor));
    this.#operate('resizeNearest', [input, target], whole, []);
    if (rows * factor === height && columns * factor === width) return whole;
    const begin = this.#constant(`${name}.begin`, [4], new Int32Array(4));
    const extent = this.#constant(`${name}.extent`, [4], Int32Array.of(1, height, width, channels));
    const output = this.#tensor(name, [1, height, width, channels]);
    return this.#operate('slice', [whole, begin, extent], output, []);
  }

  constant(name: string, { width, height }: Size, values: Float32Array): number {
    return this.#constant(name, [1, height, width, COORDINATE_CHANNELS], values);
  }

  concatChannels(inputs: readonly number[], name: string): number {
    const [, height, width] = this.#tensors[inputs[0]].shape;
    const channels = inputs.reduce((sum, one) => sum + this.#tensors[one].shape[3], 0);
    const output = this.#tensor(name, [1, height, width, channels]);
    return this.#operate('concat', inputs, output, [[0, 3, 'int']]);
  }

  /** So that output place o of a 'VALID' convolution reads input places o * stride + k - (kernel - 1) / 2. */
  #pad(input: number, name: string, { kernel, stride }: DenseLayer): number {
    const [, height, width, channels] = this.#tensors[input].shape;
    const before = (kernel - 1) / 2;
    const after = (length: number) =>
      Math.max(0, (Math.ceil(length / stride) - 1) * stride + kernel - before - length);
    const [below, right] = [after(height), after(width)];
    const table = Int32Array.of(0, 0, before, below, before, right, 0, 0);
    const paddings = this.#constant(`${name}.pads`, [4, 2], table);
    const shape = [1, height + before + below, width + before + right, channels];
    return this.#operate('pad', [input, paddings], this.#tensor(`${name}.padded`, shape), []);
  }

  #tensor(name: string, shape: readonly number[]): number {
    return this.#tensors.push({ name, shape, type: FLOAT32 }) - 1;
  }

  #constant(name: string, shape: readonly number[], data: Float32Array | Int32Array): number {
    const type = data instanceof Int32Array ? INT32 : FLOAT32;
    return this.#tensors.push({ name, shape, type, data }) - 1;
  }

  #operate(name: OperatorName, inputs: readonly number[], output: number, fields: readonly Field[]): number {
    this.#operations.push({ name, inputs, output, fields });
    return output;
  }

  encode(description: string, outputs: readonly number[]): Uint8Array {
    const file = new Builder(1 << 20);
    const ints = (values: readonly number[]) => {
      file.startVector(4, values.length, 4);
      for (const value of [...values].reverse()) file.addInt32(value);
      return file.endVector();
    };
    const offsets = (values: readonly number[]) => {
      file.startVector(4, values.length, 4);
      for (const value of [...values].reverse()) file.addOffset(value);
      return file.endVector();
    };
    const table = (fields: number, add: () => void) => {
      file.startObject(fields);
      add();
      return file.endObject();
    };
    // Buffer 0 is the empty one, of maps that are computed; every constant has its own.
    const empty = table(1, () => {});
    const buffers = [empty];
    const tensors = this.#tensors.map(({ name, shape, type, data }) => {
      const shapeAt = ints(shape);
      const nameAt = file.createString(name);
      const buffer = data ? buffers.push(bytesBuffer(file, data)) - 1 : 0;
      return table(8, () => {
        file.addFieldOffset(0, shapeAt, 0);
        file.addFieldInt8(1, type, 0);
        file.addFieldInt32(2, buffer, 0);
        file.addFieldOffset(3, nameAt, 0);
      });
    });
    const operators = this.#operations.map(({ name, inputs, output, fields }) => {
      const inputsAt = ints(inputs);
      const outputsAt = ints([output]);
      const optionsAt = table(6, () => {
        for (const [place, value, kind] of fields) {
          if (kind === 'int') file.addFieldInt32(place, value, 0);
          else file.addFieldInt8(place, value, 0);
        }
      });
      const { options } = OPERATORS[name];
      return table(5, () => {
        file.addFieldInt32(0, OPERATOR_NAMES.indexOf(name), 0);
        file.addFieldOffset(1, inputsAt, 0);
        file.addFieldOffset(2, outputsAt, 0);
        file.addFieldInt8(3, options, 0);
        if (options) file.addFieldOffset(4, optionsAt, 0);
      });
    });
    const codes = OPERATOR_NAMES.map((name) =>
      table(4, () => {
        file.addFieldInt8(0, OPERATORS[name].code, 0);
        file.addFieldInt32(2, 1, 1);
        file.addFieldInt32(3, OPERATORS[name].code, 0);
      }),
    );
    const [tensorsAt, inputsAt, outputsAt, operatorsAt] = [
      offsets(tensors),
      ints([0]),
      ints(outputs),
      offsets(operators),
    ];
    const mainAt = file.createString('main');
    const subgraph = table(5, () => {
      file.addFieldOffset(0, tensorsAt, 0);
      file.addFieldOffset(1, inputsAt, 0);
      file.addFieldOffset(2, outputsAt, 0);
      file.addFieldOffset(3, operatorsAt, 0);
      file.addFieldOffset(4, mainAt, 0);
    });
    const [codesAt, subgraphsAt, buffersAt] = [offsets(codes), offsets([subgraph]), offsets(buffers)];
    const descriptionAt = file.createString(description);
    const root = table(8, () => {
      file.addFieldInt32(0, SCHEMA_VERSION, 0);
      file.addFieldOffset(1, codesAt, 0);
      file.addFieldOffset(2, subgraphsAt, 0);
      file.addFieldOffset(3, descriptionAt, 0);
      file.addFieldOffset(4, buffersAt, 0);
    });
    file.finish(root, FILE_ID);
    return file.asUint8Array().slice();
  }
}

function bytesBuffer(file: Builder, data: Float32Array | Int32Array): number {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  file.startVector(1, bytes.length, BYTES_ALIGNMENT);
  for (let i = bytes.length - 1; i >= 0; i--) file.addInt8(bytes[i]);
  const at = file.endVector();
  file.startObject(1);
  file.addFieldOffset(0, at, 0);
  return file.endObject();
}

/** HWIO to OHWI. */
function toOhwi({ w, kernel, inputs, outputs }: DenseLayer): Float32Array {
  const turned = new Float32Array(w.length);
  const rows = kernel * kernel * inputs;
  for (let row = 0; row < rows; row++) {
    for (let o = 0; o < outputs; o++) turned[o * rows + row] = w[row * outputs + o];
  }
  return turned;
}
