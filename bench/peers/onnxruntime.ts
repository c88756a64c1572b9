/** onnxruntime-web on the exported network; wasm on one thread, or webgpu. */

import type { Size } from '../../src/network/geometry.ts';
import { FRAME_CHANNELS, type Model } from '../../src/network/spec.ts';
import { framePlaces, toPlaces, toPlanes } from '../../train/onnx/dense-graph.ts';
import { exportOnnx } from '../../train/onnx/export-onnx.ts';
import { loadOnnx, ORT_THREADS, onnxRuntimeVersion } from '../../train/onnx/onnx-runtime.ts';
import type { PeerBackend, PeerRunner } from './peer.ts';

export async function loadOnnxRuntime(backend: PeerBackend, model: Model, size: Size): Promise<PeerRunner> {
  const { gate } = model.network.attention;
  const { head } = model.network.detail;
  const runner = await loadOnnx(exportOnnx(model, size), size, backend);
  return {
    version: onnxRuntimeVersion(),
    threads: ORT_THREADS,
    input: (frame) => toPlanes(framePlaces(model.network, frame), FRAME_CHANNELS),
    run: (planes) => runner.run(planes),
    places: ({ gates, cells }) => ({
      gates: toPlaces(gates, gate.outputs),
      cells: toPlaces(cells, head.outputs),
    }),
    release: () => runner.release(),
  };
}
