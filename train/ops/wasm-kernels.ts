/**
 * The kernels that tfjs-backend-wasm lacks for training, working in the backend's own memory: `ConvPlaces` and
 * `ConvPlacesGrad` (computed by assembly/training), `GatherPlaces` and `ScatterPlaces`; conv-places.ts says what
 * they mean.
 */

import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  backend,
  getBackend,
  getKernel,
  registerKernel,
  type TensorInfo,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import trainingWasm from '../../build/training.wasm';
import trainingFmaWasm from '../../build/training-fma.wasm';
import { fastestOf } from './relaxed-simd.ts';

/** What the kernels are given besides tensors. */
export interface ConvAttributes {
  readonly stride: number;
  readonly relu: boolean;
  readonly inputGradient: boolean;
  /** The residual is x: its gradient comes with that of x. */
  readonly through: boolean;
}

export interface TrainingExports {
  /** Weight, packed, then k * k, C, Cp, N, Np. */
  packForward(...args: number[]): void;
  packBackward(...args: number[]): void;
  /** Padded, weight gradient, then the same. */
  unpackWeights(...args: number[]): void;
  /** Map, bordered map (or the other way round), then n, H, W, C, Cp, pad. */
  addBorder(...args: number[]): void;
  cutBorder(...args: number[]): void;
  clear(pointer: number, floats: number): void;
  forward(...pointers: number[]): void;
  backward(...pointers: number[]): void;
  join(...pointers: number[]): void;
  joinGradient(...pointers: number[]): void;
  PANEL: { value: number };
}

/** Emscripten's module behind tfjs-backend-wasm: its memory and allocator, which its types leave out. */
interface EmscriptenModule {
  asm: { memory: WebAssembly.Memory };
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  HEAPF32: Float32Array;
}

const SCRATCH_NAMES = ['packed', 'borderedGradient', 'table', 'rows', 'dw'] as const;
/** Bordered inputs that are kept from the forward pass for the backward one: more than a network has layers. */
const MOST_BORDERED = 32;

interface Bordered {
  dataId: object;
  pad: number;
  channels: number;
  readonly pointer: number;
  readonly floats: number;
}

/** One instance of the training kernels on one tfjs memory, with scratch buffers that only grow. */
class TrainingKernels {
  readonly #module: EmscriptenModule;
  readonly exports: TrainingExports;
  readonly #scratch = new Map<string, { pointer: number; floats: number }>();
  /** The longest unused first. */
  readonly #bordered: Bordered[] = [];

  constructor(backend: BackendWasm) {
    this.#module = backend.wasm as unknown as EmscriptenModule;
    const { memory } = this.#module.asm;
    const instance = new WebAssembly.Instance(
      new WebAssembly.Module(fastestOf(trainingFmaWasm, trainingWasm)),
      { env: { memory } },
    );
    this.exports = instance.exports as unknown as TrainingExports;
  }

  scratch(name: (typeof SCRATCH_NAMES)[number], floats: number): number {
    const held = this.#scratch.get(name);
    if (held && held.floats >= floats) return held.pointer;
    if (held) this.#module._free(held.pointer);
    const pointer = this.#module._malloc(floats * 4 + 16);
    this.#scratch.set(name, { pointer, floats });
    return pointer;
  }

  /** A map with a border of zeros around it, made once for forward and backward. @param shape of the map's convolution */
  bordered({ dataId }: TensorInfo, at: number, shape: ConvShape): number {
    const [, , , , channels, pad] = shape.border;
    const held = this.#bordered.findIndex(
      (entry) => entry.dataId === dataId && entry.pad === pad && entry.channels === channels,
    );
    if (held >= 0) {
      const [entry] = this.#bordered.splice(held, 1);
      this.#bordered.push(entry);
      return entry.pointer;
    }
    const room = this.#room(shape.bordered);
    this.exports.addBorder(at, room.pointer, ...shape.border);
    this.#bordered.push({ ...room, dataId, pad, channels });
    return room.pointer;
  }

  /** Memory for a bordered map: new, or that of the map that was not used for longest. */
  #room(floats: number): { pointer: number; floats: number } {
    if (this.#bordered.length >= MOST_BORDERED) {
      const fitting = this.#bordered.findIndex((entry) => entry.floats === floats);
      const [old] = this.#bordered.splice(Math.max(0, fitting), 1);
      if (old.floats === floats) return old;
      this.#module._free(old.pointer);
    }
    return { pointer: this.#module._malloc(floats * 4 + 16), floats };
  }

  copy(from: number, to: number, floats: number): void {
    this.#module.HEAPF32.copyWithin(to >> 2, from >> 2, (from >> 2) + floats);
  }
}

