/** All losses of a part together: from the values of the network's outputs to a gradient by each. No graph. */
import { GATE_SKIP, type NetworkSpec } from '../../src/network/spec.ts';
import { mixSeed, seededRandom } from '../random.ts';
import { type Agreement, cellAgreement, gateAgreement, hasTwins } from './agreement.ts';
import type { Batch } from './batch.ts';
import { cellLoss } from './cell-loss.ts';
import { distillation, type Taught } from './distillation.ts';
import type { Values } from './forward.ts';
import { chooseGates, type GateChoice, gateLoss } from './gates.ts';
import { sceneLoss } from './scene-heads.ts';
import { attendedTruth, blockOfCells, blockScenes, blockTruth, cellScenes, sumByBlock } from './truth.ts';

const EXPECTED_COST_WEIGHT = 0.1;
/** Of the teacher's answers, where there is one. */
const TEACHER_WEIGHT = 1;

export interface JudgeOptions extends GateChoice {
  readonly lambda: number;
  /** Reward for answering a corrupted view like the clean one; 0: none. */
  readonly agreement: number;
  /** Weight of the gate losses beside the detail losses. */
  readonly gateWeight: number;
  /** By label: what a block that shows it weighs in the gates' loss; left out: 1. */
  readonly lookWeights: Readonly<Record<string, number>>;
  /** Weight of the auxiliary scene loss beside the detail losses. */
  readonly sceneWeight: number;
}

/** Losses of a part and their gradient by every output. */
export class Judge {
  readonly #spec: NetworkSpec;
  readonly #batch: Batch;
  readonly #options: JudgeOptions;
  readonly #seed: number;
  readonly #blockOf: Int32Array;
  readonly #blocks: ReturnType<typeof blockTruth>;

  constructor(spec: NetworkSpec, batch: Batch, options: JudgeOptions, seed: number) {
    this.#spec = spec;
    this.#batch = batch;
    this.#options = options;
    this.#seed = seed;
    this.#blockOf = blockOfCells(spec, batch);
    this.#blocks = blockTruth(spec, batch, this.#blockOf, options.lookWeights);
  }

  chooseGates(logits: Float32Array): Uint8Array {
    const random = seededRandom(mixSeed(this.#seed, 77));
    return chooseGates(logits, this.#blocks.positives, this.#batch.size, this.#options, random);
  }

  judge(
    values: Values,
    gates: Uint8Array,
    attended: Int32Array,
    taught?: Taught,
  ): { losses: Record<string, number>; gradients: Values } {
    const blockOf = this.#blockOf;
    const { gateWeight, sceneWeight } = this.#options;
    const cell = cellLoss(values.cells, attendedTruth(this.#spec, this.#batch, attended));
    const loss = sumByBlock(cell.rowScore, attended, blockOf, gates.length);
    const gate = gateLoss(
      values.gate,
      { ...this.#blocks, gates, loss },
      {
        lambda: this.#options.lambda,
        fiveShare: this.#options.five,
        teachWeight: 1,
        costWeight: EXPECTED_COST_WEIGHT,
      },
    );
    scaled(gate.gradient, gateWeight);
    const sceneCells = sceneLoss(values.sceneCells, cellScenes(this.#batch, attended));
    const sceneBlocks = sceneLoss(values.sceneBlocks, blockScenes(this.#batch, blockOf, gates.length));
    const scene = sceneCells.total + sceneBlocks.total;
    const agreement = this.#agreement(values, attended, gate.gradient, cell.gradient);
    const teacher = taught && learnFrom(taught, values, gate.gradient, cell.gradient);
    return {
      losses: {
        ...cell.parts,
        gate: gate.total,
        scene,
        agreement,
        ...(teacher === undefined ? {} : { teacher }),
        attended: gates.reduce((sum, g) => sum + Number(g !== GATE_SKIP), 0) / gates.length,
        total: cell.total + gate.total * gateWeight + scene * sceneWeight + agreement + (teacher ?? 0),
      },
      gradients: {
        gate: gate.gradient,
        sceneBlocks: scaled(sceneBlocks.gradient, sceneWeight),
        cells: cell.gradient,
        sceneCells: scaled(sceneCells.gradient, sceneWeight),
      },
    };
  }

  /** The weighted disagreement of twins with their clean views; its gradients are added to those given. */
  #agreement(values: Values, attended: Int32Array, gate: Float32Array, cells: Float32Array): number {
    const { twins, view } = this.#batch;
    const weight = this.#options.agreement;
    if (weight === 0 || !hasTwins(twins)) return 0;
    const cellsPerView = (view.width / this.#spec.cell) * (view.height / this.#spec.cell);
    const add = (to: Float32Array, { gradient, total }: Agreement) => {
      for (let i = 0; i < to.length; i++) to[i] += weight * gradient[i];
      return weight * total;
    };
    return (
      add(gate, gateAgreement(values.gate, twins)) +
      add(cells, cellAgreement(values.cells, attended, twins, cellsPerView))
    );
  }
}

/** The weighted divergence from the teacher; its gradients are added to those given. */
function learnFrom(taught: Taught, values: Values, gate: Float32Array, cells: Float32Array): number {
  const { total, gradient } = distillation(values, taught);
  for (let i = 0; i < gate.length; i++) gate[i] += TEACHER_WEIGHT * gradient.gate[i];
  for (let i = 0; i < cells.length; i++) cells[i] += TEACHER_WEIGHT * gradient.cells[i];
  return TEACHER_WEIGHT * total;
}

function scaled(values: Float32Array, factor: number): Float32Array {
  for (let i = 0; i < values.length; i++) values[i] *= factor;
  return values;
}
