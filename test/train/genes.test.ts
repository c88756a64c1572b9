/** Genes in training: their gradients against finite differences, backends against each other, and that they learn. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeModel } from '../../src/codec/decode-model.ts';
import { encodeModel } from '../../src/codec/encode-model.ts';
import { expandKernels, geneLayers, patternsOf, plainModel } from '../../src/network/genes.ts';
import { peopleVsPoles } from '../../src/network/people-vs-poles.ts';
import { type DictionarySpec, dictionaryShapes, type Weights, weightShapes } from '../../src/network/spec.ts';
import { openDataset } from '../../train/data/dataset.ts';
import { readPicture } from '../../train/data/instances.ts';
import { startTrainingBackend } from '../../train/loop/backend.ts';
import { storedWeights, trainedShapes, trainedWeights } from '../../train/loop/gene-weights.ts';
import { initializeWeights } from '../../train/loop/initialize.ts';
import { flatten, networkWeights, parametersOf, partOf } from '../../train/loop/parameters.ts';
import { TRAIN_SETTINGS } from '../../train/loop/settings.ts';
import { train } from '../../train/loop/trainer.ts';
import {
  chooseGenes,
  dictionaryGradients,
  forgetUnsaid,
  geneGradients,
} from '../../train/ops/gene-choice.ts';
import { geneKernels } from '../../train/ops/gene-kernels.ts';
import { normal, seededRandom } from '../../train/random.ts';
import { relativeError, tinyStep } from '../helpers/tiny-step.ts';

const DICTIONARY: DictionarySpec = { name: 'g', reach: 5, local: 3, long: 2 };
const TAPS = 25;
const PAIRS = 6;
const GENES = peopleVsPoles(
  { attention: [4, 8, 8], attentionDepth: 1, stem: [4, 8], features: 4, trunk: 8, trunkDepth: 2 },
  { local: 4, long: 3 },
);

function draw(length: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length }, () => normal(random));
}

function dictionaryWeights(): Map<string, Float32Array> {
  const length = ({ shape }: { shape: readonly number[] }) => shape.reduce((product, n) => product * n, 1);
  const shapes = dictionaryShapes(DICTIONARY);
  const weights = new Map(shapes.map((one, i) => [one.name, draw(length(one), 10 + i)]));
  return weights.set('g.density', Float32Array.of(0.2, -0.3));
}

/** The sum of the kernels that a choice expands to, each weighted: a loss whose gradient by them is `weighting`. */
function lossOf(
  kernels: Float32Array,
  weights: Map<string, Float32Array>,
  weighting: Float32Array,
): { loss: number; index: Float32Array } {
  const patterns = patternsOf(DICTIONARY, weights);
  const { index, gain } = chooseGenes(kernels, patterns, TAPS);
  const expanded = expandKernels(patterns, TAPS, index, gain);
  return { loss: expanded.reduce((sum, w, i) => sum + w * weighting[i], 0), index };
}

