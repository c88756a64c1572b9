/** First weights: He normal, quiet residual branches, heads that start at the base rates of the data. */
import { HEAD_CHANNELS, type NetworkSpec, networkLayers, type Weights } from '../../src/network/spec.ts';
import { normal, seededRandom } from '../random.ts';
import { initializeGenes } from './gene-weights.ts';
import { SCENE_CLASSES, SCENE_HEADS } from './scene-heads.ts';

/** Without normalisation layers a residual branch must start small. */
const RESIDUAL_SCALE = 0.5;
const HEAD_DEVIATION = 0.01;
/** Log odds that a block holds an object, and that one wants 5x5 kernels. */
const GATE_BIAS = [-2.2, -1];
/** Medians of CamVid's boxes in the units of cell-box.ts, and log odds of a cell in an attended block. */
const HEAD_BIAS: Readonly<Record<string, Readonly<Record<(typeof HEAD_CHANNELS)[number], number>>>> = {
  person: { score: -3, quality: 0, centre: 0, width: 0.6, top: 0, bottom: 0.1 },
  pole: { score: -2.5, quality: 0, centre: 0, width: -0.6, top: 0.7, bottom: 0.7 },
};

/** Weights by name, those of the auxiliary heads among them. */
export function initializeWeights(spec: NetworkSpec, seed: number): Map<string, Float32Array> {
  const random = seededRandom(seed);
  const weights = new Map<string, Float32Array>();
  const draw = (length: number, deviation: number) =>
    Float32Array.from({ length }, () => normal(random) * deviation);
  for (const layer of networkLayers(spec)) {
    const quiet = layer.residual ? RESIDUAL_SCALE : 1;
    const fill = (name: string, kernel: number) => {
      const fanIn = kernel * kernel * layer.inputs;
      const linear = layer.activation === 'none';
      const deviation = linear ? HEAD_DEVIATION : Math.sqrt(2 / fanIn) * quiet;
      weights.set(`${name}.w`, draw(fanIn * layer.outputs, deviation));
      weights.set(`${name}.b`, new Float32Array(layer.outputs));
    };
    fill(layer.name, layer.kernel);
    if (layer.fiveByFive) fill(`${layer.name}.five`, 5);
  }
  weights.get(`${spec.attention.gate.name}.b`)!.set(GATE_BIAS);
  const head = weights.get(`${spec.detail.head.name}.b`)!;
  spec.labels.forEach((label, i) => {
    const biases = HEAD_BIAS[label] ?? HEAD_BIAS.person;
    HEAD_CHANNELS.forEach((channel, c) => {
      head[i * HEAD_CHANNELS.length + c] = biases[channel];
    });
  });
  for (const { name, inputs } of SCENE_HEADS) {
    weights.set(`${name}.w`, draw(inputs(spec) * SCENE_CLASSES, HEAD_DEVIATION));
    weights.set(`${name}.b`, new Float32Array(SCENE_CLASSES));
  }
  initializeGenes(spec, weights, random);
  return weights;
}

/**
 * Weights of an earlier network, by name and length, written over those of a new one. Residual layers that the earlier one
 * lacks begin as the identity, so that a deeper network starts where the other ended.
 */
export function takeOver(earlier: Weights, spec: NetworkSpec, weights: Map<string, Float32Array>): void {
  for (const { name, residual } of networkLayers(spec)) {
    if (residual && !earlier.has(`${name}.w`)) weights.get(`${name}.w`)?.fill(0);
  }
  for (const [name, data] of earlier) {
    if (weights.get(name)?.length === data.length) weights.set(name, data);
  }
}
