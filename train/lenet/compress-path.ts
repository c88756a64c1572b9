/**
 * Compression inside training, on digits: from a trained net through rising prices of a bit. At each price a few
 * cycles: compress (train/compress/cycle.ts), take out dead units, decode, train on.
 */
import {
  type CodeChoice,
  type Coded,
  type CompressionProblem,
  compressAs,
  compressOnce,
  firstSteps,
} from '../compress/cycle.ts';
import { type CodedLayer, layerOf } from '../compress/layers.ts';
import { roundLevel } from '../compress/quantise.ts';
import { ratePull } from '../compress/rate-pull.ts';
import { type Grid, onGrid } from '../compress/straight-through.ts';
import { type Architecture, parametersOf } from './architecture.ts';
import type { Digits } from './digits.ts';
import { encodeNet } from './net-file.ts';
import { liveIndices, SparsePasses } from './passes.ts';
import { foldConstants, gather, liveUnits, scatter, subnet } from './subnet.ts';
import { trainDigits } from './train-digits.ts';

export interface Stop {
  /** Bytes that the file may take. */
  readonly bytes: number;
  /** Training after the compression, epochs. */
  readonly epochs: number;
  /** Several candidates are tried; else only what won last time. */
  readonly search: boolean;
}

export interface PathPlan {
  /** Pixels that pictures are moved by at most. */
  readonly shift: number;
  readonly peakRate: number;
  readonly seed: number;
  /** What the whole file is worth in training, nats: its gradient draws weights to zero. */
  readonly worth: number;
}

export interface PathState {
  readonly net: Architecture;
  /** Of the whole net; changed in place. */
  readonly fine: Float32Array;
  readonly curvature: Float32Array;
  choice?: CodeChoice;
}

const CALIBRATION = 4000;

function calibrationOf(digits: Digits): Int32Array {
  // Every nth digit of the training set.
  const every = Math.floor(digits.count / CALIBRATION);
  return Int32Array.from({ length: CALIBRATION }, (_, i) => i * every);
}

export interface PathPoint {
  /** The whole net as its file decodes, and what it is whole multiples of, by tensor. */
  readonly vector: Float32Array;
  readonly steps: readonly number[];
  readonly bytes: number;
}

interface Opened {
  readonly problem: CompressionProblem;
  /** A vector of the subnet in the whole net. */
  whole(part: Float32Array): Float32Array;
}

/** The compression problem of a state's live part. */
function open(state: PathState, digits: Digits, targetBytes: number): Opened {
  const { net } = state;
  const { size } = parametersOf(net);
  const sub = subnet(net, liveUnits(net, state.fine));
  const passes = new SparsePasses(net);
  const calibration = calibrationOf(digits);
  const whole = (part: Float32Array) => scatter(part, sub.map, new Float32Array(size));
  const problem: CompressionProblem = {
    layers: parametersOf(sub.net).list,
    vector: gather(state.fine, sub.map),
    curvature: gather(state.curvature, sub.map),
    rateLambda: 1e-6,
    targetBytes,
    previous: state.choice,
    loss: (vector) => {
      passes.setVector(whole(vector));
      return passes.score(digits, calibration).loss;
    },
    bytes: (decoded, steps) => encodeNet(net, whole(decoded), steps).length,
  };
  return { problem, whole };
}

/** Where the search begins: most of a dense net's curvature is noise of few pictures, so little of it is believed. */
function firstChoice(problem: CompressionProblem): CodeChoice {
  return { saliency: 'curvature', greed: 0.05, steps: firstSteps(problem, 0.5) };
}

/** Compression after training, the rival: the better of two saliencies, and no training behind it. */
export async function compressAfter(
  state: PathState,
  digits: Digits,
  targetBytes: number,
): Promise<PathPoint> {
  const { problem, whole } = open(state, digits, targetBytes);
  const tried: Coded[] = [];
  for (const saliency of ['curvature', 'magnitude'] as const) {
    tried.push(await compressAs(problem, { ...firstChoice(problem), saliency }));
  }
  const coded = tried[0].score <= tried[1].score ? tried[0] : tried[1];
  return { vector: whole(coded.decoded), steps: coded.choice.steps, bytes: coded.bytes };
}

/** Compresses to a stop's bytes, trains on from there, and gives what the trained weights decode to. */
export async function runStop(
  state: PathState,
  digits: Digits,
  { bytes, epochs, search }: Stop,
  plan: PathPlan,
  log: (text: string) => void,
): Promise<PathPoint> {
  const { net } = state;
  const { problem, whole } = open(state, digits, bytes);
  const known = state.choice ?? firstChoice(problem);
  const coded = search
    ? await compressOnce({ ...problem, previous: known })
    : await compressAs(problem, known);
  state.choice = coded.choice;
  advance(state, whole(coded.decoded));

  const { steps } = coded.choice;
  const { list, size } = parametersOf(net);
  const levels = list.map((layer, i) =>
    Int32Array.from(layerOf(state.fine, layer), (w) => w && (roundLevel(w, steps[i]) || Math.sign(w))),
  );
  const pull = ratePull(list, levels, steps, plan.worth / (8 * bytes), size);
  const indices = liveIndices(state.fine);
  const live = entriesOf(list, indices);
  const fine = gather(state.fine, indices);
  const curvature = gather(state.curvature, indices);
  const grid: Grid = { layers: live, steps, live: new Uint8Array(indices.length).fill(1) };
  const passes = new SparsePasses(net);
  passes.setEntries(indices);
  const loss = trainDigits(passes, digits, fine, curvature, {
    epochs,
    peakRate: plan.peakRate,
    lastShare: 0.02,
    seed: plan.seed,
    shift: plan.shift,
    grid,
    pull: gather(pull, indices),
  });
  scatter(fine, indices, state.fine);
  scatter(curvature, indices, state.curvature);
  onGrid(fine, grid, fine);
  const vector = scatter(fine, indices, new Float32Array(size));
  const taken = encodeNet(net, vector, steps).length;
  const units = liveUnits(net, vector).map((list) => list.length);
  log(
    `  ${coded.bytes} bytes by ${coded.choice.saliency} (${coded.label}), coded loss ${coded.loss.toFixed(4)}; trained to ` +
      `${loss.toFixed(4)}, ${taken} bytes, units ${units.join('-')}, steps ${steps.map((s) => s.toPrecision(2)).join(' ')}`,
  );
  return { vector, steps, bytes: taken };
}

/** The layers within a list of the weights that are left. */
function entriesOf(layers: readonly CodedLayer[], indices: Int32Array): CodedLayer[] {
  let next = 0;
  return layers.map(({ name, offset, size }) => {
    const first = next;
    while (next < indices.length && indices[next] < offset + size) next++;
    return { name, shape: [next - first], offset: first, size: next - first };
  });
}

/** What training goes on from: pruned weights are 0, the others as fine as they were; constants are folded. */
function advance(state: PathState, decoded: Float32Array): void {
  const { net, fine } = state;
  for (let i = 0; i < fine.length; i++) if (decoded[i] === 0) fine[i] = 0;
  foldConstants(net, fine);
}
