/**
 * The same number of attended blocks at several resolutions: what is attended costs the same, however large the frame
 * around it. Upload, down-sampling and attention do grow, and are reported apart.
 */
import { blockGrid, type Size } from '../src/network/geometry.ts';
import type { Model } from '../src/network/spec.ts';
import { openLanes, race, releaseLanes } from './contender.ts';
import { benchFrame } from './frames.ts';
import { type OurBackend, ourEntrant } from './ours.ts';
import type { ResolutionEntry } from './report.ts';
import type { ResourceMeter } from './resource-meter.ts';
import { median, medians, pairedRatio } from './statistics.ts';

/** Stages that must not grow with the frame, as the host's clock and as the GPU's timestamps call them. */
const OF_BLOCKS = ['selectMs', 'detailMs', 'candidatesMs', 'decodeMs'];
const FRAMES = 2;

export interface ResolutionOptions {
  readonly model: Model;
  readonly backend: OurBackend;
  readonly sizes: readonly Size[];
  /** Share of the first size's blocks; all sizes attend to that many. */
  readonly share: number;
  readonly rounds: number;
  readonly meter: ResourceMeter;
  readonly onStep?: () => void;
  readonly signal?: AbortSignal;
}

export async function runResolutions(options: ResolutionOptions): Promise<ResolutionEntry[]> {
  const { model, backend, sizes, share, rounds } = options;
  const blocksOf = (size: Size) => {
    const { columns, rows } = blockGrid(model.network, size);
    return columns * rows;
  };
  const blocks = Math.max(1, Math.floor(share * blocksOf(sizes[0])));
  const entries: { size: Size; ms: number[]; stages: Readonly<Record<string, number>>[]; gmacs: number }[] =
    [];
  const lanes = [];
  try {
    for (const size of sizes) {
      const row = { name: sizeText(size), backend, policy: 'static', share: 0, gates: 'three' } as const;
      // Half a block more, so that the floor of the product is the number of blocks.
      const entrant = ourEntrant(model, row, Math.min(1, (blocks + 0.5) / blocksOf(size)));
      const frames = Array.from({ length: FRAMES }, (_, i) => benchFrame(size, i + 1));
      const [lane] = await openLanes([entrant], frames[0], { meter: options.meter, signal: options.signal });
      if (!lane.contender) throw new Error(`${lane.name}: ${lane.reason}`);
      lanes.push({ lane, frames, size });
    }
    for (let round = -1; round < rounds; round++) {
      for (const { lane, frames } of lanes) {
        const timed = { rounds: round < 0 ? 0 : 1, warmupRounds: round < 0 ? 1 : 0 };
        const frame = frames[(round + 1) % frames.length];
        await race([lane], { ...timed, frames: [frame], meter: options.meter, signal: options.signal });
      }
      options.onStep?.();
    }
    for (const { lane, size } of lanes) {
      const { attention, detail } = lane.contender!.result.macs;
      entries.push({ size, ms: lane.ms, stages: lane.stages, gmacs: (attention + detail) / 1e9 });
    }
  } finally {
    await releaseLanes(lanes.map(({ lane }) => lane));
  }
  const blockMs = entries.map(({ stages }) => stages.map(msOfBlocks));
  return entries.map(({ size, ms, stages, gmacs }, i) => ({
    ...size,
    blocks,
    attended: blocks / blocksOf(size),
    gmacs,
    msMedian: median(ms),
    stages: medians(stages),
    blockMs: median(blockMs[i]),
    ratio: pairedRatio(blockMs[i], blockMs[0]),
  }));
}

/** NaN where the stages were not told apart. */
function msOfBlocks(stages: Readonly<Record<string, number>>): number {
  if (stages.detailMs === undefined) return Number.NaN;
  return OF_BLOCKS.reduce((sum, name) => sum + (stages[name] ?? 0), 0);
}

export function sizeText({ width, height }: Size): string {
  return `${width}x${height}`;
}
