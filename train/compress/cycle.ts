/**
 * One cycle of compression inside training: several candidate compressions of the weights are made, each is scored by
 *
 *     rateLambda * bits of the file + loss on a calibration set
 *
 * and the best is decoded and given back. Candidates differ in what tells which weights matter (curvature as in
 * Optimal Brain Damage, or magnitude alone), in how much of a predicted loss is believed, in the steps of the layers,
 * and in what callers add (weights rewound to an early moment: the lottery ticket of Frankle and Carbin 2019).
 * They are tried by coordinate descent from what won last time; the first candidate is always that one.
 */
import { type CodedLayer, layerOf, liveRms, mean } from './layers.ts';
import { dequantise, quantiseLayer } from './quantise.ts';

export type Saliency = 'curvature' | 'magnitude';

/** What a candidate is made by; the winner's is where the next cycle begins. */
export interface CodeChoice {
  readonly saliency: Saliency;
  /** Factor on the price of a bit inside the quantiser: curvature is an estimate, its scale is found by trying. */
  readonly greed: number;
  /** Quantiser step of each layer. */
  readonly steps: readonly number[];
}

export interface Coded {
  readonly choice: CodeChoice;
  /** What candidates it won against called it, as in 'steps x1.25'. */
  readonly label: string;
  /** The vector as a decoder gives it. */
  readonly decoded: Float32Array;
  readonly levels: readonly Int32Array[];
  /** Bytes of the file. */
  readonly bytes: number;
  /** On the calibration set, with the decoded weights. */
  readonly loss: number;
  readonly score: number;
}

export interface CompressionProblem {
  readonly layers: readonly CodedLayer[];
  readonly vector: Float32Array;
  /** Second derivatives of the loss by weight: mean squared gradients a sample. */
  readonly curvature: Float32Array;
  /** Nats of loss that a bit of the file is worth. */
  readonly rateLambda: number;
  /** Instead of a price: the file takes about so many bytes, whatever that costs. */
  readonly targetBytes?: number;
  /** Loss on the calibration set, always the same samples. */
  loss(vector: Float32Array): number | Promise<number>;
  /** Length of the file that holds the decoded vector. */
  bytes(decoded: Float32Array, steps: readonly number[]): number;
  readonly previous?: CodeChoice;
  /**
   * Loss before, and the share of a rise over it that training until the next cycle will not win back (measured by the
   * caller: recovery.ts). Left out: all of it counts.
   */
  readonly recovery?: { readonly lossBefore: number; readonly keptShare: number };
  /** Candidates of the caller, scored beside the others: vectors on the grid of their steps. */
  readonly extra?: readonly {
    readonly label: string;
    readonly decoded: Float32Array;
    readonly choice: CodeChoice;
  }[];
  /** Tries steps of single layers too: for networks of few layers and cheap losses. */
  readonly tuneLayers?: boolean;
  readonly onCandidate?: (candidate: Coded) => void;
}

/** First steps, in root mean squares of a layer's weights. */
const FIRST_STEP = 0.8;
const STEP_FACTORS = [0.8, 1.25];
const GREED_FACTORS = [0.4, 2.5];
const GREEDIEST = 1e4;

/** Steps in proportion to each layer's size of weights, or (share 1) to what its curvature bears, or between. */
export function firstSteps(
  { layers, vector, curvature }: Pick<CompressionProblem, 'layers' | 'vector' | 'curvature'>,
  share: number,
  scale = FIRST_STEP,
): number[] {
  const rms = layers.map((layer) => liveRms(layerOf(vector, layer)) || 1);
  const bearable = layers.map((layer) => {
    const values = layerOf(vector, layer);
    const h = mean(layerOf(curvature, layer), (i) => values[i] !== 0);
    return h > 0 ? 1 / Math.sqrt(h) : 1;
  });
  const weight = (values: readonly number[]) =>
    layers.reduce((sum, { size }, i) => sum + size * Math.log(values[i]), 0) /
    layers.reduce((sum, { size }) => sum + size, 0);
  const shift = Math.exp(weight(rms) - weight(bearable));
  return layers.map((_, i) => Math.fround(scale * rms[i] ** (1 - share) * (bearable[i] * shift) ** share));
}

/** The best candidate compression of the vector. */
export async function compressOnce(problem: CompressionProblem): Promise<Coded> {
  const { previous, layers, onCandidate, targetBytes } = problem;
  let best: Coded | undefined;
  const consider = async (made: Made, label: string) => {
    const coded = await score(problem, made, label);
    onCandidate?.(coded);
    if (!best || coded.score < best.score) best = coded;
  };
  const attempt = (choice: CodeChoice, label: string) => consider(made(problem, choice), label);
  const first: CodeChoice = previous ?? { saliency: 'curvature', greed: 1, steps: firstSteps(problem, 0) };
  await attempt(first, previous ? 'as before' : 'first');
  // With a target that still sinks, steps are better begun anew than crept up to.
  if (!previous || targetBytes !== undefined) {
    for (const share of previous ? [0, 0.5, 1] : [0.5, 1]) {
      await attempt({ ...best!.choice, steps: firstSteps(problem, share) }, `steps by curvature ^${share}`);
    }
  }
  const other = best!.choice.saliency === 'curvature' ? 'magnitude' : 'curvature';
  await attempt({ ...best!.choice, saliency: other }, `saliency by ${other}`);
  for (const { label, decoded, choice } of problem.extra ?? []) {
    const levels = layers.map((layer, i) =>
      Int32Array.from(layerOf(decoded, layer), (w) => Math.round(w / choice.steps[i])),
    );
    await consider({ choice, decoded, levels, bytes: problem.bytes(decoded, choice.steps) }, label);
  }
  if (problem.targetBytes === undefined) {
    for (const factor of GREED_FACTORS) {
      await climb(
        () => best!,
        attempt,
        `greed x${factor}`,
        (choice) =>
          choice.greed * factor > GREEDIEST ? choice : { ...choice, greed: choice.greed * factor },
      );
    }
  }
  for (const factor of STEP_FACTORS) {
    await climb(
      () => best!,
      attempt,
      `steps x${factor}`,
      (choice) => ({
        ...choice,
        steps: choice.steps.map((step) => Math.fround(step * factor)),
      }),
    );
  }
  if (problem.tuneLayers) {
    for (const [i, { name }] of layers.entries()) {
      for (const factor of STEP_FACTORS) {
        await climb(
          () => best!,
          attempt,
          `step of ${name} x${factor}`,
          (choice) => ({
            ...choice,
            steps: choice.steps.map((step, k) => (k === i ? Math.fround(step * factor) : step)),
          }),
        );
      }
    }
  }
  return best!;
}

