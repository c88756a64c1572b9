/**
 * Whoever takes part in a benchmark, ours or a peer, and the race: every contender runs the same frames in turn
 * (interleaved, so that a busy machine is busy for all), the first of a round being another each round.
 *
 * Invariants: one contender works at a time; what cannot start or fails in its first frame stays in the report with
 * the reason; times are whole frames, from the input in memory to the outputs in memory.
 */
import type { PixelFrame } from '../src/backends/backend.ts';
import type { ResourceMeter } from './resource-meter.ts';

export interface Contender {
  /** Prepares what is not timed. */
  prepare(frame: PixelFrame): void;
  /** One timed frame. */
  run(): Promise<void>;
  /** Stages of the frame that was run last, ms by name; outside the clock. None where it tells of none. */
  stages(): Promise<Readonly<Record<string, number>>>;
  release(): void | Promise<void>;
}

/** A contender that may not be able to run here. */
export interface Entrant<C extends Contender = Contender> {
  /** As in the ratios' keys. */
  readonly name: string;
  /** Rejects with the reason where it cannot run here. */
  open(): Promise<C>;
}

/** What came of an entrant. */
export interface Lane<C extends Contender = Contender> {
  readonly name: string;
  /** Absent where it could not run. */
  readonly contender?: C;
  readonly reason?: string;
  /** From the model in memory until it can take a frame. */
  readonly loadMs: number;
  /** The first frame after that: kernels compile, buffers are made. */
  readonly firstMs: number;
  /** A timed round each, in order. */
  readonly ms: number[];
  readonly stages: Readonly<Record<string, number>>[];
  readonly readBytes: number[];
}

export interface RaceOptions {
  readonly frames: readonly PixelFrame[];
  readonly rounds: number;
  readonly warmupRounds: number;
  readonly meter: ResourceMeter;
  /** Called before the entrants of a round run; `timed` is false while warming up. */
  readonly onRound?: (timed: boolean) => void | Promise<void>;
  /** Called before an entrant starts, with its name. */
  readonly onStart?: (name: string) => void;
  /** Called after every round and every entrant's start. */
  readonly onStep?: () => void;
  readonly signal?: AbortSignal;
}

/** Starts the entrants one after the other: no two load at once. */
export async function openLanes<C extends Contender>(
  entrants: readonly Entrant<C>[],
  frame: PixelFrame,
  { meter, onStart, onStep, signal }: Pick<RaceOptions, 'meter' | 'onStart' | 'onStep' | 'signal'>,
): Promise<Lane<C>[]> {
  const lanes: Lane<C>[] = [];
  for (const { name, open } of entrants) {
    signal?.throwIfAborted();
    meter.owner = name;
    onStart?.(name);
    const common = { name, ms: [], stages: [], readBytes: [] };
    let contender: C | undefined;
    try {
      const startMs = performance.now();
      contender = await open();
      const loadMs = performance.now() - startMs;
      contender.prepare(frame);
      const firstMs = await timeRun(contender);
      lanes.push({ ...common, contender, loadMs, firstMs });
    } catch (error) {
      await contender?.release();
      lanes.push({ ...common, reason: oneLine(error), loadMs: Number.NaN, firstMs: Number.NaN });
    }
    onStep?.();
  }
  return lanes;
}

/** Fills the lanes' times. */
export async function race(lanes: readonly Lane[], options: RaceOptions): Promise<void> {
  const { frames, rounds, warmupRounds, meter, onRound, onStep, signal } = options;
  const running = lanes.filter(({ contender }) => contender);
  for (let round = -warmupRounds; round < rounds; round++) {
    signal?.throwIfAborted();
    const count = round + warmupRounds;
    await onRound?.(round >= 0);
    for (let turn = 0; turn < running.length; turn++) {
      const lane = running[(turn + count) % running.length];
      const contender = lane.contender!;
      meter.owner = lane.name;
      contender.prepare(frames[count % frames.length]);
      const before = meter.readBytes(lane.name);
      const ms = await timeRun(contender);
      if (round < 0) continue;
      lane.ms.push(ms);
      lane.readBytes.push(meter.readBytes(lane.name) - before);
      lane.stages.push(await contender.stages());
    }
    onStep?.();
  }
}

export async function releaseLanes(lanes: readonly Lane[]): Promise<void> {
  for (const { contender } of lanes) await contender?.release();
}

async function timeRun(contender: Contender): Promise<number> {
  const startMs = performance.now();
  await contender.run();
  return performance.now() - startMs;
}

const MOST_REASON_CHARACTERS = 200;

function oneLine(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim();
  return text.length > MOST_REASON_CHARACTERS ? `${text.slice(0, MOST_REASON_CHARACTERS)} ...` : text;
}
