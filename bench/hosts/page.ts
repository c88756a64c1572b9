/** The benchmark within a page of headless Chromium: chromium.ts bundles this file, serves it and calls `startBench`. */
import { setOnnxRuntimeFiles } from '../../train/onnx/onnx-runtime.ts';
import { setLiteRtFiles } from '../peers/litert.ts';
import { setTfjsFiles } from '../peers/tfjs.ts';
import type { BenchPlan } from '../plan.ts';
import type { BenchReport, Machine } from '../report.ts';
import { runBench } from '../run-bench.ts';

/** Where other runtimes find their files: tools/bench-bundle.mjs has the same names. */
export type PeerFolders = Readonly<Record<'onnx' | 'tfjs' | 'litert', string>>;

/** The plan as JSON: maps and typed arrays as arrays. */
export interface PagePlan extends Omit<BenchPlan, 'model'> {
  readonly model: Omit<BenchPlan['model'], 'weights'> & { readonly weights: readonly [string, number[]][] };
  readonly files: PeerFolders;
  readonly liteRtVersion: string;
}

interface PageGlobals {
  startBench(plan: string, machine: Machine): Promise<BenchReport>;
  /** Of the page's driver. */
  reportProgress(done: number, total: number, note: string): void;
}

const page = globalThis as unknown as PageGlobals;

page.startBench = (text, machine) => {
  const { files, liteRtVersion, model, ...plan } = JSON.parse(text) as PagePlan;
  setOnnxRuntimeFiles(files.onnx);
  setTfjsFiles(files.tfjs);
  setLiteRtFiles(files.litert, liteRtVersion);
  const weights = new Map(model.weights.map(([name, values]) => [name, Float32Array.from(values)]));
  return runBench({ ...plan, model: { ...model, weights } }, machine, {
    onProgress: (done, total, note) => page.reportProgress(done, total, note),
  });
};
