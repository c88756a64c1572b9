/**
 * One model on one executor: frame -> working size -> conditioning -> upload -> glance -> select -> inspect -> decode -> result; or,
 * where the backend keeps a frame to itself (`Executor.resident`), frame -> candidates -> decode -> result.
 *
 * Ownership: the frame given is only read, and free again when the call settles; everything in a `Trace` is a
 * copy that the caller may keep. Frames are taken in call order; resident ones may overlap on the device. After
 * `dispose` calls reject with DISPOSED.
 */

import { FINE_SCALE, type GreyPictures, greyPicture, greyPictures } from '../attention/grey.ts';
import { type Region, regionMap } from '../attention/saccade.ts';
import { DEFAULT_BUDGET, type Policy, prioritised, selectGates, selectionOf } from '../attention/select.ts';
import type {
  Backend,
  Executor,
  Glance,
  Inspection,
  Resident,
  Sighting,
  SourceFrame,
} from '../backends/backend.ts';
import { checkFrame } from '../backends/checks.ts';
import { type DecodedDetection, decodeCells, decodeList } from '../detection/decode.ts';
import { leastCandidateScore } from '../detection/settings.ts';
import { SaccadeNetError } from '../errors/errors.ts';
import { attentionMacs, blockGrid, denseMacs, type Size } from '../network/geometry.ts';
import { sigmoid } from '../network/logistic.ts';
import { GATE_FIVE, type Model, type NetworkSpec } from '../network/spec.ts';
import type { Result, Timings, Treatment } from '../result.ts';
import { trackSettings } from '../tracking/settings.ts';
import { conditioned } from './conditioning.ts';
import { EyesReader, eyesMap, withEyes } from './eyes-frame.ts';
import type { FrameOptions } from './frame-options.ts';
import { FrameReader, frameSize, isUpright } from './read-frame.ts';
import { Resizer } from './resize.ts';
import { SerialQueue } from './serial-queue.ts';
import {
  boxInWorking,
  detectionsInFrame,
  GreyReader,
  streamFields,
  trackedDetections,
} from './stream-frame.ts';
import type { StreamOutcome, StreamState } from './stream-state.ts';
import { DEFAULT_MAX_WORKING_PIXELS, workingSize } from './working-size.ts';

export type { Policy };

/** Chooses the gates [rows, columns] itself, for evaluation: random, centre, oracle. */
export type GateSelector = (glance: Glance, working: Size, spec: NetworkSpec) => Uint8Array;

export interface SessionOptions extends FrameOptions {
  readonly signal?: AbortSignal;
}

export interface DetectOptions extends FrameOptions {
  /** Forces the gates; budget and policy are then not looked at. */
  readonly gates?: Uint8Array | GateSelector;
  /** Added to the look logits before the gates are chosen, one a block. */
  readonly priors?: Float32Array;
  /** What is done to the frame, instead of what it is measured to need; null for nothing. */
  readonly treatment?: Treatment | null;
  readonly timestampMs?: number;
  /**
   * What is remembered of the frames before this one: detections become tracks, and the policy `saccade` chooses by it.
   * Needs `timestampMs`, which rises from frame to frame.
   */
  readonly stream?: StreamState;
  /** Places of the caller's prior, px of the frame given. */
  readonly regions?: readonly Region[];
  /** Asks for times by stage from the device, and is called with them; never where no frame stays there. */
  readonly onStats?: (stats: DeviceStats) => void;
  /** Called where the device has taken the frame and can take another while it works. */
  readonly onTaken?: () => void;
  /** Looked at between the stages; the call then rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** What a backend tells of a frame that stayed on its device. */
export type DeviceStats = Pick<Sighting, 'found' | 'readbackBytes' | 'stageMs'> & {
  /** Candidates that came back; less than `found` where the reply was full. */
  readonly kept: number;
};

/** A result and what it was made from, for evaluation. */
export interface Trace {
  readonly result: Result;
  /** The size that was worked at; `inspection` is in its pixels. */
  readonly working: Size;
  readonly glance: Glance;
  readonly inspection: Inspection;
}

/** Cells that reach less than this are too many for a reply (settings.ts of the WebGPU backend): they go by inspect. */
const LEAST_RESIDENT_SCORE = 0.1;
/** Used where neither the caller nor the model names a threshold. */
const FALLBACK_SCORE_THRESHOLD = 0.5;
type Defaults = Required<Omit<FrameOptions, 'scoreThreshold'>>;
const DEFAULTS: Defaults = {
  budget: DEFAULT_BUDGET,
  policy: 'static',
  maxDetections: 100,
  maxWorkingPixels: DEFAULT_MAX_WORKING_PIXELS,
  motion: true,
  eyes: false,
  conditioning: true,
};

export class Session {
  readonly model: Pick<Model, 'network' | 'scoreThresholds' | 'gateThreshold' | 'card'>;
  readonly #executor: Executor;
  readonly #options: FrameOptions;
  readonly #queue = new SerialQueue();
  readonly #resizer = new Resizer();
  readonly #reader = new FrameReader();
  readonly #greyReader = new GreyReader();
  readonly #eyesReader = new EyesReader();
  #disposed = false;

