/** Runs an exported network with onnxruntime-web, wasm on one thread or webgpu: a peer of the benchmark, and a check. */
import * as ort from 'onnxruntime-web';
import { mapSize, type Size } from '../../src/network/geometry.ts';
import { FRAME_CHANNELS, type NetworkSpec } from '../../src/network/spec.ts';
import { toPlaces } from './dense-graph.ts';

export const ORT_THREADS = 1;
/** Only errors: its warnings go to the console. */
const LOG_SEVERITY_ERROR = 3;

export interface OnnxRunner {
  /** @param planes of `framePlanes`. Outputs as exported: gates [2, rows, columns], cells [channels, J, I]. */
  run(planes: Float32Array): Promise<{ gates: Float32Array; cells: Float32Array }>;
  release(): Promise<void>;
}

/** The package's version, as it says itself. */
export function onnxRuntimeVersion(): string {
  return ort.env.versions.web ?? ort.env.versions.common;
}

/** Where a page finds the runtime's .wasm; in Node it finds its own. */
export function setOnnxRuntimeFiles(address: string): void {
  ort.env.wasm.wasmPaths = address;
}

/** Loads the bytes of `exportOnnx` for this working size. */
export async function loadOnnx(
  bytes: Uint8Array,
  size: Size,
  provider: 'wasm' | 'webgpu' = 'wasm',
): Promise<OnnxRunner> {
  ort.env.wasm.numThreads = ORT_THREADS;
  ort.env.logLevel = 'error';
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    logSeverityLevel: LOG_SEVERITY_ERROR,
  });
  const shape = [1, FRAME_CHANNELS, size.height, size.width];
  return {
    run: async (planes) => {
      const input = new ort.Tensor('float32', planes, shape);
      const { gates, cells } = await session.run({ frame: input });
      return { gates: gates.data as Float32Array, cells: cells.data as Float32Array };
    },
    release: () => session.release(),
  };
}

/** The export's cells [channels, J, I] in the order of `Executor.read(head)`: [J, I, channels]. */
export function cellsAsMap(network: NetworkSpec, size: Size, cells: Float32Array): Float32Array {
  const { width, height } = mapSize(size, network.cell);
  return toPlaces(
    cells.subarray(0, width * height * network.detail.head.outputs),
    network.detail.head.outputs,
  );
}