describe('gradients of genes', () => {
  const kernels = draw(TAPS * PAIRS, 1);
  const weighting = draw(TAPS * PAIRS, 2);
  const weights = dictionaryWeights();
  const patterns = patternsOf(DICTIONARY, weights);
  const genes = chooseGenes(kernels, patterns, TAPS);

  /** By the value at `at` of an array: the slope of a chord so short that no choice changes. */
  function slope(values: Float32Array, at: number): number {
    const held = values[at];
    const step = 2 ** -6;
    const losses = [1, -1].map((sign) => {
      values[at] = held + sign * step;
      const { loss, index } = lossOf(kernels, weights, weighting);
      expect(index).toEqual(genes.index);
      return loss;
    });
    values[at] = held;
    return (losses[0] - losses[1]) / (2 * step);
  }

  it('by every number of the dictionary are the slopes of the loss', () => {
    const { patterns: byPatterns } = geneGradients(kernels, patterns, TAPS, genes, weighting);
    const gradients = dictionaryGradients(DICTIONARY, weights, patterns, byPatterns);
    for (const [name, gradient] of gradients) {
      const values = weights.get(name)!;
      const slopes = Float32Array.from(values, (_, at) => slope(values, at));
      expect(gradient.some((g) => g !== 0)).toBe(true);
      expect(relativeError(gradient, slopes), name).toBeLessThan(2e-3);
    }
  });

  it('by the kernels beneath are the slopes too where they are not straight-through', () => {
    const { kernels: exact } = geneGradients(kernels, patterns, TAPS, genes, weighting, 0);
    const slopes = Float32Array.from(kernels, (_, at) => slope(kernels, at));
    expect(relativeError(exact, slopes)).toBeLessThan(2e-3);
    expect(geneGradients(kernels, patterns, TAPS, genes, weighting).kernels).toEqual(weighting);
  });

  it.each(['wasm', 'cpu'] as const)('come out of the op on %s', async (backend) => {
    await startTrainingBackend(backend);
    const names = dictionaryShapes(DICTIONARY);
    const x = tf.tensor4d(kernels, [5, 5, 2, 3]);
    const stored = names.map(({ name, shape }) => tf.tensor(weights.get(name)!, [...shape]));
    const dy = tf.tensor4d(weighting, [5, 5, 2, 3]);
    const grads = tf.grads((w: tf.Tensor, ...rest: tf.Tensor[]) =>
      geneKernels(w as tf.Tensor4D, DICTIONARY, (name) => rest[names.findIndex((one) => one.name === name)]),
    )([x, ...stored], dy);
    const { kernels: byKernels, patterns: byPatterns } = geneGradients(
      kernels,
      patterns,
      TAPS,
      genes,
      weighting,
    );
    const byName = dictionaryGradients(DICTIONARY, weights, patterns, byPatterns);
    expect(grads[0].dataSync()).toEqual(byKernels);
    names.forEach(({ name }, i) => {
      expect(grads[i + 1].dataSync(), name).toEqual(byName.get(name));
    });
    for (const tensor of [x, dy, ...stored, ...grads]) tensor.dispose();
  });
});

describe('the choice', () => {
  it('is the pattern and gain of least squared error', () => {
    const patterns = patternsOf(DICTIONARY, dictionaryWeights());
    const kernels = draw(TAPS * PAIRS, 5);
    const { index, gain } = chooseGenes(kernels, patterns, TAPS);
    const errorOf = (pair: number, p: number, g: number) =>
      Array.from({ length: TAPS }, (_, k) => kernels[k * PAIRS + pair] - g * patterns[p * TAPS + k]).reduce(
        (sum, e) => sum + e * e,
        0,
      );
    for (let pair = 0; pair < PAIRS; pair++) {
      const least = errorOf(pair, index[pair] - 1, gain[pair]);
      for (let p = 0; p < 5; p++) {
        for (const g of [-1, -0.2, 0, 0.2, 1]) expect(errorOf(pair, p, g)).toBeGreaterThan(least - 1e-9);
      }
      expect(errorOf(pair, index[pair] - 1, gain[pair] * 1.01)).toBeGreaterThan(least);
    }
  });

  it('is no connection where the kernel is zero', () => {
    const patterns = patternsOf(DICTIONARY, dictionaryWeights());
    const { index, gain } = chooseGenes(new Float32Array(TAPS * 2), patterns, TAPS);
    expect([...index, ...gain]).toEqual([0, 0, 0, 0]);
  });
});

describe('forgetting', () => {
  it('leaves the choice, and takes a hundredth of what it does not say', () => {
    const patterns = patternsOf(DICTIONARY, dictionaryWeights());
    const kernels = draw(TAPS * PAIRS, 6);
    const before = chooseGenes(kernels, patterns, TAPS);
    const said = expandKernels(patterns, TAPS, before.index, before.gain);
    const settled = kernels.slice();
    forgetUnsaid(settled, patterns, before);
    const after = chooseGenes(settled, patterns, TAPS);
    expect(after.index).toEqual(before.index);
    expect(relativeError(after.gain, before.gain)).toBeLessThan(1e-5);
    const wanted = kernels.map((w, i) => w + 0.01 * (said[i] - w));
    expect(relativeError(settled, wanted)).toBeLessThan(1e-6);
  });
});

