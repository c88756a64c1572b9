/** What is timed: ours as a whole `detect`, peers as a run of the identical dense network on prepared tensors. */
import { DEFAULT_BUDGET, selectGates } from '../src/attention/select.ts';
import type { Glance, PixelFrame } from '../src/backends/backend.ts';
import { wasmBackend } from '../src/backends/wasm/index.ts';
import { denseMacs, type Size } from '../src/network/geometry.ts';
import type { Model } from '../src/network/spec.ts';
import type { Result } from '../src/result.ts';
import { Session } from '../src/session/session.ts';
import { exportOnnx, framePlanes } from '../train/onnx/export-onnx.ts';

export interface Contender {
  /** As in the ratios' keys. */
  readonly name: string;
  /** Prepares what is not timed. */
  prepare(frame: PixelFrame): void;
  /** One timed frame. */
  run(): Promise<void>;
  /** The entry of `ours` or `peers` but for its timings; after at least one run. */
  describe(): Record<string, unknown>;
  release(): void | Promise<void>;
}

/**
 * Ours on the wasm backend: RGBA in, detections out.
 * static: as many blocks as the default budget allows, taken by the model's look logits whatever its threshold
 * (`gates: 'filled'`), so that an easy frame does not flatter the figure; 5x5 where the model asks for it.
 */
export async function ourContender(model: Model, policy: 'static' | 'dense'): Promise<Contender> {
  const session = await Session.create(model, wasmBackend(), { policy, budget: DEFAULT_BUDGET });
  const filled = (glance: Glance) =>
    selectGates(glance, { budget: DEFAULT_BUDGET, threshold: 0, policy: 'static' });
  const options = policy === 'static' ? { gates: filled } : {};
  let frame: PixelFrame;
  let last: Result | undefined;
  return {
    name: `wasm ${policy}`,
    prepare: (next) => {
      frame = next;
    },
    run: async () => {
      last = await session.detect(frame, options);
    },
    describe: () => {
      const { attention, macs } = last!;
      const share = (gate: number) =>
        attention.gates.filter((one) => one >= gate).length / attention.gates.length;
      return {
        backend: 'wasm',
        policy,
        gates: policy === 'static' ? 'filled' : 'all',
        budget: policy === 'static' ? DEFAULT_BUDGET : 1,
        attended: share(1),
        fiveByFive: share(2),
        gmacs: (macs.attention + macs.detail) / 1e9,
      };
    },
    release: () => session.dispose(),
  };
}

/** onnxruntime-web's wasm, one thread, on the exported dense network. Its input tensor is made before the clock starts. */
export async function onnxContender(model: Model, size: Size): Promise<Contender> {
  // Needed for --peers alone, and not installed with the package.
  const { loadOnnx, ORT_THREADS, onnxRuntimeVersion } = await import('../train/onnx/onnx-runtime.ts');
  const runner = await loadOnnx(exportOnnx(model, size), size);
  let planes: Float32Array;
  return {
    name: 'onnxruntime-web wasm',
    prepare: (frame) => {
      planes = framePlanes(frame);
    },
    run: async () => {
      await runner.run(planes);
    },
    describe: () => ({
      name: 'onnxruntime-web',
      version: onnxRuntimeVersion(),
      backend: 'wasm',
      threads: ORT_THREADS,
      gmacs: denseMacs(model.network, size) / 1e9,
    }),
    release: () => runner.release(),
  };
}
