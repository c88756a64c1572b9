/** Runs an exported network with onnxruntime-web's wasm on one thread: the peer of the benchmark, and a check. */
import * as ort from 'onnxruntime-web';
import { mapSize, type Size } from '../../src/network/geometry.ts';
import { FRAME_CHANNELS, type NetworkSpec } from '../../src/network/spec.ts';

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

/** Loads the bytes of `exportOnnx` for this working size. */
export async function loadOnnx(bytes: Uint8Array, size: Size): Promise<OnnxRunner> {
  ort.env.wasm.numThreads = ORT_THREADS;
  ort.env.logLevel = 'error';
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
    logSeverityLevel: LOG_SEVERITY_ERROR,
  });
  const shape = [1, FRAME_CHANNELS, size.height, size.width];
  return {
    run: async (planes) => {
      const { gates, cells } = await session.run({ frame: new ort.Tensor('float32', planes, shape) });
      return { gates: gates.data as Float32Array, cells: cells.data as Float32Array };
    },
    release: () => session.release(),
  };
}

/** The export's cells [channels, J, I] in the order of `Executor.read(head)`: [J, I, channels]. */
export function cellsAsMap(network: NetworkSpec, size: Size, cells: Float32Array): Float32Array {
  const { width, height } = mapSize(size, network.cell);
  const channels = network.detail.head.outputs;
  const map = new Float32Array(cells.length);
  for (let place = 0; place < width * height; place++) {
    for (let c = 0; c < channels; c++) map[place * channels + c] = cells[c * width * height + place];
  }
  return map;
}