/** The compression that one choice gives, greed fitted where there is a target: no search. */
export function compressAs(problem: CompressionProblem, choice: CodeChoice): Promise<Coded> {
  return score(problem, made(problem, choice), 'as told');
}

/** Takes a move as long as it wins, a few times at most. */
async function climb(
  best: () => Coded,
  attempt: (choice: CodeChoice, label: string) => Promise<void>,
  label: string,
  move: (choice: CodeChoice) => CodeChoice,
): Promise<void> {
  for (let i = 0; i < 3; i++) {
    const before = best();
    await attempt(move(before.choice), label);
    if (best() === before) return;
  }
}

async function score(problem: CompressionProblem, made: Made, label: string): Promise<Coded> {
  const { rateLambda, targetBytes, recovery } = problem;
  const loss = await problem.loss(made.decoded);
  const rise = recovery ? loss - recovery.lossBefore : 0;
  const counted = recovery && rise > 0 ? recovery.lossBefore + recovery.keptShare * rise : loss;
  const fits = targetBytes === undefined || made.bytes <= targetBytes * (1 + MOST_OVER);
  // A loss that is no number must not win; of files that are all too large the smallest does.
  const refused = Number.isFinite(loss) ? TOO_LARGE + made.bytes : Number.POSITIVE_INFINITY;
  const score = fits && Number.isFinite(loss) ? counted + rateLambda * 8 * made.bytes : refused;
  return { ...made, label, loss, score };
}

type Made = Pick<Coded, 'choice' | 'decoded' | 'levels' | 'bytes'>;

function made(problem: CompressionProblem, choice: CodeChoice): Made {
  const { targetBytes } = problem;
  return targetBytes === undefined ? make(problem, choice) : makeWithin(problem, choice, targetBytes);
}

function make(problem: CompressionProblem, choice: CodeChoice): Made {
  const { decoded, levels } = codeVector(problem, choice);
  return { choice, decoded, levels, bytes: problem.bytes(decoded, choice.steps) };
}

/** The vector quantised by a choice, and the bits that the rate model expects. */
export function codeVector(
  { layers, vector, curvature, rateLambda }: CompressionProblem,
  { saliency, greed, steps }: CodeChoice,
): { decoded: Float32Array; levels: Int32Array[]; bits: number } {
  const decoded = vector.slice();
  let bits = 0;
  const levels = layers.map((layer, i) => {
    const weights = layerOf(vector, layer);
    const own = layerOf(curvature, layer);
    const h =
      saliency === 'curvature' ? own : new Float32Array(layer.size).fill(mean(own, (k) => weights[k] !== 0));
    const coded = quantiseLayer(weights, h, layer.shape, steps[i], rateLambda * greed);
    dequantise(coded.levels, steps[i], layerOf(decoded, layer));
    bits += coded.bits;
    return coded.levels;
  });
  return { decoded, levels, bits };
}

/** A file may pass the bytes that it should take, or fall short of them, by these parts while training goes on. */
const MOST_OVER = 0.01;
const MOST_UNDER = 0.03;
const TRIES = 6;
/** Above every loss. */
const TOO_LARGE = 1e9;
/** Below it the quantiser rounds plainly: where a file is then still smaller than it may be, the steps are to blame. */
const LEAST_GREED = 1e-3;
/** How the logarithm of bytes falls with that of greed, about, and how far it may be from that. */
const SLOPE = -0.6;
const SLOPES = [-1.5, -0.08] as const;
const LONGEST_MOVE = 5;

/** The greed with which the file takes `bytes`: a few secant steps on the logarithms. */
function makeWithin(problem: CompressionProblem, choice: CodeChoice, bytes: number): Made {
  let made = make(problem, { ...choice, greed: Math.max(LEAST_GREED, choice.greed) });
  let slope = SLOPE;
  for (let i = 0; i < TRIES; i++) {
    if (made.bytes <= (1 + MOST_OVER) * bytes && made.bytes >= (1 - MOST_UNDER) * bytes) break;
    if (made.bytes < bytes && made.choice.greed <= LEAST_GREED) break;
    const excess = Math.log(made.bytes / ((1 - MOST_OVER) * bytes));
    const move = Math.max(-LONGEST_MOVE, Math.min(LONGEST_MOVE, -excess / slope));
    const greed = Math.max(LEAST_GREED, made.choice.greed * Math.exp(move));
    const next = make(problem, { ...choice, greed });
    const seen = Math.log(next.bytes / made.bytes) / Math.log(greed / made.choice.greed);
    slope = Math.max(SLOPES[0], Math.min(SLOPES[1], seen));
    made = next;
  }
  return made;
}