describe('a training step of a network with genes', () => {
  let wasm: Awaited<ReturnType<typeof tinyStep>>;
  beforeAll(async () => {
    await startTrainingBackend('wasm');
    wasm = await tinyStep(false, GENES);
  });

  it('has the losses and the gradient of the cpu backend', async () => {
    await startTrainingBackend('cpu');
    const cpu = await tinyStep(false, GENES);
    for (const [name, value] of Object.entries(cpu.losses)) expect(wasm.losses[name]).toBeCloseTo(value, 4);
    expect(relativeError(wasm.gradient, cpu.gradient)).toBeLessThan(1e-4);
  });

  it('reaches every tensor, dictionaries and density among them, and leaves none behind', async () => {
    await startTrainingBackend('wasm');
    for (const parameter of parametersOf(GENES).list) {
      expect(
        partOf(wasm.gradient, parameter).some((g) => g !== 0),
        parameter.name,
      ).toBe(true);
    }
    const before = tf.memory().numTensors;
    await tinyStep(false, GENES);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('weights of a network with genes', () => {
  const trained = initializeWeights(GENES, 3);

  it('begin as what their genes can say', () => {
    const stored = storedWeights(GENES, trained);
    expect([...stored.keys()]).toEqual(weightShapes(GENES).map(({ name }) => name));
    const back = trainedWeights(GENES, stored);
    for (const { layer } of geneLayers(GENES)) {
      const name = `${layer.name}.w`;
      expect(relativeError(back.get(name)!, trained.get(name)!), name).toBeLessThan(1e-5);
    }
  });

  it('become a model out of the flat vector that is trained', () => {
    const parameters = parametersOf(GENES);
    const weights = networkWeights(GENES, parameters, flatten(parameters, trained));
    const model = { network: GENES, weights, scoreThresholds: {}, gateThreshold: 0, card: {} };
    const plain = plainModel(model);
    for (const { name, shape } of trainedShapes(GENES)) {
      expect(plain.weights.get(name)!.length, name).toBe(shape.reduce((product, n) => product * n, 1));
    }
  });
});

describe('the training loop', () => {
  const root = mkdtempSync(join(tmpdir(), 'saccadenet-genes-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('trains genes to a model that a file holds, dictionary and choices changed', async () => {
    const set = openDataset(new URL('../fixtures/scenes', import.meta.url).pathname);
    const pictures = set.images.slice(0, 2).map((image) => readPicture(set, image, GENES.labels));
    const settings = {
      ...{ ...TRAIN_SETTINGS, batch: 2, part: 1, warmupSteps: 1, steps: 24, peakRate: 0.05 },
      view: { width: 96, height: 64 },
    };
    const { weights } = await train(GENES, [{ name: 'fixtures', weight: 1, pictures }], settings, {
      directory: join(root, 'run'),
      resume: false,
    });
    const before = storedWeights(GENES, initializeWeights(GENES, settings.seed));
    for (const name of ['genes.local', 'genes.long', 'genes.density', 'd5.gain']) {
      expect(weights.get(name), name).not.toEqual(before.get(name));
    }
    expect(geneLayers(GENES).some(({ layer: { name } }) => !isSame(before, weights, `${name}.index`))).toBe(
      true,
    );
    const scoreThresholds = { person: 0.5, pole: 0.5 };
    const model = { network: GENES, weights, scoreThresholds, gateThreshold: 0.3, card: {} };
    const decoded = await decodeModel(encodeModel(model));
    expect(isSame(weights, decoded.weights, 'd5.index')).toBe(true);
  });
});

function isSame(a: Weights, b: Weights, name: string): boolean {
  return a.get(name)!.every((value, i) => value === b.get(name)![i]);
}