  private constructor(model: Model, executor: Executor, options: FrameOptions) {
    const { network, scoreThresholds, gateThreshold, card } = model;
    this.model = { network, scoreThresholds, gateThreshold, card };
    this.#executor = executor;
    this.#options = options;
  }

  /** @throws what `Backend.load` throws; the signal's reason when it is aborted. */
  static async create(model: Model, backend: Backend, options: SessionOptions = {}): Promise<Session> {
    const { signal, ...frameOptions } = options;
    signal?.throwIfAborted();
    const executor = await backend.load(model, { signal });
    return new Session(model, executor, frameOptions);
  }

  get backend(): Executor['backend'] {
    return this.#executor.backend;
  }

  /** Frames that it takes at a time. */
  get depth(): number {
    return this.#executor.resident?.depth ?? 1;
  }

  /** As `Executor.pipelines`. */
  get pipelines(): number | undefined {
    return this.#executor.pipelines;
  }

  /** Bytes held by weights and maps. */
  memoryBytes(): number {
    return this.#disposed ? 0 : this.#executor.memoryBytes();
  }

  /** @param frame at its own size; boxes and block sizes come back in its pixels. */
  async detect(frame: SourceFrame, options: DetectOptions = {}): Promise<Result> {
    const merged = this.#merged(options);
    const { resident } = this.#executor;
    if (!resident || !this.#mayStay(resident, frame, merged)) {
      return (await this.#queue.run(() => this.#run(frame, merged, false))).result;
    }
    // A stream's frame is chosen by what came of the one before it.
    if (merged.stream) {
      return this.#queue.run(() => this.#sight(resident, frame, { ...merged, onTaken: undefined }));
    }
    return this.#queue.run((release) => {
      const onTaken = () => {
        release();
        merged.onTaken?.();
      };
      return this.#sight(resident, frame, { ...merged, onTaken });
    });
  }

  /** `detect` by glance and inspection, with the copies of what it was made from. */
  trace(frame: SourceFrame, options: DetectOptions = {}): Promise<Trace> {
    return this.#queue.run(() => this.#run(frame, this.#merged(options), true));
  }

  /** As `Executor.onLost`; never called where the backend has no device. */
  onLost(listener: (error: SaccadeNetError) => void): void {
    this.#executor.onLost?.(listener);
  }

  /** May be called at any time, twice too. */
  dispose(): void {
    this.#disposed = true;
    this.#executor.dispose();
    this.#reader.release();
    this.#greyReader.release();
    this.#eyesReader.release();
  }

