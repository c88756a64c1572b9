/**
 * LiteRT.js on the network as .tflite: it reads no ONNX. It starts by a script element or, in a classic worker, by
 * importScripts, so it runs in browsers only.
 */

import type { Size } from '../../src/network/geometry.ts';
import { FRAME_CHANNELS, type Model } from '../../src/network/spec.ts';
import { framePlaces } from '../../train/onnx/dense-graph.ts';
import type { PeerBackend, PeerRunner } from './peer.ts';
import { exportTflite } from './tflite.ts';

let files: string | undefined;
let version = '';
let started: Promise<unknown> | undefined;

/** Where a page finds the runtime's .js and .wasm, and its version, which it does not tell itself. */
export function setLiteRtFiles(address: string, packageVersion: string): void {
  files = address;
  version = packageVersion;
}

export async function loadLiteRt(backend: PeerBackend, model: Model, size: Size): Promise<PeerRunner> {
  if (files === undefined) throw new Error('runs in browsers only: --host chromium');
  const litert = await import('@litertjs/core');
  started ??= start(litert, files);
  await started;
  const compiled = await litert.loadAndCompile(exportTflite(model, size), {
    accelerator: backend,
    ...(backend === 'webgpu' ? { gpuOptions: { precision: 'fp32' as const } } : {}),
  });
  const shape = [1, size.height, size.width, FRAME_CHANNELS];
  return {
    version,
    threads: 1,
    input: (frame) => framePlaces(model.network, frame),
    run: async (values) => {
      const input = new litert.Tensor(values, shape);
      const outputs = await compiled.run(input);
      try {
        const [gates, cells] = await Promise.all(outputs.map((one) => one.data()));
        return { gates: gates as Float32Array, cells: cells as Float32Array };
      } finally {
        for (const one of [input, ...outputs]) one.delete();
      }
    },
    release: () => compiled.delete(),
  };
}

/** `Module`: in a worker it looks for its .wasm beside the worker's script otherwise; and it tells the console a lot. */
function start(litert: typeof import('@litertjs/core'), folder: string): Promise<unknown> {
  const quiet = () => {};
  const locateFile = (name: string) => `${folder}${name}`;
  Object.assign(globalThis, { Module: { locateFile, print: quiet, printErr: quiet } });
  return litert.loadLiteRt(folder);
}
