/** What the page's report holds, as JSON. Times in ms, sizes in bytes. Types only. */
import type { Benchmark } from 'saccadenet';
import type { BenchReport } from '../../bench/report.ts';
import type { Device } from './device.ts';

export interface RunSettings {
  readonly backend: 'webgpu' | 'wasm';
  readonly width: number;
  readonly height: number;
  readonly rounds: number;
}

interface AnyReport {
  readonly report: 'saccadenet benchmark page';
  readonly date: string;
  readonly device: Device;
  readonly rounds: number;
}

/** Of the package alone, as a page uses it: `net.benchmark()`. */
export interface NetReport extends AnyReport {
  readonly model: { readonly name: string; readonly parameters: number; readonly fileBytes: number };
  /** From nothing to a net that takes frames: the worker, the model and the backend's kernels. */
  readonly createMs: number;
  readonly benchmark: Benchmark;
  /** Weights and maps on the backend; the page's own heap where the browser tells. */
  readonly backendBytes: number;
  readonly pageHeapBytes?: number;
}

/** Beside other runtimes: what `saccadenet bench --peers --json` prints. */
export interface PeersReport extends AnyReport {
  readonly bench: BenchReport;
}

export type PageReport = NetReport | PeersReport;