  #merged(options: DetectOptions): DetectOptions & Defaults {
    return { ...DEFAULTS, ...defined(this.#options), ...defined(options) };
  }

  #mayStay(resident: Resident, frame: SourceFrame, options: DetectOptions & Defaults): boolean {
    const scores = this.model.network.labels.map((label) => this.#scoreThreshold(label, options));
    const size = frameSize(frame);
    return (
      options.gates === undefined &&
      Math.min(...scores) >= LEAST_RESIDENT_SCORE &&
      resident.fits(size, workingSize(size, options.maxWorkingPixels))
    );
  }

  /** A frame that stays on the device until its candidates are known. */
  async #sight(resident: Resident, frame: SourceFrame, options: DetectOptions & Defaults): Promise<Result> {
    const { network, gateThreshold } = this.model;
    const { budget, policy, onStats, onTaken, stream } = options;
    const clock = new StageClock(() => this.#check(options.signal));
    const source = isUpright(frame) ? frame : this.#reader.read(frame);
    const size = frameSize(frame);
    const working = workingSize(size, options.maxWorkingPixels);
    const { columns, rows } = blockGrid(network, working);
    const faces = options.eyes ? this.#eyesReader.find(source, working) : undefined;
    if (faces) clock.lap('eyesMs');
    const temporal =
      stream &&
      this.#begin(stream, greyPictures(this.#greyReader.read(source, working, FINE_SCALE)), size, options);
    const eyes = eyesMap(faces, { columns, rows }, network.block);
    const priors = sumPriors(options.priors, temporal, this.#regions(options, size, working), eyes);
    const {
      treatment,
      frame: seen = source,
      tookMs,
    } = await conditioned(() => this.#resizer.resize(this.#reader.read(source, working), working), options);
    if (options.conditioning) clock.apart('conditioningMs', tookMs);
    const sighting = await resident.detect(seen, {
      working,
      select: selectionOf(
        { budget, policy, threshold: gateThreshold },
        columns * rows,
        temporal !== undefined,
      ),
      leastScores: network.labels.map((label) => {
        const least = leastCandidateScore(network.labels, label, this.#leastScore(label, options));
        return Math.max(LEAST_RESIDENT_SCORE, least);
      }),
      ...(priors ? { priors } : {}),
      ...(onStats ? { stats: true } : {}),
      ...(onTaken ? { onTaken } : {}),
    });
    clock.lap('readbackMs');
    const decoded = decodeList(network, working, sighting.candidates, this.#decodeOptions(options));
    clock.lap('decodeMs');
    const { found, readbackBytes, stageMs, candidates } = sighting;
    onStats?.({ found, kept: candidates.count, readbackBytes, ...(stageMs ? { stageMs } : {}) });
    const outcome = this.#end(stream, sighting.gates, decoded, options);
    const result = this.#result(size, working, options, sighting, sighting.macs, outcome ?? decoded, clock);
    return withTreatment(withEyes(result, faces, working), treatment);
  }

  async #run(source: SourceFrame, options: DetectOptions & Defaults, copy: boolean): Promise<Trace> {
    const { network } = this.model;
    const clock = new StageClock(() => this.#check(options.signal));
    const frame = this.#reader.read(source);
    checkFrame(frame);
    const working = workingSize(frame, options.maxWorkingPixels);
    const pixels = this.#resizer.resize(frame, working);
    const { stream } = options;
    const temporal =
      stream && this.#begin(stream, greyPictures(greyPicture(pixels, FINE_SCALE)), frame, options);
    const { treatment, frame: seen = pixels, tookMs } = await conditioned(() => pixels, options);
    if (options.conditioning) clock.apart('conditioningMs', tookMs);
    await this.#executor.upload(seen);
    clock.lap('uploadMs');
    const faces = options.eyes ? this.#eyesReader.find(pixels, working) : undefined;
    if (faces) clock.lap('eyesMs');
    const glance = copyGlance(await this.#executor.glance());
    if (glance.downsampleMs !== undefined) clock.apart('downsampleMs', glance.downsampleMs);
    clock.lap('attentionMs');
    const eyes = eyesMap(faces, glance, network.block);
    const priors = sumPriors(options.priors, temporal, this.#regions(options, frame, working), eyes);
    const look = prioritised(glance.look, priors, temporal !== undefined);
    const gates = this.#gates({ ...glance, look }, working, options);
    clock.lap('selectMs');
    const inspection = await this.#executor.inspect(gates);
    clock.lap('detailMs');
    const decoded = decodeCells(network, working, inspection, this.#decodeOptions(options));
    clock.lap('decodeMs');
    const { columns, rows } = glance;
    const attention = { columns, rows, gates, priority: look.map(sigmoid) };
    const outcome = this.#end(stream, gates, decoded, options, look);
    const result = this.#result(
      frame,
      working,
      options,
      attention,
      inspection.macs,
      outcome ?? decoded,
      clock,
    );
    return {
      result: withTreatment(withEyes(result, faces, working), treatment),
      working,
      glance,
      inspection: copy ? copyInspection(inspection) : inspection,
    };
  }

  #decodeOptions(options: DetectOptions & Defaults) {
    return {
      scoreThreshold: (label: string) => this.#leastScore(label, options),
      maxDetections: options.maxDetections,
    };
  }

  /** @returns priors by what is remembered, where the policy goes by them. @param frame its own size */
  #begin(
    stream: StreamState,
    pictures: GreyPictures,
    frame: Size,
    options: DetectOptions & Defaults,
  ): Float32Array | undefined {
    const { network } = this.model;
    const working = workingSize(frame, options.maxWorkingPixels);
    const { timestampMs = 0, policy, budget, motion } = options;
    const grid = blockGrid(network, working);
    const priors = stream.begin({
      ...pictures,
      working,
      timestampMs,
      budget,
      grid,
      blockPx: network.block,
      drawnByMotion: motion,
    });
    return policy === 'saccade' ? priors : undefined;
  }

  /** The caller's prior, one a block. */
  #regions({ regions }: DetectOptions, frame: Size, working: Size): Float32Array | undefined {
    const { network } = this.model;
    const own = regions?.map(({ box, strength }) => ({ box: boxInWorking(box, working, frame), strength }));
    return own && regionMap(own, blockGrid(network, working), network.block);
  }

  #end(
    stream: StreamState | undefined,
    gates: Uint8Array,
    decoded: readonly DecodedDetection[],
    options: DetectOptions & Defaults,
    priority?: Float32Array,
  ): StreamOutcome | undefined {
    return stream?.end(gates, decoded, (label) => this.#scoreThreshold(label, options), priority);
  }

  #result(
    frame: Size,
    working: Size,
    { timestampMs, maxDetections }: DetectOptions & Defaults,
    { columns, rows, gates, priority }: Pick<Result['attention'], 'columns' | 'rows' | 'gates' | 'priority'>,
    detailMacs: number,
    found: readonly DecodedDetection[] | StreamOutcome,
    clock: StageClock,
  ): Result {
    const { network } = this.model;
    const tracked = 'tracks' in found;
    const decoded = tracked ? trackedDetections(found.tracks, working, maxDetections) : found;
    return {
      ...(timestampMs === undefined ? {} : { timestampMs }),
      width: frame.width,
      height: frame.height,
      backend: this.backend,
      detections: detectionsInFrame(decoded, working, frame),
      attention: {
        columns,
        rows,
        blockWidth: (network.block * frame.width) / working.width,
        blockHeight: (network.block * frame.height) / working.height,
        gates,
        ...(priority ? { priority } : {}),
      },
      ...(tracked ? streamFields(found, working, frame, maxDetections) : {}),
      macs: {
        attention: attentionMacs(network, working),
        detail: detailMacs,
        dense: denseMacs(network, working),
      },
      timings: clock.timings(),
    };
  }

  #gates(glance: Glance, working: Size, options: DetectOptions & Defaults): Uint8Array {
    if (options.gates === undefined) {
      const { budget, policy } = options;
      return selectGates(glance, { budget, policy, threshold: this.model.gateThreshold });
    }
    const forced =
      typeof options.gates === 'function'
        ? options.gates(glance, working, this.model.network)
        : options.gates;
    const blocks = glance.columns * glance.rows;
    if (forced.length !== blocks || forced.some((gate) => gate > GATE_FIVE)) {
      throw new SaccadeNetError(
        'INVALID_OPTION',
        `gates holds ${forced.length} values; this frame needs ${blocks} (${glance.rows} rows of ${glance.columns} blocks), each 0, 1 or 2.`,
        { details: { field: 'gates', columns: glance.columns, rows: glance.rows } },
      );
    }
    return forced.slice();
  }

  #scoreThreshold(label: string, options: FrameOptions): number {
    return options.scoreThreshold ?? this.model.scoreThresholds[label] ?? FALLBACK_SCORE_THRESHOLD;
  }

  /** Of what is decoded: tracks live on below the score at which they come up. */
  #leastScore(label: string, options: DetectOptions): number {
    const share = options.stream ? trackSettings(label).hysteresis : 1;
    return share * this.#scoreThreshold(label, options);
  }