const kernelsOf = new WeakMap<BackendWasm, TrainingKernels>();

/** The kernels on a backend's memory. */
export function kernels(backend: BackendWasm): TrainingKernels {
  let found = kernelsOf.get(backend);
  if (!found) kernelsOf.set(backend, (found = new TrainingKernels(backend)));
  return found;
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

interface ConvShape {
  readonly y: [number, number, number, number];
  /** Floats of the bordered input and of the padded weights. */
  readonly bordered: number;
  readonly weights: number;
  readonly Np: number;
  /** n H W C Cp pad, as `addBorder` wants them. */
  readonly border: number[];
  /** k * k, C, Cp, N, Np, as `packForward` wants them. */
  readonly packing: number[];
  /** Hp Wp Cp OH OW N k s, as `forward` wants them. */
  readonly sizes: number[];
}

/** Bordered and plain are the same: a 1x1 kernel, channels in order. */
function isPlain({ border }: ConvShape): boolean {
  const [, , , C, Cp, pad] = border;
  return pad === 0 && C === Cp;
}

/** @param channels to a multiple of which those of the input are padded: 8 where its gradient is wanted, else 4 */
function convShape(x: TensorInfo, filter: TensorInfo, stride: number, channels: 4 | 8): ConvShape {
  const [batch, H, W, C] = x.shape;
  const [k, , , N] = filter.shape;
  const OH = Math.ceil(H / stride);
  const OW = Math.ceil(W / stride);
  const Cp = (C + channels - 1) & -channels;
  const Np = (N + 7) & ~7;
  const [Hp, Wp] = [H + k - 1, W + k - 1];
  return {
    y: [batch, OH, OW, N],
    bordered: batch * Hp * Wp * Cp,
    weights: k * k * Cp * Np,
    Np,
    border: [batch, H, W, C, Cp, (k - 1) / 2],
    packing: [k * k, C, Cp, N, Np],
    sizes: [Hp, Wp, Cp, OH, OW, N, k, stride],
  };
}

function convPlaces(
  backend: BackendWasm,
  inputs: Record<string, TensorInfo>,
  attrs: ConvAttributes,
): TensorInfo {
  const { x, filter, bias, residual, base, places } = inputs;
  const run = kernels(backend);
  const at = (tensor: TensorInfo) => backend.dataIdMap.get(tensor.dataId).memoryOffset;
  const shape = convShape(x, filter, attrs.stride, attrs.inputGradient ? 8 : 4);
  const out = backend.makeOutput(shape.y, 'float32');
  const panel = run.exports.PANEL.value;
  const packed = run.scratch('packed', shape.weights);
  const bordered = isPlain(shape) ? at(x) : run.bordered(x, at(x), shape);
  const table = run.scratch('table', panel);
  const rows = run.scratch('rows', panel * shape.Np);
  const floats = count(shape.y);
  if (base) run.copy(at(base), at(out), floats);
  else if (places.shape[0] * filter.shape[3] < floats) run.exports.clear(at(out), floats);
  run.exports.packForward(at(filter), packed, ...shape.packing);
  const pointers = [bordered, packed, at(bias), residual ? at(residual) : 0, at(out)];
  const list = [at(places), places.shape[0]];
  run.exports.forward(...pointers, ...list, ...shape.sizes, Number(attrs.relu), table, rows);
  return out;
}

function convPlacesGrad(
  backend: BackendWasm,
  inputs: Record<string, TensorInfo>,
  attrs: ConvAttributes & { residual: boolean },
): TensorInfo[] {
  const { x, filter, y, dy, places } = inputs;
  const run = kernels(backend);
  const at = (tensor: TensorInfo) => backend.dataIdMap.get(tensor.dataId).memoryOffset;
  const { inputGradient } = attrs;
  const shape = convShape(x, filter, attrs.stride, inputGradient ? 8 : 4);
  const zeroed = (wanted: number[]) => {
    const made = backend.makeOutput(wanted, 'float32');
    run.exports.clear(at(made), count(wanted));
    return made;
  };
  const dx = backend.makeOutput(inputGradient ? x.shape : [1], 'float32');
  const dw = backend.makeOutput(filter.shape, 'float32');
  const db = zeroed([filter.shape[3]]);
  const dresidual = zeroed(attrs.residual ? y.shape : [1]);
  const panel = run.exports.PANEL.value;
  const packed = run.scratch('packed', shape.weights);
  const plain = isPlain(shape);
  const bordered = plain ? at(x) : run.bordered(x, at(x), shape);
  const room = () => (plain ? at(dx) : run.scratch('borderedGradient', shape.bordered));
  const borderedGradient = inputGradient ? room() : 0;
  const table = run.scratch('table', panel);
  const rows = run.scratch('rows', panel * shape.Np);
  const dwPadded = run.scratch('dw', shape.weights);
  run.exports.clear(dwPadded, shape.weights);
  if (inputGradient) {
    run.exports.clear(borderedGradient, shape.bordered);
    run.exports.packBackward(at(filter), packed, ...shape.packing);
  }
  const pointers = [bordered, at(y), at(dy), packed, borderedGradient, dwPadded, at(db)];
  const lists = [attrs.residual ? at(dresidual) : 0, at(places), places.shape[0]];
  run.exports.backward(
    ...pointers,
    ...lists,
    ...shape.sizes,
    Number(attrs.relu),
    Number(attrs.through),
    table,
    rows,
  );
  run.exports.unpackWeights(dwPadded, at(dw), ...shape.packing);
  if (inputGradient && !plain) run.exports.cutBorder(borderedGradient, at(dx), ...shape.border);
  return [dx, dw, db, dresidual];
}

/** Rows of x [.., C] at the places: [count, C]. */
function gatherPlaces(backend: BackendWasm, inputs: Record<string, TensorInfo>): TensorInfo {
  const { x, places } = inputs;
  const channels = x.shape[x.shape.length - 1];
  const out = backend.makeOutput([places.shape[0], channels], 'float32');
  const from = backend.typedArrayFromHeap(x) as Float32Array;
  const list = backend.typedArrayFromHeap(places) as Int32Array;
  const to = backend.typedArrayFromHeap(out) as Float32Array;
  for (let i = 0, at = 0; i < list.length; i++) {
    for (let c = 0, source = list[i] * channels; c < channels; c++) to[at++] = from[source++];
  }
  return out;
}

/** The transpose of `gatherPlaces`: rows of dy put back at the places of a zero tensor. */
function scatterPlaces(
  backend: BackendWasm,
  inputs: Record<string, TensorInfo>,
  shape: number[],
): TensorInfo {
  const { dy, places } = inputs;
  const channels = dy.shape[1];
  const out = backend.makeOutput(shape, 'float32');
  const from = backend.typedArrayFromHeap(dy) as Float32Array;
  const list = backend.typedArrayFromHeap(places) as Int32Array;
  const to = backend.typedArrayFromHeap(out) as Float32Array;
  to.fill(0);
  for (let i = 0, at = 0; i < list.length; i++) {
    for (let c = 0, target = list[i] * channels; c < channels; c++) to[target++] = from[at++];
  }
  return out;
}

/** The values of a tensor where they lie, on the wasm backend; elsewhere null. Gone when the tensor is, or memory grows. */
export function heapOf(tensor: TensorInfo): Float32Array | null {
  if (getBackend() !== 'wasm') return null;
  return (backend() as BackendWasm).typedArrayFromHeap(tensor) as Float32Array;
}

/** tfjs copies a tensor to keep it for the backward pass; sharing it by count is the same and free. */
function shareIdentity(): void {
  unregisterKernel('Identity', 'wasm');
  registerKernel({
    kernelName: 'Identity',
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend }) => {
      const { x } = inputs as { x: TensorInfo };
      (backend as BackendWasm).incRef(x.dataId);
      return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
    },
  });
}

/** Registers the kernels for the backend named 'wasm'. Call before the first training step. */
export function registerTrainingKernels(): void {
  if (getKernel('ConvPlaces', 'wasm')) return;
  shareIdentity();
  registerKernel({
    kernelName: 'GatherPlaces',
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend }) =>
      gatherPlaces(backend as BackendWasm, inputs as Record<string, TensorInfo>),
  });
  registerKernel({
    kernelName: 'ScatterPlaces',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) =>
      scatterPlaces(backend as BackendWasm, inputs as Record<string, TensorInfo>, attrs?.shape as number[]),
  });
  registerKernel({
    kernelName: 'ConvPlaces',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) =>
      convPlaces(
        backend as BackendWasm,
        inputs as Record<string, TensorInfo>,
        attrs as unknown as ConvAttributes,
      ),
  });
  registerKernel({
    kernelName: 'ConvPlacesGrad',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) =>
      convPlacesGrad(
        backend as BackendWasm,
        inputs as Record<string, TensorInfo>,
        attrs as unknown as ConvAttributes & { residual: boolean },
      ),
  });
}
