/**
 * The kernels that tfjs-backend-wasm lacks for training, working in the backend's own memory: `ConvPlaces` and
 * `ConvPlacesGrad` (computed by assembly/training), `GatherPlaces` and `ScatterPlaces`; conv-places.ts says what
 * they mean.
 */

import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { getKernel, registerKernel, type TensorInfo, unregisterKernel } from '@tensorflow/tfjs-core';
import trainingWasm from '../../build/training.wasm';

/** What the kernels are given besides tensors. */
export interface ConvAttributes {
  readonly stride: number;
  readonly relu: boolean;
  readonly inputGradient: boolean;
}

interface TrainingExports {
  packForward(w: number, packed: number, K: number, N: number, Kp: number, Np: number): void;
  packBackward(w: number, packed: number, K: number, N: number, Kp: number, Np: number): void;
  forward(...pointers: number[]): void;
  backward(...pointers: number[]): void;
  PANEL: { value: number };
}

/** Emscripten's module behind tfjs-backend-wasm: its memory and allocator, which its types leave out. */
interface EmscriptenModule {
  asm: { memory: WebAssembly.Memory };
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  HEAPF32: Float32Array;
}

const SCRATCH_NAMES = ['packed', 'col', 'rows', 'dcol', 'dw'] as const;

/** One instance of the training kernels on one tfjs memory, with scratch buffers that only grow. */
class TrainingKernels {
  readonly #module: EmscriptenModule;
  readonly exports: TrainingExports;
  readonly #scratch = new Map<string, { pointer: number; floats: number }>();

  constructor(backend: BackendWasm) {
    this.#module = backend.wasm as unknown as EmscriptenModule;
    const { memory } = this.#module.asm;
    const instance = new WebAssembly.Instance(new WebAssembly.Module(trainingWasm), { env: { memory } });
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

  fill(pointer: number, floats: number, value: number): void {
    this.#module.HEAPF32.fill(value, pointer >> 2, (pointer >> 2) + floats);
  }

  copy(from: number, to: number, floats: number): void {
    this.#module.HEAPF32.copyWithin(to >> 2, from >> 2, (from >> 2) + floats);
  }
}

const kernelsOf = new WeakMap<BackendWasm, TrainingKernels>();

function kernels(backend: BackendWasm): TrainingKernels {
  let found = kernelsOf.get(backend);
  if (!found) kernelsOf.set(backend, (found = new TrainingKernels(backend)));
  return found;
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

interface ConvShape {
  readonly y: [number, number, number, number];
  /** H W C OH OW N k s, in the order of the kernels' arguments. */
  readonly sizes: number[];
  readonly K: number;
  readonly N: number;
  readonly Kp: number;
  readonly Np: number;
}

function convShape(x: TensorInfo, filter: TensorInfo, stride: number): ConvShape {
  const [batch, H, W, C] = x.shape;
  const [k, , , N] = filter.shape;
  const OH = Math.ceil(H / stride);
  const OW = Math.ceil(W / stride);
  const K = k * k * C;
  return {
    y: [batch, OH, OW, N],
    sizes: [H, W, C, OH, OW, N, k, stride],
    K,
    N,
    Kp: (K + 7) & ~7,
    Np: (N + 7) & ~7,
  };
}

function convPlaces(
  backend: BackendWasm,
  inputs: Record<string, TensorInfo>,
  attrs: ConvAttributes,
): TensorInfo {
  const { x, filter, bias, residual, places } = inputs;
  const run = kernels(backend);
  const at = (tensor: TensorInfo) => backend.dataIdMap.get(tensor.dataId).memoryOffset;
  const { y, sizes, K, N, Kp, Np } = convShape(x, filter, attrs.stride);
  const out = backend.makeOutput(y, 'float32');
  const panel = run.exports.PANEL.value;
  const packed = run.scratch('packed', Kp * Np);
  const col = run.scratch('col', panel * Kp);
  const rows = run.scratch('rows', panel * Np);
  if (places.shape[0] < count(y) / N) run.fill(at(out), count(y), 0);
  run.exports.packForward(at(filter), packed, K, N, Kp, Np);
  const pointers = [
    at(x),
    packed,
    at(bias),
    residual ? at(residual) : 0,
    at(out),
    at(places),
    places.shape[0],
  ];
  run.exports.forward(...pointers, ...sizes, Number(attrs.relu), col, rows);
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
  const { sizes, K, N, Kp, Np } = convShape(x, filter, attrs.stride);
  const zeroed = (shape: number[]) => {
    const made = backend.makeOutput(shape, 'float32');
    run.fill(at(made), count(shape), 0);
    return made;
  };
  const dx = zeroed(attrs.inputGradient ? x.shape : [1]);
  const dw = backend.makeOutput(filter.shape, 'float32');
  const db = zeroed([N]);
  const dresidual = zeroed(attrs.residual ? y.shape : [1]);
  const panel = run.exports.PANEL.value;
  const packed = run.scratch('packed', Kp * Np);
  const col = run.scratch('col', panel * Kp);
  const rows = run.scratch('rows', panel * Np);
  const dcol = run.scratch('dcol', panel * Kp);
  const dwPadded = run.scratch('dw', Kp * Np);
  run.fill(dwPadded, Kp * Np, 0);
  if (attrs.inputGradient) run.exports.packBackward(at(filter), packed, K, N, Kp, Np);
  const pointers = [at(x), at(y), at(dy), packed, attrs.inputGradient ? at(dx) : 0, dwPadded, at(db)];
  const lists = [attrs.residual ? at(dresidual) : 0, at(places), places.shape[0]];
  run.exports.backward(...pointers, ...lists, ...sizes, Number(attrs.relu), col, rows, dcol);
  for (let k = 0; k < K; k++) run.copy(dwPadded + k * Np * 4, at(dw) + k * N * 4, N);
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