  #check(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (this.#disposed) {
      throw new SaccadeNetError('DISPOSED', 'The session was disposed; create a new one to go on.');
    }
  }
}

function withTreatment(result: Result, treatment: Treatment | undefined): Result {
  return treatment ? { ...result, treatment } : result;
}

/** Laps of one frame in ms; every lap is also a place to stop. */
class StageClock {
  readonly #check: () => void;
  readonly #startMs = performance.now();
  readonly #laps: Partial<Timings> = {};
  #lapMs = this.#startMs;

  constructor(check: () => void) {
    this.#check = check;
    check();
  }

  lap(stage: Exclude<keyof Timings, 'totalMs'>): void {
    const nowMs = performance.now();
    this.#laps[stage] = nowMs - this.#lapMs;
    this.#lapMs = nowMs;
    this.#check();
  }

  /** A stage that was timed elsewhere, and is no part of the next lap. */
  apart(stage: Exclude<keyof Timings, 'totalMs'>, ms: number): void {
    this.#laps[stage] = ms;
    this.#lapMs += ms;
  }

  timings(): Timings {
    return { totalMs: this.#lapMs - this.#startMs, ...this.#laps };
  }
}

/** The fields that have a value: an undefined option does not hide a default. */
function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

function sumPriors(...given: (Float32Array | undefined)[]): Float32Array | undefined {
  return given.reduce((a, b) => (a && b ? a.map((prior, block) => prior + b[block]) : (a ?? b)));
}

function copyGlance(glance: Glance): Glance {
  return { ...glance, look: glance.look.slice(), five: glance.five.slice() };
}

function copyInspection(inspection: Inspection): Inspection {
  return { ...inspection, blocks: inspection.blocks.slice(), cells: inspection.cells.slice() };
}
