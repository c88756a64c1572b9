/** The report of a benchmark: plain data, as `bench --json` prints it. Times in ms, sizes in bytes. Types only. */
import type { Size } from '../src/network/geometry.ts';
import type { OurRow } from './ours.ts';
import type { BenchHost } from './peers/index.ts';
import type { PeerBackend } from './peers/peer.ts';
import type { Spread } from './statistics.ts';

/** Of one contender over the timed rounds. */
export interface Times {
  readonly msMedian: number;
  readonly msP10: number;
  readonly msP90: number;
  readonly msP95: number;
  readonly msP99: number;
}

export interface Resources {
  /** From the model in memory until it takes a frame, then the first frame. */
  readonly loadMs: number;
  readonly firstMs: number;
  /** Bytes mapped for reading a frame; 0 on wasm. */
  readonly readbackBytes: number;
  /** GPU buffers and textures. */
  readonly gpuBytes: number;
  /** Linear memories. */
  readonly wasmBytes: number;
}

export interface OurEntry extends Times, Resources, Pick<OurRow, 'backend' | 'policy' | 'share' | 'gates'> {
  readonly name: string;
  /** Shares of the blocks: computed at all, and with 5x5 kernels. */
  readonly attended: number;
  readonly fiveByFive: number;
  readonly blocks: number;
  /** Executed. */
  readonly gmacs: number;
  readonly fps: number;
  /** Multiplications and additions a second: 2 x executed MACs over the time of the whole frame. */
  readonly gflops: Spread;
  /** The same over the GEMM of the same round. */
  readonly ofGemm: Spread;
  /** Realised over theoretical: (dense time / time) / (macs.dense / executed MACs), by rounds. */
  readonly realised: Spread;
  /** Medians. */
  readonly stages: Readonly<Record<string, number>>;
  /** Weights, maps and staging, as the session counts them. */
  readonly sessionBytes: number;
  /** Compute pipelines of the network; GPU only. */
  readonly pipelines?: number;
  /** Of the detail stage: what the yardsticks allow over what it took; GPU only. */
  readonly detailOfRoofline?: number;
}

export interface PeerEntry extends Partial<Times & Resources> {
  readonly name: string;
  readonly backend: PeerBackend;
  readonly version?: string;
  readonly threads?: number;
  readonly gmacs: number;
  /** Why it did not run; then it has no times. */
  readonly reason?: string;
  /** Against ours dense, on the first frame: the greatest absolute difference, and our greatest value. */
  readonly maxAbsDifference?: { readonly gates: number; readonly cells: number };
  readonly maxAbs?: { readonly gates: number; readonly cells: number };
}

/** The same number of attended blocks at several sizes. */
export interface ResolutionEntry extends Size {
  readonly blocks: number;
  readonly attended: number;
  readonly gmacs: number;
  readonly msMedian: number;
  readonly stages: Readonly<Record<string, number>>;
  /** Selection, detail with heads, candidates and decoding: what must not grow with the resolution. */
  readonly blockMs: number;
  /** That over the first size's, by rounds. */
  readonly ratio: Spread;
}

/** What the GPU reaches with a copy and with multiply-adds, in the same run. */
export interface GpuYardsticks {
  readonly copyGbPerSecond: number;
  readonly fmaGflops: number;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** A browser may not tell. */
  readonly memoryGb?: number;
  readonly platform: string;
  readonly node?: string;
  readonly browser?: string;
  /** Name of the GPU; only where webgpu ran. */
  readonly gpu?: string;
  readonly softwareGpu?: boolean;
}

export interface BenchReport {
  readonly version: string;
  readonly machine: Machine;
  readonly host: BenchHost;
  readonly backend: PeerBackend;
  readonly gemmGflops: number;
  readonly yardsticks?: GpuYardsticks;
  readonly frame: Size;
  readonly weights: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly denseGmacs: number;
  readonly ours: readonly OurEntry[];
  readonly peers: readonly PeerEntry[];
  readonly resolutions: readonly ResolutionEntry[];
  /** '<what>/<against what>': times of the first over times of the second, by rounds. */
  readonly ratios: Readonly<Record<string, Spread>>;
}
