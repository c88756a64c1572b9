/** What a benchmark measures, and the sizes and counts where nobody says otherwise. Pure. */
import type { Size } from '../src/network/geometry.ts';
import type { Model } from '../src/network/spec.ts';
import type { BenchHost } from './peers/index.ts';
import type { PeerBackend } from './peers/peer.ts';

/** Shares of the blocks that the cost curve is taken at. */
export const DEFAULT_SHARES: readonly number[] = [0, 0.05, 0.1, 0.25, 0.5, 1];

export interface BenchPlan {
  /** Of saccadenet. */
  readonly version: string;
  readonly model: Model;
  /** Where the weights are from, for the report. */
  readonly weights: string;
  readonly backend: PeerBackend;
  readonly host: BenchHost;
  readonly peers: boolean;
  /** Default: by speed of the backend. */
  readonly rounds?: number;
  readonly shares?: readonly number[];
  readonly size?: Size;
  /** The table of resolutions; default true. */
  readonly resolutions?: boolean;
}

/** How fast the backend is: an emulated GPU computes a few GFLOP/s. */
export type SpeedClass = 'wasm' | 'gpu' | 'software gpu';

interface Scale {
  readonly size: Size;
  readonly rounds: number;
  readonly warmupRounds: number;
  readonly resolutions: readonly Size[];
  readonly resolutionRounds: number;
  /** Share of the first resolution's blocks that all of them attend to. */
  readonly resolutionShare: number;
}

const WIDE: readonly Size[] = [
  { width: 480, height: 360 },
  { width: 960, height: 720 },
  { width: 1920, height: 1080 },
];

export const SCALES: Readonly<Record<SpeedClass, Scale>> = {
  wasm: {
    size: { width: 480, height: 360 },
    rounds: 30,
    warmupRounds: 3,
    resolutions: WIDE,
    resolutionRounds: 12,
    resolutionShare: 0.1,
  },
  gpu: {
    size: { width: 960, height: 720 },
    rounds: 100,
    warmupRounds: 10,
    resolutions: WIDE,
    resolutionRounds: 50,
    resolutionShare: 0.1,
  },
  'software gpu': {
    size: { width: 192, height: 144 },
    rounds: 8,
    warmupRounds: 1,
    resolutions: WIDE.map(({ width, height }) => ({ width: width / 5, height: height / 5 })),
    resolutionRounds: 5,
    resolutionShare: 0.2,
  },
};
