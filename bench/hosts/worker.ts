/**
 * The benchmark within a worker of a page, so that the page stays awake and ends it by terminating the worker.
 * tools/bench-bundle.mjs makes a classic script of this file (LiteRT.js loads by importScripts there); the demo's
 * benchmark page starts it. One run a worker: a `BenchJob` in, `BenchMessage`s out, the last one a report or an error.
 */
import modelBytes from '../../models/people-vs-poles.sacc';
import { decodeModel } from '../../src/codec/decode-model.ts';
import { setOnnxRuntimeFiles } from '../../train/onnx/onnx-runtime.ts';
import { setLiteRtFiles } from '../peers/litert.ts';
import { setTfjsFiles } from '../peers/tfjs.ts';
import type { BenchPlan } from '../plan.ts';
import type { BenchReport, Machine } from '../report.ts';
import { runBench } from '../run-bench.ts';
import type { PeerFolders } from './page.ts';

export interface BenchJob {
  readonly plan: Omit<BenchPlan, 'model' | 'weights' | 'host'>;
  readonly machine: Machine;
  /** Addresses, each with a slash at its end. */
  readonly files: PeerFolders;
  readonly liteRtVersion: string;
}

export type BenchMessage =
  | { readonly kind: 'start'; readonly name: string }
  | { readonly kind: 'progress'; readonly done: number; readonly total: number; readonly note: string }
  | { readonly kind: 'report'; readonly report: BenchReport }
  | { readonly kind: 'error'; readonly message: string };

const send = (message: BenchMessage) => postMessage(message);

addEventListener('message', ({ data }: MessageEvent<BenchJob>) => {
  run(data).then(
    (report) => send({ kind: 'report', report }),
    (error: unknown) =>
      send({ kind: 'error', message: error instanceof Error ? error.message : String(error) }),
  );
});

async function run({ plan, machine, files, liteRtVersion }: BenchJob): Promise<BenchReport> {
  setOnnxRuntimeFiles(files.onnx);
  setTfjsFiles(files.tfjs);
  setLiteRtFiles(files.litert, liteRtVersion);
  const model = await decodeModel(modelBytes);
  return runBench({ ...plan, model, weights: 'models/people-vs-poles.sacc', host: 'page' }, machine, {
    onStart: (name) => send({ kind: 'start', name }),
    onProgress: (done, total, note) => send({ kind: 'progress', done, total, note }),
  });
}
