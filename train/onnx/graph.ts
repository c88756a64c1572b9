/** A small builder of ONNX graphs (opset 17): float32, NCHW. Source: https://onnx.ai/onnx/operators/ */
import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;

const OPSET_VERSION = 17;
/** IR version that goes with opset 17. */
const IR_VERSION = 8;

type Attribute = { name: string; type: number; i?: number; ints?: number[]; s?: Uint8Array };
const { AttributeType } = onnx.AttributeProto;

function intsAttribute(name: string, ints: number[]): Attribute {
  return { name, type: AttributeType.INTS, ints };
}

function intAttribute(name: string, i: number): Attribute {
  return { name, type: AttributeType.INT, i };
}

function stringAttribute(name: string, text: string): Attribute {
  return { name, type: AttributeType.STRING, s: new TextEncoder().encode(text) };
}

function valueInfo(name: string, shape: readonly number[]) {
  const dim = shape.map((dimValue) => ({ dimValue }));
  return { name, type: { tensorType: { elemType: onnx.TensorProto.DataType.FLOAT, shape: { dim } } } };
}

/** What a convolution node takes: weights OIHW. */
export interface GraphConvolution {
  readonly name: string;
  readonly shape: readonly [outputs: number, inputs: number, kernel: number, kernel: number];
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly stride: number;
}

/** Nodes are named by their output; every method returns that name. */
export class GraphBuilder {
  readonly #name: string;
  readonly #nodes: object[] = [];
  readonly #initializers: object[] = [];
  readonly #inputs: object[] = [];
  readonly #outputs: object[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  input(name: string, shape: readonly number[]): string {
    this.#inputs.push(valueInfo(name, shape));
    return name;
  }

  output(name: string, shape: readonly number[]): void {
    this.#outputs.push(valueInfo(name, shape));
  }

  constant(name: string, shape: readonly number[], data: Float32Array): string {
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    this.#initializers.push({ name, dims: [...shape], dataType: onnx.TensorProto.DataType.FLOAT, rawData });
    return name;
  }

  integers(name: string, values: readonly number[]): string {
    const rawData = new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
    this.#initializers.push({
      name,
      dims: [values.length],
      dataType: onnx.TensorProto.DataType.INT64,
      rawData,
    });
    return name;
  }

  /** Padded by (kernel - 1) / 2 on every side. */
  convolution(input: string, output: string, layer: GraphConvolution): string {
    const [outputs, , kernel] = layer.shape;
    const pad = (kernel - 1) / 2;
    const w = this.constant(`${layer.name}.w`, layer.shape, layer.weights);
    const b = this.constant(`${layer.name}.b`, [outputs], layer.bias);
    return this.#node('Conv', [input, w, b], output, [
      intsAttribute('kernel_shape', [kernel, kernel]),
      intsAttribute('pads', [pad, pad, pad, pad]),
      intsAttribute('strides', [layer.stride, layer.stride]),
    ]);
  }

  /** Means of factor x factor boxes of a map of this size; boxes over the edge average the places there are. */
  averageBoxes(input: string, output: string, factor: number, height: number, width: number): string {
    const over = (length: number) => Math.ceil(length / factor) * factor - length;
    return this.#node('AveragePool', [input], output, [
      intsAttribute('kernel_shape', [factor, factor]),
      intsAttribute('strides', [factor, factor]),
      intsAttribute('pads', [0, 0, over(height), over(width)]),
      intAttribute('count_include_pad', 0),
    ]);
  }

  /** Nearest up-sampling by `factor`, cut to height x width. */
  upsample(input: string, output: string, factor: number, height: number, width: number): string {
    const scales = this.constant(`${output}.scales`, [4], Float32Array.of(1, 1, factor, factor));
    const whole = this.#node('Resize', [input, '', scales], `${output}.whole`, [
      stringAttribute('mode', 'nearest'),
      stringAttribute('coordinate_transformation_mode', 'asymmetric'),
      stringAttribute('nearest_mode', 'floor'),
    ]);
    const starts = this.integers(`${output}.starts`, [0, 0]);
    const ends = this.integers(`${output}.ends`, [height, width]);
    const axes = this.integers(`${output}.axes`, [2, 3]);
    return this.#node('Slice', [whole, starts, ends, axes], output, []);
  }

  concatChannels(inputs: readonly string[], output: string): string {
    return this.#node('Concat', inputs, output, [intAttribute('axis', 1)]);
  }

  add(a: string, b: string, output: string): string {
    return this.#node('Add', [a, b], output, []);
  }

  relu(input: string, output: string): string {
    return this.#node('Relu', [input], output, []);
  }

  /** The bytes of the .onnx file. */
  encode(metadata: Readonly<Record<string, string>>): Uint8Array {
    const model = onnx.ModelProto.fromObject({
      irVersion: IR_VERSION,
      opsetImport: [{ domain: '', version: OPSET_VERSION }],
      producerName: 'saccadenet',
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      graph: {
        name: this.#name,
        node: this.#nodes,
        initializer: this.#initializers,
        input: this.#inputs,
        output: this.#outputs,
      },
    });
    return new Uint8Array(onnx.ModelProto.encode(model).finish());
  }

  #node(opType: string, input: readonly string[], output: string, attribute: Attribute[]): string {
    this.#nodes.push({ opType, name: output, input: [...input], output: [output], attribute });
    return output;
  }
}
