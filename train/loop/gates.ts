/**
 * Attention in training: which blocks a view's detail network sees, and what the gates learn from it.
 *
 * Gates are hard. Their gradient is that of the exact expected cost with the losses held constant,
 *   E = (1 - p) L_skip + p ((1 - f) L_3 + f L_5 + lambda (1 + FIVE_COST f)),   p, f = sigmoid(look, five),
 * which needs no sampling: skipping has a known loss (every object cell of the block missed). The loss of looking
 * is measured on attended blocks; for blocks not looked at it is estimated from the step's attended ones, so these
 * too get a gradient that finds them. A cross-entropy on "holds an object" starts it all.
 */
import { sigmoid } from '../../src/network/logistic.ts';
import { GATE_FIVE, GATE_SKIP, GATE_THREE } from '../../src/network/spec.ts';
import { between, type Random } from '../random.ts';
import { crossEntropy } from './cell-loss.ts';

/** Nats lost by a missed object cell: the cross-entropy of a confident background answer. */
const MISSED_CELL_LOSS = 3;
/** A block's gain counts up to this many nats: one sure object cell is reason enough to look. */
const MOST_GAIN = 6;
/** What a 5x5 block costs beside a 3x3 one, in units of lambda. */
const FIVE_COST = 0.6;

export interface GateChoice {
  /** Share of blocks attended by highest look logit. */
  readonly budget: number;
  /** Share of blocks attended at random besides. */
  readonly explore: number;
  /** Attend every block that holds an object: while the gates know nothing. */
  readonly teach: boolean;
  /** Chance that an attended block takes the 5x5 branch; both branches must be trained. */
  readonly five: number;
}

/** Gates [N, G, J] for training. @param logits [N * blocks, 2]; @param positives object cells a block */
export function chooseGates(
  logits: Float32Array,
  positives: Float32Array,
  batch: number,
  choice: GateChoice,
  random: Random,
): Uint8Array {
  const blocks = positives.length / batch;
  const gates = new Uint8Array(positives.length);
  const jitter = between(random, 0.75, 1.25);
  const count = Math.round(choice.budget * jitter * blocks);
  for (let n = 0; n < batch; n++) {
    const from = n * blocks;
    const order = Array.from({ length: blocks }, (_, b) => from + b);
    if (!choice.teach) order.sort((a, b) => logits[2 * b] - logits[2 * a]);
    for (let i = 0; i < blocks; i++) {
      const block = order[i];
      const chosen = choice.teach ? positives[block] > 0 : i < count;
      if (chosen || random() < choice.explore) gates[block] = random() < choice.five ? GATE_FIVE : GATE_THREE;
    }
  }
  return gates;
}

export interface BlockFacts {
  /** [N * blocks] cells of the block that show an object. */
  readonly positives: Float32Array;
  /** [N * blocks] 0 where nothing is known of the block. */
  readonly known: Float32Array;
  /** [N * blocks] what a block weighs in the cross-entropy besides its object cells; 1 where it shows none. */
  readonly importance: Float32Array;
  /** [N * blocks] loss of the block's cells, where attended. */
  readonly loss: Float32Array;
  readonly gates: Uint8Array;
}

/** Mean of `values` where `wanted`; `otherwise` when there is none. */
function meanWhere(values: Float32Array, wanted: (i: number) => boolean, otherwise: number): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (!wanted(i)) continue;
    sum += values[i];
    count++;
  }
  return count > 0 ? sum / count : otherwise;
}

/** Expected loss of looking at a block, by its number of object cells, from the attended blocks of this step. */
function lookingLoss({ positives, loss, gates }: BlockFacts): (positives: number) => number {
  const empty = meanWhere(loss, (i) => gates[i] !== GATE_SKIP && positives[i] === 0, 0.1);
  const full = meanWhere(loss, (i) => gates[i] !== GATE_SKIP && positives[i] > 0, 1);
  const cells = meanWhere(positives, (i) => gates[i] !== GATE_SKIP && positives[i] > 0, 4);
  return (count) => (count > 0 ? empty + ((full - empty) * count) / cells : empty);
}

/** Coefficients of p and f in the expected cost, every block: [N * blocks] each. */
export function expectedCost(
  facts: BlockFacts,
  lambda: number,
  fiveShare: number,
): { look: Float32Array; five: Float32Array } {
  const { positives, known, loss, gates } = facts;
  const estimate = lookingLoss(facts);
  const look = new Float32Array(gates.length);
  const five = new Float32Array(gates.length);
  for (let i = 0; i < gates.length; i++) {
    const expected = estimate(positives[i]);
    const looking = gates[i] === GATE_SKIP ? expected : loss[i];
    const gain = positives[i] * MISSED_CELL_LOSS - looking;
    look[i] = known[i] * (lambda - Math.max(-MOST_GAIN, Math.min(MOST_GAIN, gain)));
    if (gates[i] === GATE_SKIP) continue;
    // Only the branch taken has a loss; weighting by its chance makes the difference right on average.
    const surprise = Math.max(-MOST_GAIN, Math.min(MOST_GAIN, loss[i] - expected));
    const taken = gates[i] === GATE_FIVE ? surprise / fiveShare : -surprise / (1 - fiveShare);
    five[i] = known[i] * (taken + FIVE_COST * lambda);
  }
  return { look, five };
}

export interface GateLossOptions {
  readonly lambda: number;
  readonly fiveShare: number;
  /** Weight of the cross-entropy and of the expected cost. */
  readonly teachWeight: number;
  readonly costWeight: number;
}

/** The loss of the gate logits [N * blocks, 2] and its gradient. */
export function gateLoss(
  logits: Float32Array,
  facts: BlockFacts,
  options: GateLossOptions,
): { total: number; gradient: Float32Array } {
  const { positives, known, importance } = facts;
  const cost = expectedCost(facts, options.lambda, options.fiveShare);
  const gradient = new Float32Array(logits.length);
  let [objects, teach, expected] = [1, 0, 0];
  for (const count of positives) if (count > 0) objects++;
  for (let i = 0; i < positives.length; i++) {
    const [look, five] = [logits[2 * i], logits[2 * i + 1]];
    const [p, f] = [sigmoid(look), sigmoid(five)];
    const count = positives[i];
    const target = Number(count > 0);
    const weight = known[i] * importance[i] * (count > 0 ? 0.5 + Math.log1p(count * 4) / 2 : 1);
    teach += crossEntropy(look, target) * weight;
    expected += p * cost.look[i] + f * cost.five[i];
    const byLook =
      options.teachWeight * weight * (p - target) + options.costWeight * cost.look[i] * p * (1 - p);
    gradient[2 * i] = byLook / objects;
    gradient[2 * i + 1] = (options.costWeight * cost.five[i] * f * (1 - f)) / objects;
  }
  return { total: (options.teachWeight * teach + options.costWeight * expected) / objects, gradient };
}
